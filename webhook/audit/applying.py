"""Do what was planned, one server after the other, and read back; and take it back again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from webhook.audit.apply_plan import Change, Setting
from webhook.audit.asking import Ask
from webhook.audit.live import LiveServer
from webhook.audit.live_script import question
from webhook.cluster.execution import ExecTarget
from webhook.domain.kubernetes.pod import Container


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was set on one server. `run_id` is that of its process: another one has lost it.

    `problem` is empty where everything was read back as it was set.
    """

    workload: str
    target: ExecTarget
    run_id: str
    settings: tuple[Setting, ...]
    problem: str = ""


def apply_changes(changes: Iterable[Change], ask: Ask) -> Iterator[Applied]:
    """Set each change and say what became of it; a server that fails stops no other."""
    for change in changes:
        target = ExecTarget(
            namespace=change.server.workload.namespace,
            pod=change.pod.pod,
            container=change.pod.standing.container.name,
        )
        nothing = Applied(
            workload=str(change.server.workload),
            target=target,
            run_id=change.live.run_id,
            settings=(),
        )
        yield set_on(nothing, change.pod.standing.container, change.settings, ask)


def set_on(
    server: Applied, container: Container, settings: tuple[Setting, ...], ask: Ask
) -> Applied:
    """Set directives on a server and read them back."""
    asked = question(container, [(each.directive, each.after) for each in settings])
    answer = ask(server.target, asked)
    if not isinstance(answer, LiveServer):
        # It may have been set: what is not known to hold is recorded, so that it can be undone.
        return replace(server, settings=settings, problem=f"not read back: {answer}")
    done = tuple(each for each in settings if _holds(answer, each))
    problem = "; ".join(_problem(answer, each) for each in settings if each not in done)
    return replace(server, settings=done, problem=problem)


def undo(applied: Applied, container: Container, live: LiveServer, ask: Ask) -> Applied:
    """Set what was before, where the same process runs and nobody has changed it since."""
    if live.run_id != applied.run_id:
        return not_set(applied, "it has restarted since, and has its own again")
    changed = [each for each in applied.settings if not _holds(live, each)]
    if changed:
        names = ", ".join(each.directive for each in changed)
        return not_set(applied, f"{names} was changed since")
    settings = tuple(
        Setting(directive=each.directive, before=each.after, after=each.before)
        for each in reversed(applied.settings)
    )
    return set_on(applied, container, settings, ask)


def not_set(applied: Applied, why: str) -> Applied:
    """Say of a server of the record why nothing was set on it."""
    return replace(applied, settings=(), problem=why)


def _holds(live: LiveServer, setting: Setting) -> bool:
    values: Mapping[str, str | None] = {
        "maxmemory": str(live.maxmemory),
        "maxmemory-policy": live.eviction_policy,
        "save": live.saves,
    }
    return values[setting.directive] == setting.after


def _problem(live: LiveServer, setting: Setting) -> str:
    said = live.settings.get(setting.directive, "not set")
    return f"{setting.directive}: {said or 'does not hold'}"
