"""One audit: look, ask, write, and end with what was found."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from webhook.audit.asking import ExecAsker, with_live
from webhook.audit.gathering import Gap
from webhook.audit.risks import AT_RISK, Risk, risks_of
from webhook.audit.server import AuditedServer
from webhook.audit.usage import with_usage
from webhook.cli.commands.audit.access import render_access
from webhook.cli.commands.cluster_session import (
    ClusterRequest,
    ClusterSession,
    InputError,
    Looked,
    open_session,
    say,
)
from webhook.cli.commands.release_policy import PolicyNotFoundError
from webhook.cli.report.audit.outputs import render
from webhook.cli.report.audit.report import AuditReport, chosen, key_of
from webhook.cluster.execution import Executor
from webhook.cluster.prometheus import Prometheus, PrometheusError
from webhook.domain.policy.settings import Mode

LOOKED, FAILED, BAD_INPUT, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130
"""The exit codes; incomplete wins over failed: a part never reads as the whole."""

_FAILING = {
    "refused": frozenset({Risk.REFUSED}),
    "at-risk": AT_RISK,
    "any": frozenset(Risk),
    "never": frozenset[Risk](),
}

KnownRisks = frozenset[tuple[str, str, str, str, str]]
"""Findings of an earlier audit: namespace, kind, name, container, and one of its risks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(ClusterRequest):
    """What `audit` is asked for."""

    assume: str
    live: str
    prometheus: str | None
    group_by: str
    only: tuple[str, ...] | None
    sort: str
    output: str
    files: tuple[tuple[str, Path], ...]
    fail_on: str
    baseline: Path | None
    fail_on_new: bool
    check_access: bool


def run_session(request: Request) -> int:
    """Take the audit and write it; the report goes to stdout, everything else to stderr."""
    try:
        known = _read_baseline(request.baseline)
        session = open_session(request)
        if request.check_access:
            click.echo(render_access(session), nl=False)
            return LOOKED
        report = _take(request, session)
    except (InputError, PolicyNotFoundError) as error:
        click.echo(str(error), err=True)
        return BAD_INPUT
    except KeyboardInterrupt:
        click.echo("Interrupted: nothing is reported.", err=True)
        return INTERRUPTED
    try:
        _write(request, report)
    except OSError as error:
        click.echo(f"{error.filename}: cannot be written: {error.strerror}", err=True)
        return BAD_INPUT
    return _exit_code(request, report, known)


def _take(request: Request, session: ClusterSession) -> AuditReport:
    assumed = Mode(request.assume)
    looked = session.look(assumed)
    servers: tuple[AuditedServer, ...] = looked.servers
    gaps = list(looked.gaps)
    if request.live == "exec":
        pods = sum(len(server.pods) for server in servers)
        say(request, f"Asking {pods} running servers by pods/exec: INFO and CONFIG GET.")
        servers = tuple(with_live(servers, ExecAsker(executor=Executor(looked.cluster))))
    if request.prometheus is not None:
        prometheus = Prometheus(request.prometheus, seconds=request.request_timeout)
        try:
            servers = tuple(with_usage(servers, prometheus.query))
        except PrometheusError as error:
            gaps.append(Gap(namespace="", what="Prometheus", why=str(error)))
    return _report(request, looked, servers, tuple(gaps))


def _report(
    request: Request, looked: Looked, servers: tuple[AuditedServer, ...], gaps: tuple[Gap, ...]
) -> AuditReport:
    return AuditReport(
        cluster=looked.cluster.name,
        version=looked.cluster.version,
        policy=looked.policy.policy,
        policy_source=looked.policy.source,
        assumed=Mode(request.assume),
        taken_at=datetime.now(UTC),
        servers=chosen(servers, request.only or (), request.sort),
        all_servers=servers,
        namespaces=looked.namespaces,
        pods_seen=looked.pods_seen,
        gaps=gaps,
    )


def _write(request: Request, report: AuditReport) -> None:
    for output, path in request.files:
        path.write_text(render(report, output))
    is_grouped = request.group_by == "namespace" and request.output in ("table", "wide")
    click.echo(render(report, "namespaces" if is_grouped else request.output), nl=False)


def _exit_code(request: Request, report: AuditReport, known: KnownRisks) -> int:
    if report.gaps:
        for gap in report.gaps:
            say(request, f"incomplete: {gap}")
        return INCOMPLETE
    fail_on = "any" if request.fail_on_new and request.fail_on == "never" else request.fail_on
    failing = {
        (*key_of(server), str(risk))
        for server in report.all_servers
        for risk in risks_of(server)
        if risk in _FAILING[fail_on]
    }
    return FAILED if failing - (known if request.fail_on_new else frozenset()) else LOOKED


def _read_baseline(path: Path | None) -> KnownRisks:
    if path is None:
        return frozenset()
    try:
        return frozenset(_known(json.loads(path.read_text())["findings"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: is no JSON output of audit: {error!r}") from None


def _known(findings: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, str, str, str]]:
    for each in findings:
        for risk in each["risks"]:
            yield each["namespace"], each["kind"], each["name"], each["container"], risk
