"""Scripts and texts whose servers cannot be extended, and scripts that they run in turn."""

from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.launch.calls import Call
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import Nowhere
from webhook.domain.launch.launch import (
    Launch,
    ReachableServer,
    ServerStart,
    UnreachableServer,
)
from webhook.domain.launch.named_starts import named_starts
from webhook.domain.reasons import Reason
from webhook.domain.shell import Unscannable
from webhook.domain.starts.commands import ScriptCommand
from webhook.domain.starts.read_shell import read_shell
from webhook.domain.starts.reading import ShellReading
from webhook.domain.starts.unscanned import mentions_server, names_server_command


def unreadable_server(
    context: ContainerContext, text: str, reason: Reason, detail: str
) -> ReachableServer | UnreachableServer | None:
    """Evaluate a text that cannot be scanned, None where it names no server.

    What the lines that start one say is seen.
    """
    if names_server_command(text):
        starts = named_starts(text)
        is_certain = context.knows_image
        if not starts:
            return UnreachableServer(reason=reason, detail=detail, is_certain=is_certain)
        return out_of_reach(starts, Nowhere(reason=reason, detail=detail, is_certain=is_certain))
    if context.may_serve and mentions_server(text):
        return UnreachableServer(reason=reason, detail=detail, is_certain=False)
    return None


def out_of_reach(starts: tuple[ServerStart, ...], point: Nowhere) -> ReachableServer:
    """Give a server whose starts are seen, and none can be extended."""
    return ReachableServer(
        starts=starts, injection_point=point, description=point.detail, changes_directory=True
    )


def unreadable_script(detail: str, *, is_certain: bool) -> UnreachableServer:
    """Give a server behind a script that cannot be read or followed."""
    return UnreachableServer(reason=Reason.UNREADABLE_SCRIPT, detail=detail, is_certain=is_certain)


def further_server(
    context: ContainerContext, call: Call, reading: ShellReading
) -> UnreachableServer | None:
    """Find a script that this one runs, and that starts a server or may do so."""
    scripts = [start for start in reading.starts if isinstance(start, ScriptCommand)]
    for script in scripts:
        if script.path != call.path and _starts_server(context, script.path):
            name = context.shown(script.path, otherwise="a script")
            detail = f"{call.name} runs {name}, which starts a server"
            return unreadable_script(detail, is_certain=False)
    return None


def read_sourced(context: ContainerContext, command: ScriptCommand) -> Launch:
    """Evaluate a script that a shell text reads into itself, where no option can be put."""
    name = context.shown(command.path, otherwise="a script")
    if _starts_server(context, command.path):
        detail = f"{name} is run by the text's own shell"
        return unreadable_script(detail, is_certain=context.knows_image)
    return context.no_server(f"{name} runs something else")


def _starts_server(context: ContainerContext, path: str) -> bool:
    text = context.files.read(context.container, path) if path.startswith("/") else None
    if text is None:
        return False
    try:
        return bool(read_shell(text, context.environment, (UNKNOWN,)).servers)
    except Unscannable:
        return names_server_command(text)
