"""Judge a launch by shell text: `sh -c TEXT`."""

from collections.abc import Sequence
from posixpath import basename

from webhook.domain.images.catalog import SERVER_PROGRAMS
from webhook.domain.kubernetes.expansion import Expanded, expand
from webhook.domain.launch.context import CommandLine, Scene
from webhook.domain.launch.injection_points import ShellText
from webhook.domain.launch.launch import Launch, NoServer, Onward, Server, Site, Unreachable
from webhook.domain.launch.scripts import read_script_command, read_wrapped
from webhook.domain.launch.shell_starts import (
    ChangeOfDirectory,
    Obscure,
    Positional,
    Prepends,
    ScriptCommand,
    SentinelCommand,
    ServerCommand,
    ShellStart,
    find_starts,
    names_server_command,
)
from webhook.domain.launch.start_script import read_wrapper
from webhook.domain.reasons import Reason
from webhook.domain.shell import Unscannable


def read_shell_text(
    scene: Scene, line: CommandLine, element: int, positional_from: int
) -> Launch | Onward:
    """Judge the text at `element`; the elements from `positional_from` on are its `$0 $1 …`."""
    wrapped = read_wrapper(line.raw[element])
    if wrapped is not None:
        return read_wrapped(scene, line, element, wrapped)
    expanded = expand(line.raw[element], scene.environment.get)
    parameters = line.words[positional_from + 1 :]
    try:
        starts = find_starts(expanded.text, scene.environment, parameters)
    except Unscannable as problem:
        if names_server_command(expanded.text):
            return _obscure(str(problem), certain=scene.knows_image)
        return scene.no_server("a shell runs something else")
    obscure = [start for start in starts if isinstance(start, Obscure)]
    if obscure:
        return _obscure(
            "a server is started by a shell within the shell, or by unknown words",
            certain=any(start.certain for start in obscure),
        )
    launches = _launches(scene, line, element, starts, expanded)
    positional = [start for start in starts if isinstance(start, Positional)]
    first = positional_from if any(p.with_zero for p in positional) else positional_from + 1
    if positional and first < len(line.words):
        return _onward(launches, starts, line.words, first)
    return _only(launches) or _no_server(scene, starts)


def _launches(
    scene: Scene,
    line: CommandLine,
    element: int,
    starts: Sequence[ShellStart],
    expanded: Expanded,
) -> list[Launch]:
    """Judge the text's own servers together, and each script that it runs."""
    servers = [start for start in starts if isinstance(start, ServerCommand)]
    launches = [_server(servers, starts, expanded, element)] if servers else []
    for start in starts:
        if isinstance(start, ScriptCommand):
            launch = read_script_command(scene, line, element, start)
            if not isinstance(launch, NoServer) and launch not in launches:
                launches.append(launch)
    return launches


def _only(launches: Sequence[Launch]) -> Launch | None:
    """Give the one launch that counts: a script which may do anything counts only alone."""
    certain = [each for each in launches if not isinstance(each, Unreachable) or each.certain]
    if len(certain) > 1:
        return _obscure("it starts servers in several ways", certain=True)
    return next(iter(certain or launches), None)


def _onward(
    launches: Sequence[Launch],
    starts: Sequence[ShellStart],
    words: Sequence[str],
    first: int,
) -> Launch | Onward:
    only = _only(launches)
    if only is None or (isinstance(only, Unreachable) and not only.certain):
        prepends = any(isinstance(start, Prepends) for start in starts)
        return Onward(start=first, by_entrypoint=prepends)
    if any(basename(word) in SERVER_PROGRAMS for word in words[first:]):
        return _obscure("it starts servers in several ways", certain=True)
    return only


def _no_server(scene: Scene, starts: Sequence[ShellStart]) -> NoServer:
    if any(isinstance(start, SentinelCommand) for start in starts):
        return NoServer(reason=Reason.SENTINEL, detail="a shell starts a Sentinel")
    return scene.no_server("a shell runs something else")


def _obscure(detail: str, *, certain: bool) -> Unreachable:
    reason = Reason.UNREADABLE_SHELL_TEXT
    return Unreachable(reason=reason, detail=detail, certain=certain)


def _server(
    commands: Sequence[ServerCommand],
    starts: Sequence[ShellStart],
    expanded: Expanded,
    element: int,
) -> Launch:
    offsets = [expanded.raw_offset(command.offset) for command in commands]
    placed = tuple(offset for offset in offsets if offset is not None)
    if len(placed) < len(offsets):
        return _obscure("the server's words end within a $(VARIABLE) of Kubernetes", certain=True)
    return Server(
        sites=tuple(
            Site(program=command.program, words=command.words, beside_others=command.background)
            for command in commands
        ),
        place=ShellText(element=element, offsets=placed),
        seen="a shell text starts the server",
        moves=any(isinstance(start, ChangeOfDirectory) for start in starts),
    )
