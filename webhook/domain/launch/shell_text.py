"""Judge a launch by shell text: `sh -c TEXT`."""

from collections.abc import Sequence

from webhook.domain.expansion import Expanded, expand
from webhook.domain.launch.scripts import read_script_command, read_wrapped
from webhook.domain.launch.shell_starts import (
    ChangeOfDirectory,
    NestedShell,
    Positional,
    ScriptCommand,
    SentinelCommand,
    ServerCommand,
    ShellStart,
    find_starts,
    names_server_command,
)
from webhook.domain.launch.start_script import wrapped_options
from webhook.domain.launch.values import (
    CommandLine,
    Launch,
    NoServer,
    Onward,
    Scene,
    Server,
    ShellText,
    Site,
    Unreachable,
)
from webhook.domain.options import parse_options
from webhook.domain.reasons import Reason
from webhook.domain.shell import Unscannable


def read_shell_text(
    scene: Scene, line: CommandLine, element: int, positional_from: int
) -> Launch | Onward:
    """Judge the text at `element`; the elements from `positional_from` on are its `$0 $1 …`."""
    options = wrapped_options(line.raw[element])
    if options is not None:
        return read_wrapped(scene, line, element, options)
    expanded = expand(line.raw[element], scene.environment.get)
    try:
        starts = find_starts(expanded.text, scene.environment)
    except Unscannable as problem:
        if names_server_command(expanded.text):
            return Unreachable(reason=Reason.UNREADABLE_SHELL_TEXT, detail=str(problem))
        return scene.no_server("a shell runs something else")
    if any(isinstance(start, NestedShell) for start in starts):
        return _obscure("a server is started by a shell within the shell, or by unknown words")
    servers = [start for start in starts if _serves(start)]
    if servers:
        return _server(servers, starts, expanded, element)
    scripts = _scripts(scene, line, element, starts)
    if scripts:
        return scripts[0] if len(scripts) == 1 else _obscure("it starts servers in several ways")
    if any(isinstance(start, Positional) for start in starts):
        return Onward(start=positional_from + 1)
    if any(_watches(start) for start in starts):
        return NoServer(reason=Reason.SENTINEL, detail="a shell starts a Sentinel")
    return scene.no_server("a shell runs something else")


def _obscure(detail: str) -> Unreachable:
    return Unreachable(reason=Reason.UNREADABLE_SHELL_TEXT, detail=detail)


def _serves(start: ShellStart) -> bool:
    if not isinstance(start, ServerCommand):
        return False
    options = parse_options(start.words)
    return options.special is None and not options.sentinel


def _watches(start: ShellStart) -> bool:
    if isinstance(start, ServerCommand):
        return parse_options(start.words).sentinel
    return isinstance(start, SentinelCommand)


def _server(
    servers: Sequence[ShellStart], starts: Sequence[ShellStart], expanded: Expanded, element: int
) -> Launch:
    commands = [start for start in servers if isinstance(start, ServerCommand)]
    offsets = [expanded.raw_offset(command.offset) for command in commands]
    placed = tuple(offset for offset in offsets if offset is not None)
    if len(placed) < len(offsets):
        return _obscure("the server's words end within a $(VARIABLE) of Kubernetes")
    return Server(
        sites=tuple(
            Site(program=command.program, words=command.words, beside_others=command.background)
            for command in commands
        ),
        place=ShellText(element=element, offsets=placed),
        seen="a shell text starts the server",
        moves=any(isinstance(start, ChangeOfDirectory) for start in starts),
    )


def _scripts(
    scene: Scene, line: CommandLine, element: int, starts: Sequence[ShellStart]
) -> list[Launch]:
    launches = [
        read_script_command(scene, line, element, start)
        for start in starts
        if isinstance(start, ScriptCommand)
    ]
    return [launch for launch in launches if not isinstance(launch, NoServer)]
