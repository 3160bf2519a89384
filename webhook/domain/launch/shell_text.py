"""Evaluate a launch by shell text: `sh -c TEXT`."""

from collections.abc import Sequence
from posixpath import basename

from webhook.domain.images.catalog import SERVER_PROGRAMS
from webhook.domain.kubernetes.expansion import Expanded, expand
from webhook.domain.launch.context import CommandLine, ContainerContext
from webhook.domain.launch.injection_points import ShellText
from webhook.domain.launch.launch import (
    DelegatesTo,
    Launch,
    NoServer,
    ReachableServer,
    ServerStart,
    UnreachableServer,
)
from webhook.domain.launch.scripts import read_script_command, read_wrapped
from webhook.domain.launch.shell_starts import (
    ChangeOfDirectory,
    Positional,
    Prepends,
    ScriptCommand,
    SentinelCommand,
    ServerCommand,
    ShellStart,
    UneditableStart,
    find_starts,
    names_server_command,
)
from webhook.domain.launch.start_script import read_wrapper
from webhook.domain.reasons import Reason
from webhook.domain.shell import Unscannable


def read_shell_text(
    context: ContainerContext, line: CommandLine, element: int, positional_from: int
) -> Launch | DelegatesTo:
    """Evaluate the text at `element`; the elements from `positional_from` on are its `$0 $1 …`."""
    environment = context.environment
    wrapped = read_wrapper(line.raw[element])
    if wrapped is not None:
        return read_wrapped(context, line, element, wrapped)
    expanded = expand(line.raw[element], environment.get, environment.budget)
    parameters = line.words[positional_from + 1 :]
    try:
        starts = find_starts(expanded.text, environment, parameters)
    except Unscannable as problem:
        if names_server_command(expanded.text):
            return _uneditable(str(problem), is_certain=context.knows_image)
        return context.no_server("a shell runs something else")
    uneditable = [start for start in starts if isinstance(start, UneditableStart)]
    if uneditable:
        return _uneditable(
            "a server is started by a shell within the shell, or by unknown words",
            is_certain=any(start.is_certain for start in uneditable),
        )
    launches = _launches(context, line, element, starts, expanded)
    positional = [start for start in starts if isinstance(start, Positional)]
    first = positional_from if any(p.with_zero for p in positional) else positional_from + 1
    if positional and first < len(line.words):
        return _onward(launches, starts, line.words, first)
    return _only(launches) or _no_server(context, starts)


def _launches(
    context: ContainerContext,
    line: CommandLine,
    element: int,
    starts: Sequence[ShellStart],
    expanded: Expanded,
) -> list[Launch]:
    """Evaluate the text's own servers together, and each script that it runs."""
    servers = [start for start in starts if isinstance(start, ServerCommand)]
    launches = [_server(servers, starts, expanded, element)] if servers else []
    for start in starts:
        if isinstance(start, ScriptCommand):
            launch = read_script_command(context, line, element, start)
            if not isinstance(launch, NoServer) and launch not in launches:
                launches.append(launch)
    return launches


def _only(launches: Sequence[Launch]) -> Launch | None:
    """Give the one launch that counts: a script which may do anything counts only alone."""
    certain = [
        each for each in launches if not isinstance(each, UnreachableServer) or each.is_certain
    ]
    if len(certain) > 1:
        return _uneditable("it starts servers in several ways", is_certain=True)
    return next(iter(certain or launches), None)


def _onward(
    launches: Sequence[Launch],
    starts: Sequence[ShellStart],
    words: Sequence[str],
    first: int,
) -> Launch | DelegatesTo:
    only = _only(launches)
    if only is None or (isinstance(only, UnreachableServer) and not only.is_certain):
        prepends = any(isinstance(start, Prepends) for start in starts)
        return DelegatesTo(start=first, by_entrypoint=prepends)
    if any(basename(word) in SERVER_PROGRAMS for word in words[first:]):
        return _uneditable("it starts servers in several ways", is_certain=True)
    return only


def _no_server(context: ContainerContext, starts: Sequence[ShellStart]) -> NoServer:
    if any(isinstance(start, SentinelCommand) for start in starts):
        return NoServer(reason=Reason.SENTINEL, detail="a shell starts a Sentinel")
    return context.no_server("a shell runs something else")


def _changes_directory(start: ShellStart) -> bool:
    match start:
        case ServerCommand(may_change_directory=may_change):
            return may_change
        case _:
            return isinstance(start, ChangeOfDirectory)


def _uneditable(detail: str, *, is_certain: bool) -> UnreachableServer:
    reason = Reason.UNREADABLE_SHELL_TEXT
    return UnreachableServer(reason=reason, detail=detail, is_certain=is_certain)


def _server(
    commands: Sequence[ServerCommand],
    starts: Sequence[ShellStart],
    expanded: Expanded,
    element: int,
) -> Launch:
    offsets = [expanded.raw_offset(command.offset) for command in commands]
    placed = tuple(offset for offset in offsets if offset is not None)
    if len(placed) < len(offsets):
        return _uneditable(
            "the server's words end within a $(VARIABLE) of Kubernetes", is_certain=True
        )
    return ReachableServer(
        starts=tuple(
            ServerStart(
                program=command.program, words=command.words, beside_others=command.background
            )
            for command in commands
        ),
        injection_point=ShellText(element=element, offsets=placed),
        description="a shell text starts the server",
        changes_directory=any(map(_changes_directory, starts)),
        is_alone=all(command.is_alone for command in commands),
    )
