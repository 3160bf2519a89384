"""Evaluate a launch by a script: the image's own, a Bitnami chart's, or one in a ConfigMap."""

from collections.abc import Sequence
from dataclasses import replace
from posixpath import basename

from webhook.domain.images.catalog import SERVER_PROGRAMS
from webhook.domain.kubernetes.config_maps import mount_over
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.launch.calls import Call, Form
from webhook.domain.launch.context import CommandLine, ContainerContext
from webhook.domain.launch.image_scripts import read_run_script
from webhook.domain.launch.launch import (
    DelegatesTo,
    Launch,
    NoServer,
    ReachableServer,
    ServerStart,
    UnreachableServer,
)
from webhook.domain.launch.run_script_calls import called_run_script, with_run_scripts
from webhook.domain.launch.script_servers import script_servers, wrapped_start
from webhook.domain.launch.start_script import Wrapped, serves_by_chart, watches_by_chart
from webhook.domain.launch.unread_scripts import (
    further_server,
    read_sourced,
    unreadable_script,
    unreadable_server,
)
from webhook.domain.reasons import Reason
from webhook.domain.redis.arguments import split_arguments
from webhook.domain.shell import Unscannable
from webhook.domain.starts.commands import (
    Prepends,
    ScriptCommand,
    SentinelCommand,
    UneditableStart,
)
from webhook.domain.starts.read_shell import read_shell
from webhook.domain.starts.reading import ShellReading
from webhook.domain.starts.server_mentions import hands_on_server


def read_script(
    context: ContainerContext, line: CommandLine, element: int, shell: str
) -> Launch | DelegatesTo:
    """Read the script at `element`, run by `shell` or, when that is empty, by its first line."""
    plain = not shell or basename(line.words[element - 1]) == shell
    added = 2 if shell else 3
    return _read(
        context,
        Call(
            path=line.words[element],
            words=line.words[element + 1 :],
            shell=shell,
            form=Form.OPERAND if shell else Form.PROGRAM,
            parameters_at=element + 1,
            before=line.raw[:element] if plain else None,
            after=line.raw[element:],
            in_command=line.in_command + (added if element < line.in_command else 0),
        ),
    )


def read_script_command(
    context: ContainerContext, line: CommandLine, element: int, command: ScriptCommand
) -> Launch:
    """Evaluate a script that the shell text at `element` runs."""
    if command.is_sourced:
        return read_sourced(context, command)
    run = f"{command.shell} {command.path}".strip()
    is_all = line.raw[element].strip() in {command.path, run, f"exec {run}"}
    replaceable = is_all and element == len(line.raw) - 1
    launch = _read(
        context,
        Call(
            path=command.path,
            words=command.words,
            shell=command.shell,
            form=Form.TEXT,
            parameters_at=None,
            before=line.raw[:element] if replaceable else None,
            after=(command.path,),
            in_command=line.in_command + (1 if element < line.in_command else 0),
        ),
    )
    if isinstance(launch, DelegatesTo) and reads_as_server(command.words):
        detail = f"{command.path} runs a server that the text names behind it"
        return unreadable_script(detail, is_certain=False)
    if isinstance(launch, DelegatesTo):
        return context.no_server(f"{command.path} runs something else")
    if isinstance(launch, ReachableServer):
        return replace(launch, is_alone=launch.is_alone and is_all)
    return launch


def read_wrapped(
    context: ContainerContext, line: CommandLine, element: int, wrapped: Wrapped
) -> Launch | DelegatesTo:
    """Evaluate a launch through the wrapper at `element`, which adds its options to every start."""
    launch = _read(
        context,
        Call(
            path=line.words[element + 1] if element + 1 < len(line.words) else "",
            words=line.words[element + 2 :],
            shell=wrapped.shell,
            form=Form.TEXT,
            parameters_at=element + 2,
            before=line.raw[:element],
            after=line.raw[element + 1 :],
            in_command=line.in_command,
        ),
    )
    if not isinstance(launch, ReachableServer):
        return launch
    added = split_arguments(wrapped.options) or ()
    starts = tuple(replace(start, words=start.words + added) for start in launch.starts)
    return replace(launch, starts=starts)


def _read(context: ContainerContext, call: Call) -> Launch | DelegatesTo:
    family = context.family
    is_known = family is not None and call.path in family.run_scripts
    is_known = is_known or serves_by_chart(call.path)
    name = call.path if is_known else context.shown(call.path, otherwise="(not shown)")
    call = replace(call, name=name)
    if family is not None and call.path in family.run_scripts:
        return read_run_script(context, family, call)
    if watches_by_chart(call.path):
        return NoServer(reason=Reason.SENTINEL, detail=f"{call.name} starts a Sentinel")
    text = context.files.read(context.container, call.path) if call.path.startswith("/") else None
    if text is not None:
        return _readable(context, call, text)
    if serves_by_chart(call.path) and family is not None and family.program in SERVER_PROGRAMS:
        start = ServerStart(program=family.program, words=(UNKNOWN,))
        return wrapped_start(call, interpreter="bash", starts=(start,), called=start.program)
    return _unreadable(context, call)


def _readable(context: ContainerContext, call: Call, text: str) -> Launch | DelegatesTo:
    try:
        reading = with_run_scripts(context, read_shell(text, context.environment, call.words))
    except Unscannable as problem:
        detail = f"{call.name}: {problem}"
        server = unreadable_server(context, text, Reason.UNREADABLE_SCRIPT, detail)
        return server or context.no_server(f"{call.name} runs something else")
    if reading.uneditable:
        return _uneditable(call, reading.uneditable)
    further = further_server(context, call, reading)
    if further is not None:
        return further
    if reading.servers:
        return script_servers(call, reading)
    if reading.runs_parameters:
        return delegate(reading, call.parameters_at or 0, len(call.words))
    if any(isinstance(start, SentinelCommand) for start in reading.starts):
        return NoServer(reason=Reason.SENTINEL, detail=f"{call.name} starts a Sentinel")
    scripts = [start for start in reading.starts if isinstance(start, ScriptCommand)]
    launch = called_run_script(context, scripts, call)
    if isinstance(launch, NoServer) and reads_as_server(call.words):
        detail = f"{call.name} does something of its own with its arguments, which name a server"
        if not reading.hands_parameters_on(0):
            return unreadable_script(detail, is_certain=False)
    return launch


def _uneditable(call: Call, starts: Sequence[UneditableStart]) -> UnreachableServer:
    is_of_text = starts[0].reason is Reason.UNREADABLE_SHELL_TEXT
    return UnreachableServer(
        reason=Reason.UNREADABLE_SCRIPT if is_of_text else starts[0].reason,
        detail=f"{call.name} starts a server by a shell within the shell, or by unknown words",
        is_certain=any(start.is_certain for start in starts),
    )


def delegate(reading: ShellReading, start: int, given: int) -> DelegatesTo:
    """Go on with the parameters that a text runs, from element `start` of the command line on."""
    return DelegatesTo(
        start=start,
        by_entrypoint=any(isinstance(each, Prepends) for each in reading.starts),
        is_closed=not reading.hands_parameters_on(given),
    )


def _unreadable(context: ContainerContext, call: Call) -> Launch:
    is_script = call.path.endswith(".sh") or (
        call.path.startswith("/") and mount_over(context.container, call.path) is not None
    )
    is_server = reads_as_server(call.words)
    if hands_on_server(call.words) or (is_script and (context.may_serve or is_server)):
        detail = f"the script {call.name} cannot be read"
        return unreadable_script(detail, is_certain=context.may_serve and is_server and is_script)
    return context.no_server(f"it runs {basename(call.name)}")


def reads_as_server(words: tuple[str, ...]) -> bool:
    """Tell a server's command line behind a script from a host name that a script waits for."""
    return (
        len(words) > 1
        and basename(words[0]) in SERVER_PROGRAMS
        and (words[1].startswith("--") or words[1].endswith(".conf"))
        and "--" not in words
    )
