"""One audit: look, ask, write, and end with what was found."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from webhook.audit.risks import AT_RISK, Risk, risks_of
from webhook.cli.commands.audit.access import render_access
from webhook.cli.commands.audit_look import AuditRequest, ask, report_of
from webhook.cli.commands.cluster_session import (
    ClusterSession,
    InputError,
    open_session,
    say,
    say_asking,
)
from webhook.cli.commands.release_policy import PolicyNotFoundError
from webhook.cli.report.audit.outputs import render
from webhook.cli.report.audit.report import AuditReport, chosen, key_of
from webhook.cli.terminal.exit_codes import BAD_INPUT, INCOMPLETE, INTERRUPTED
from webhook.domain.policy.settings import Mode

LOOKED, FAILED = 0, 1
"""The exit codes of its own; INCOMPLETE wins over FAILED: a part never reads as the whole."""

_FAILING = {
    "refused": frozenset({Risk.REFUSED}),
    "at-risk": AT_RISK,
    "any": frozenset(Risk),
    "never": frozenset[Risk](),
}

KnownRisks = frozenset[tuple[str, str, str, str, str]]
"""Findings of an earlier audit: namespace, kind, name, container, and one of its risks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(AuditRequest):
    """What `audit` is asked for."""

    assume: str
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
    if request.asks_servers:
        say_asking(request, looked.servers)
    report = report_of(ask(request, looked), assumed=assumed, taken_at=datetime.now(UTC))
    return replace(report, servers=chosen(report.servers, request.only or (), request.sort))


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
