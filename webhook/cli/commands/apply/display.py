"""The plan and the result of `apply`, for people and as JSON."""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from webhook.audit.apply_plan import Change, Setting, Step, Untouched
from webhook.audit.applying import Applied
from webhook.cli.commands.apply.record import encode_applied
from webhook.cli.report.text import json_text
from webhook.cli.terminal.console import captured, make_console, styled
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes

_WIDTH = 160
LASTS = "What is set lasts until the container restarts; its next Pod is evaluated by the webhook."


def render_plan(steps: Sequence[Step]) -> str:
    """Write what would be set on which Pod, with what it holds, and what comes of it."""
    console = make_console()
    if not console.is_terminal:
        console.width = _WIDTH
    return captured(console, _plan(steps))


def render_plan_as_json(steps: Sequence[Step], applied: Sequence[Applied] | None) -> str:
    """Write the plan, and what became of it where it was done."""
    content: dict[str, object] = {
        "schemaVersion": 1,
        "plan": [_encode_step(step) for step in steps],
    }
    if applied is not None:
        content["applied"] = [encode_applied(each) for each in applied]
    return json_text(content)


def line_of(applied: Applied) -> str:
    """Say in one line what was set on a server."""
    target = applied.target
    done = ", ".join(f"{each.directive} {_value(each)}" for each in applied.settings)
    problem = f" FAILED: {applied.problem}" if applied.problem else ""
    return f"{target.namespace}/{target.pod} {target.container}: {done or 'nothing set'}{problem}"


def _plan(steps: Sequence[Step]) -> Iterator[RenderableType]:
    changes = [step for step in steps if isinstance(step, Change)]
    if changes:
        yield _table(changes)
        yield Text()
        for change in changes:
            for effect in change.effects:
                yield styled(f"{_pod(change)}: {effect}", "yellow")
    for step in steps:
        if isinstance(step, Untouched):
            yield styled(f"{_pod(step)}: left alone: {step.why}", "dim")
    count = len(changes)
    yield styled(f"{count} {'server' if count == 1 else 'servers'} to set. {LASTS}", "bold")


def _table(changes: Sequence[Change]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    for name in ("NAMESPACE", "WORKLOAD", "POD", "ROLE", "LIMIT", "USED", "SET"):
        table.add_column(name, justify="right" if name in ("LIMIT", "USED") else "left")
    for change in changes:
        sizing = change.pod.anew.sizing
        table.add_row(
            styled(change.server.workload.namespace),
            styled(change.server.workload),
            styled(change.pod.pod),
            styled("replica" if change.live.is_replica else change.live.role),
            styled(format_bytes(sizing.limit) if sizing else "-"),
            styled(format_mebibytes(change.live.used)),
            styled(", ".join(f"{each.directive} {_value(each)}" for each in change.settings)),
        )
    return table


def _value(setting: Setting) -> str:
    if setting.directive != "maxmemory":
        return f"{setting.before or 'none'} → {setting.after or 'none'}"
    before, after = (int(text) for text in (setting.before, setting.after))
    return f"{_amount(before)} → {_amount(after)}"


def _amount(count: int) -> str:
    return format_mebibytes(count) if count else "none"


def _pod(step: Step) -> str:
    return f"{step.server.workload.namespace}/{step.pod.pod}"


def _encode_step(step: Step) -> dict[str, object]:
    workload = step.server.workload
    where: dict[str, object] = {
        "namespace": workload.namespace,
        "kind": workload.kind,
        "name": workload.name,
        "pod": step.pod.pod,
        "container": step.pod.standing.container.name,
    }
    match step:
        case Untouched(why=why):
            return {**where, "settings": [], "untouched": why}
        case Change(settings=settings, effects=effects, live=live):
            return {
                **where,
                "usedBytes": live.used,
                "settings": [
                    {"directive": each.directive, "before": each.before, "after": each.after}
                    for each in settings
                ],
                "effects": list(effects),
            }
