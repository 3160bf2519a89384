"""Evaluate a launch by shell text: `sh -c TEXT`."""

import re
from collections.abc import Sequence

from webhook.domain.images.catalog import SERVER_WORD
from webhook.domain.kubernetes.expansion import Expanded, expand
from webhook.domain.launch.concurrency import starts_of
from webhook.domain.launch.context import CommandLine, ContainerContext
from webhook.domain.launch.injection_points import ShellText
from webhook.domain.launch.launch import (
    DelegatesTo,
    Launch,
    NoServer,
    ReachableServer,
    UnreachableServer,
)
from webhook.domain.launch.run_script_calls import with_run_scripts
from webhook.domain.launch.scripts import (
    delegate,
    read_script_command,
    read_wrapped,
    reads_as_server,
)
from webhook.domain.launch.start_script import read_wrapper
from webhook.domain.launch.unread_scripts import unreadable_server
from webhook.domain.reasons import Reason
from webhook.domain.shell import Unscannable
from webhook.domain.starts.commands import (
    ChangeOfDirectory,
    ScriptCommand,
    SentinelCommand,
    ServerCommand,
    ShellStart,
)
from webhook.domain.starts.read_shell import read_shell
from webhook.domain.starts.reading import ShellReading

_SERVER = re.compile(SERVER_WORD)


def read_shell_text(
    context: ContainerContext, line: CommandLine, element: int, positional_from: int
) -> Launch | DelegatesTo:
    """Evaluate the text at `element`; the elements from `positional_from` on are its `$0 $1 …`."""
    wrapped = read_wrapper(line.raw[element])
    if wrapped is not None:
        return read_wrapped(context, line, element, wrapped)
    environment = context.environment
    expanded = expand(line.raw[element], environment.get, environment.budget)
    parameters = line.words[positional_from + 1 :]
    try:
        reading = read_shell(expanded.text, environment, parameters)
    except Unscannable as problem:
        reason = Reason.UNREADABLE_SHELL_TEXT
        launch = unreadable_server(context, expanded.text, reason, str(problem))
        return launch or context.no_server("a shell runs something else")
    reading = with_run_scripts(context, reading)
    if reading.uneditable:
        return _uneditable(
            "a server is started by a shell within the shell, or by unknown words",
            is_certain=any(start.is_certain for start in reading.uneditable),
            reason=reading.uneditable[0].reason,
        )
    launches = _launches(context, line, element, reading, expanded)
    positional = reading.runs_parameters
    first = positional_from if any(p.with_zero for p in positional) else positional_from + 1
    if positional and first < len(line.words):
        return _onward(launches, reading, line, first, given=len(parameters))
    return _only(launches) or _without_server(context, reading, parameters)


def _launches(
    context: ContainerContext,
    line: CommandLine,
    element: int,
    reading: ShellReading,
    expanded: Expanded,
) -> list[Launch]:
    """Evaluate the text's own servers together, and each script that it runs."""
    launches = [_server(reading, expanded, element)] if reading.servers else []
    for start in reading.starts:
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
    launches: Sequence[Launch], reading: ShellReading, line: CommandLine, first: int, *, given: int
) -> Launch | DelegatesTo:
    only = _only(launches)
    if only is None or (isinstance(only, UnreachableServer) and not only.is_certain):
        return delegate(reading, first, given)
    if any(_SERVER.search(word) is not None for word in line.words[first:]):
        return _uneditable("it starts servers in several ways", is_certain=True)
    return only


def _without_server(
    context: ContainerContext, reading: ShellReading, parameters: tuple[str, ...]
) -> Launch:
    """Evaluate a text that starts no server, as far as can be seen."""
    if reads_as_server(parameters) and not reading.hands_parameters_on(0):
        return UnreachableServer(
            reason=Reason.LAUNCH_UNDECIDABLE,
            detail="it does something of its own with its parameters, which name a server",
            is_certain=False,
        )
    if any(isinstance(start, SentinelCommand) for start in reading.starts):
        return NoServer(reason=Reason.SENTINEL, detail="a shell starts a Sentinel")
    return context.no_server("a shell runs something else")


def _changes_directory(start: ShellStart) -> bool:
    match start:
        case ServerCommand(may_change_directory=may_change):
            return may_change
        case _:
            return isinstance(start, ChangeOfDirectory)


def _uneditable(
    detail: str, *, is_certain: bool, reason: Reason = Reason.UNREADABLE_SHELL_TEXT
) -> UnreachableServer:
    return UnreachableServer(reason=reason, detail=detail, is_certain=is_certain)


def _server(reading: ShellReading, expanded: Expanded, element: int) -> Launch:
    offsets = [expanded.raw_offset(server.command.end) for server in reading.servers]
    placed = tuple(offset for offset in offsets if offset is not None)
    if len(placed) < len(offsets):
        return _uneditable(
            "the server's words end within a $(VARIABLE) of Kubernetes", is_certain=True
        )
    return ReachableServer(
        starts=starts_of(reading.servers, reading.text, reading.program),
        injection_point=ShellText(element=element, offsets=placed),
        description="a shell text starts the server",
        changes_directory=any(map(_changes_directory, reading.starts)),
        is_alone=reading.is_alone,
    )
