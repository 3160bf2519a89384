"""One `apply`: look, ask, plan, and with --yes do it; or undo an earlier one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from webhook.audit.apply_plan import Change, Step, plan_apply
from webhook.audit.applying import Applied, apply_changes, not_set, undo
from webhook.audit.asking import Ask, with_live
from webhook.audit.live import LiveServer
from webhook.audit.live_script import question
from webhook.audit.server import AuditedServer
from webhook.cli.commands.apply.display import line_of, render_plan, render_plan_as_json
from webhook.cli.commands.apply.record import ApplyRecordError, read_record, write_record
from webhook.cli.commands.audit_look import asker_of
from webhook.cli.commands.cluster_session import (
    ClusterRequest,
    ClusterSession,
    InputError,
    open_session,
    say,
    say_asking,
)
from webhook.cli.commands.release_policy import PolicyNotFoundError
from webhook.cli.terminal.exit_codes import BAD_INPUT, INCOMPLETE, INTERRUPTED
from webhook.cluster.connection import ClusterError
from webhook.domain.kubernetes.fields import PodError
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.kubernetes.pod import Container
from webhook.domain.policy.settings import Mode

DONE, FAILED = 0, 1
_NOTHING_SET = "Nothing was set; --yes sets it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(ClusterRequest):
    """What `apply` is asked for."""

    workloads: tuple[str, ...]
    yes: bool
    evict: bool
    output: str
    record: Path | None
    undo: Path | None


def run_session(request: Request) -> int:
    """Plan, and do it where that was asked for; plan and result go to stdout."""
    try:
        if request.undo is not None:
            return _undo(request, read_record(request.undo))
        return _apply(request)
    except (InputError, PolicyNotFoundError, ApplyRecordError) as error:
        click.echo(str(error), err=True)
        return BAD_INPUT
    except OSError as error:
        click.echo(f"{error.filename}: cannot be written: {error.strerror}", err=True)
        return BAD_INPUT
    except KeyboardInterrupt:
        click.echo("Interrupted. What was set before is in the record.", err=True)
        return INTERRUPTED


def _apply(request: Request) -> int:
    session = open_session(request)
    looked = session.look(Mode.ENFORCE)
    for gap in looked.gaps:
        click.echo(f"incomplete: {gap}", err=True)
    servers = _chosen(looked.servers, request.workloads)
    say_asking(request, servers)
    ask = asker_of(session.cluster)
    headroom = session.policy.policy.headroom
    steps = plan_apply(with_live(servers, ask), headroom, evicts=request.evict)
    applied = _carry_out(request, steps, ask)
    if any(each.problem for each in applied):
        return FAILED
    return INCOMPLETE if looked.gaps else DONE


def _chosen(servers: Iterable[AuditedServer], names: Sequence[str]) -> Sequence[AuditedServer]:
    """Choose the servers of the workloads and Pods that are named; without a name all of them."""
    if not names:
        return tuple(servers)
    wanted = {name.lower() for name in names}
    chosen = [server for server in servers if wanted & _names(server)]
    if not chosen:
        raise InputError(f"no Redis server is of {', '.join(names)}")
    return chosen


def _names(server: AuditedServer) -> set[str]:
    workload = server.workload
    return {f"{workload.kind.lower()}/{workload.name}", *(f"pod/{pod.pod}" for pod in server.pods)}


def _carry_out(request: Request, steps: Sequence[Step], ask: Ask) -> Sequence[Applied]:
    """Write the plan and, with --yes, do it and write what came of it."""
    if request.output == "table":
        click.echo(render_plan(steps), nl=False)
    applied = _do(request, steps, ask) if request.yes else None
    if request.output == "json":
        click.echo(render_plan_as_json(steps, applied), nl=False)
    elif applied is None and any(isinstance(step, Change) for step in steps):
        click.echo(_NOTHING_SET)
    return applied or ()


def _do(request: Request, steps: Sequence[Step], ask: Ask) -> Sequence[Applied]:
    """Set one server after the other; the record is written after each."""
    changes = [step for step in steps if isinstance(step, Change)]
    path = request.record or _new_record()
    applied: list[Applied] = []
    if changes:
        write_record(path, applied)  # where it cannot be written, nothing is set
    for each in apply_changes(changes, ask):
        applied.append(each)
        write_record(path, applied)
        if request.output == "table":
            click.echo(line_of(each))
    if changes:
        say(request, f"To undo it: redis-memory-guard apply --undo {path} --yes")
    return applied


def _undo(request: Request, recorded: Sequence[Applied]) -> int:
    session = open_session(request)
    todo = [each for each in recorded if each.settings]
    if not request.yes:
        for each in todo:
            settings = ", ".join(f"{s.directive} {s.before or 'none'}" for s in each.settings)
            click.echo(f"{each.target.namespace}/{each.target.pod}: would set {settings}")
        click.echo(_NOTHING_SET)
        return DONE
    ask = asker_of(session.cluster)
    done = [_undo_one(session, each, ask) for each in reversed(todo)]
    for each in done:
        click.echo(line_of(each))
    return FAILED if any(each.problem for each in done) else DONE


def _undo_one(session: ClusterSession, applied: Applied, ask: Ask) -> Applied:
    try:
        container = _container(session, applied)
    except (ClusterError, PodError) as error:
        container, why = None, str(error)
    else:
        why = "its Pod is gone"
    if container is None:
        return not_set(applied, why)
    live = ask(applied.target, question(container))
    if not isinstance(live, LiveServer):
        return not_set(applied, f"it tells nothing: {live}")
    return undo(applied, container, live, ask)


def _container(session: ClusterSession, applied: Applied) -> Container | None:
    manifest = session.reader.get("Pod", applied.target.namespace, applied.target.pod)
    if manifest is None:
        return None
    containers = parse_pod(manifest).containers
    return next((each for each in containers if each.name == applied.target.container), None)


def _new_record() -> Path:
    return Path(f"redis-memory-guard-applied-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json")
