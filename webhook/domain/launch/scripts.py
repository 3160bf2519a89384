"""Evaluate a launch by a script: the image's own, a Bitnami chart's, or one in a ConfigMap."""

from dataclasses import replace
from posixpath import basename

from webhook.domain.images.catalog import SERVER_PROGRAMS
from webhook.domain.images.family import ByVariable
from webhook.domain.kubernetes.config_maps import mount_over
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.launch.calls import Call, Form
from webhook.domain.launch.context import CommandLine, ContainerContext
from webhook.domain.launch.image_scripts import read_run_script, read_variable
from webhook.domain.launch.injection_points import Arguments, StartScript
from webhook.domain.launch.launch import (
    DelegatesTo,
    Launch,
    NoServer,
    ReachableServer,
    ServerStart,
    UnreachableServer,
)
from webhook.domain.launch.shell_starts import (
    Positional,
    Prepends,
    ScriptCommand,
    SentinelCommand,
    ServerCommand,
    UneditableStart,
    find_starts,
    names_server_command,
)
from webhook.domain.launch.start_script import (
    Wrapped,
    editable_lines,
    interpreter_of,
    serves_by_chart,
    watches_by_chart,
)
from webhook.domain.reasons import Reason
from webhook.domain.redis.arguments import split_arguments
from webhook.domain.shell import Unscannable


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
    if isinstance(launch, DelegatesTo):
        return context.no_server("nothing follows")
    if isinstance(launch, ReachableServer) and not is_all:
        return replace(launch, is_alone=False)
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
    if family is not None and call.path in family.run_scripts:
        return read_run_script(context, family, call)
    if watches_by_chart(call.path):
        return NoServer(reason=Reason.SENTINEL, detail=f"{call.path} starts a Sentinel")
    text = context.files.read(context.container, call.path) if call.path.startswith("/") else None
    if text is not None:
        return _readable(context, call, text)
    if serves_by_chart(call.path):
        return _wrapped(call, interpreter="bash", starts=(_unseen_site(context),))
    return _unreadable(context, call)


def _unseen_site(context: ContainerContext) -> ServerStart:
    program = "redis-server" if context.family is None else context.family.program
    # The charts start these only; an image of another make is none of theirs.
    known = program if program in SERVER_PROGRAMS else "redis-server"
    return ServerStart(program=known, words=(UNKNOWN,))


def _wrapped(call: Call, *, interpreter: str, starts: tuple[ServerStart, ...]) -> Launch:
    if call.before is None or len({start.program for start in starts}) > 1:
        return UnreachableServer(
            reason=Reason.UNREADABLE_SCRIPT, detail=f"{call.path} is called in a way of its own"
        )
    lead = {Form.TEXT: (), Form.OPERAND: ("-c",), Form.PROGRAM: (interpreter, "-c")}[call.form]
    return ReachableServer(
        starts=starts,
        injection_point=StartScript(
            before=(*call.before, *lead),
            after=call.after,
            in_command=call.in_command,
            shell=interpreter,
            program=starts[0].program,
        ),
        description=f"the script {call.path} starts the server",
        changes_directory=True,
    )


def _readable(context: ContainerContext, call: Call, text: str) -> Launch | DelegatesTo:
    try:
        starts = find_starts(text, context.environment, call.words)
    except Unscannable as problem:
        if names_server_command(text):
            detail = f"{call.path}: {problem}"
            return _unreadable_script(detail, is_certain=context.knows_image)
        return context.no_server(f"{call.path} runs something else")
    servers = [start for start in starts if isinstance(start, ServerCommand)]
    if servers:
        return _script_servers(call, text, servers)
    if call.parameters_at is not None and any(isinstance(start, Positional) for start in starts):
        prepends = any(isinstance(start, Prepends) for start in starts)
        return DelegatesTo(start=call.parameters_at, by_entrypoint=prepends)
    uneditable = [start for start in starts if isinstance(start, UneditableStart)]
    if uneditable:
        detail = f"{call.path} starts a server by a shell within the shell, or by unknown words"
        return _unreadable_script(detail, is_certain=any(start.is_certain for start in uneditable))
    if any(isinstance(start, SentinelCommand) for start in starts):
        return NoServer(reason=Reason.SENTINEL, detail=f"{call.path} starts a Sentinel")
    return _called_run_script(context, [s for s in starts if isinstance(s, ScriptCommand)], call)


def _unreadable_script(detail: str, *, is_certain: bool) -> UnreachableServer:
    return UnreachableServer(reason=Reason.UNREADABLE_SCRIPT, detail=detail, is_certain=is_certain)


def _script_servers(call: Call, text: str, servers: list[ServerCommand]) -> Launch:
    starts = tuple(
        ServerStart(program=server.program, words=server.words, beside_others=server.background)
        for server in servers
    )
    # Called from a text it went through the wrapper before, and has to go through it again.
    is_alone = all(server.is_alone for server in servers)
    takes_args = call.form is not Form.TEXT and call.parameters_at is not None
    if takes_args and all(server.takes_parameters for server in servers):
        seen = f"the script {call.path} starts the server with its own arguments"
        return ReachableServer(
            starts=starts,
            injection_point=Arguments(),
            description=seen,
            changes_directory=True,
            is_alone=is_alone,
        )
    interpreter = call.shell or interpreter_of(text)
    if interpreter and editable_lines(text) == len(servers):
        launch = _wrapped(call, interpreter=interpreter, starts=starts)
        if isinstance(launch, ReachableServer):
            return replace(launch, is_alone=is_alone)
        return launch
    detail = f"the line of {call.path} that starts the server cannot be extended"
    return _unreadable_script(detail, is_certain=True)


def _called_run_script(
    context: ContainerContext, commands: list[ScriptCommand], call: Call
) -> Launch:
    family = context.family
    if (
        family is not None
        and isinstance(family.start, ByVariable)
        and any(command.path in family.run_scripts for command in commands)
    ):
        return read_variable(context, family, family.start)
    return context.no_server(f"{call.path} runs something else")


def _unreadable(context: ContainerContext, call: Call) -> Launch:
    is_script = call.path.endswith(".sh") or (
        call.path.startswith("/") and mount_over(context.container, call.path) is not None
    )
    reads_as_server = _reads_as_server(call.words)
    may_serve = (context.knows_image and not context.runs_to_completion) or reads_as_server
    if not is_script or not may_serve:
        return context.no_server(f"it runs {basename(call.path)}")
    detail = f"the script {call.path} cannot be read"
    return _unreadable_script(detail, is_certain=context.knows_image and reads_as_server)


def _reads_as_server(words: tuple[str, ...]) -> bool:
    """Tell a server's command line behind a script from a host name that a script waits for."""
    return (
        len(words) > 1
        and basename(words[0]) in SERVER_PROGRAMS
        and (words[1].startswith("--") or words[1].endswith(".conf"))
        and "--" not in words
    )
