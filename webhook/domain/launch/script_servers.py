"""Where options reach the servers that a readable script starts: its arguments, or the wrapper."""

from dataclasses import replace

from webhook.domain.launch.calls import Call, Form
from webhook.domain.launch.concurrency import starts_of
from webhook.domain.launch.injection_points import Arguments, Nowhere, StartScript
from webhook.domain.launch.launch import Launch, ReachableServer, ServerStart
from webhook.domain.launch.start_script import extended_at, interpreter_of, knows_itself
from webhook.domain.launch.unread_scripts import out_of_reach, unreadable_script
from webhook.domain.reasons import Reason
from webhook.domain.starts.reading import ShellReading


def script_servers(call: Call, reading: ShellReading) -> Launch:
    """Evaluate a script that starts servers: by its own arguments, else by the wrapper."""
    servers = reading.servers
    starts = starts_of(servers, reading.text, reading.program)
    # Called from a text it went through the wrapper before, and has to go through it again.
    takes_args = call.form is not Form.TEXT and call.parameters_at is not None
    is_handed_on = all(server.handed_on for server in servers) and not reading.runs_parameters
    hands_on = reading.hands_parameters_on(len(call.words))
    if takes_args and is_handed_on and hands_on:
        seen = f"the script {call.name} starts the server with its own arguments"
        return ReachableServer(
            starts=starts,
            injection_point=Arguments(),
            description=seen,
            changes_directory=True,
            is_alone=reading.is_alone,
        )
    looks_at_them = f"{call.name} looks at its parameters, which options would be"
    if reading.runs_parameters:
        return unreadable_script(looks_at_them, is_certain=True)
    if is_handed_on and not hands_on:
        point = Nowhere(reason=Reason.UNREADABLE_SCRIPT, detail=looks_at_them)
        return out_of_reach(starts, point)
    return _by_wrapper(call, reading, starts)


def wrapped_start(
    call: Call, *, interpreter: str, starts: tuple[ServerStart, ...], called: str
) -> Launch:
    """Run the script through the wrapper, which adds its options where it starts `called`."""
    if call.before is None:
        return unreadable_script(f"{call.name} is called in a way of its own", is_certain=True)
    lead = {Form.TEXT: (), Form.OPERAND: ("-c",), Form.PROGRAM: (interpreter, "-c")}[call.form]
    return ReachableServer(
        starts=starts,
        injection_point=StartScript(
            before=(*call.before, *lead),
            after=call.after,
            in_command=call.in_command,
            shell=interpreter,
            program=called,
        ),
        description=f"the script {call.name} starts the server",
        changes_directory=True,
    )


def _by_wrapper(call: Call, reading: ShellReading, starts: tuple[ServerStart, ...]) -> Launch:
    text, servers = reading.text, reading.servers
    interpreter = call.shell or interpreter_of(text)
    program, *others = {server.called for server in servers}
    lines = {server.command.end for server in servers}
    if not interpreter or others or extended_at(text, program) != lines:
        detail = f"the line of {call.name} that starts the server cannot be extended"
        return out_of_reach(starts, Nowhere(reason=Reason.UNREADABLE_SCRIPT, detail=detail))
    if knows_itself(text, call.path, reading.program):
        detail = f"{call.name} asks how it is called, or runs itself again"
        return out_of_reach(starts, Nowhere(reason=Reason.UNREADABLE_SCRIPT, detail=detail))
    launch = wrapped_start(call, interpreter=interpreter, starts=starts, called=program)
    if isinstance(launch, ReachableServer):
        return replace(launch, is_alone=reading.is_alone)
    return launch
