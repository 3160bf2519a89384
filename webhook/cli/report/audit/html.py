"""The audit as one HTML file that needs nothing else.

It has tiles, a table that sorts and filters, and the steps of each evaluation; it prints.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from webhook.audit.fate import Fate, fate_of
from webhook.audit.risks import AT_RISK, SENTENCES, risks_of
from webhook.audit.server import AuditedServer
from webhook.cli.report.audit.advice import (
    advice,
    header,
    incomplete,
    restart_command,
    summary,
)
from webhook.cli.report.audit.cells import COLUMNS, WIDE_COLUMNS, cells_of
from webhook.cli.report.audit.report import AuditReport
from webhook.cli.terminal.printable import printable
from webhook.domain.evaluation.remedies import remedies
from webhook.domain.redis.command_line import render_options

_TILES = {
    Fate.REFUSED: "would be refused",
    Fate.UNREACHABLE: "cannot be reached",
    Fate.CEILING: "would get a ceiling",
    Fate.RESPECTED: "are respected",
    Fate.EXEMPT: "are exempt",
}


def render_html(report: AuditReport) -> str:
    """Write the page; every text of the cluster is escaped."""
    # The file is opened from a disk or a mail: names in it come from anyone.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(
        (files("webhook.cli.report.audit") / "audit.html.j2").read_text()
    )
    return template.render(
        title=f"Redis in {printable(report.cluster)}",
        header=printable(header(report)),
        taken_at=report.taken_at.isoformat(sep=" ", timespec="minutes"),
        summary=printable(summary(report)),
        incomplete=[printable(line) for line in incomplete(report)],
        tiles=list(_tiles(report)),
        columns=COLUMNS,
        servers=[_server(server, report) for server in report.servers],
        advice=[printable(line) for line in advice(report)],
    )


def _tiles(report: AuditReport) -> Iterator[Mapping[str, object]]:
    yield {"name": "all", "count": len(report.all_servers), "words": "Redis servers"}
    for fate, words in _TILES.items():
        yield {"name": str(fate), "count": report.fates[fate], "words": words}
    at_risk = sum(bool(AT_RISK & {*risks_of(each)}) for each in report.all_servers)
    yield {"name": "at-risk", "count": at_risk, "words": "at risk"}


def _server(server: AuditedServer, report: AuditReport) -> Mapping[str, object]:
    cells = {name: printable(text) for name, text in cells_of(server, report).items()}
    outcome = server.outcome
    at_risk = bool(AT_RISK & {*risks_of(server)})
    return {
        "cells": [cells[name] for name in COLUMNS],
        "fate": str(fate_of(server)),
        "tags": " ".join(["all", str(fate_of(server)), *(["at-risk"] if at_risk else [])]),
        "at_risk": at_risk,
        "more": [(name, cells[name]) for name in WIDE_COLUMNS],
        "risks": [(str(risk), SENTENCES[risk]) for risk in risks_of(server)],
        "steps": [printable(step) for step in outcome.steps],
        "verdict": f"{outcome.verdict} ({outcome.reason})",
        "message": printable(outcome.message),
        "options": printable(render_options(outcome.options)) if outcome.options else "",
        "remedies": [printable(text) for text in remedies(outcome)],
        "warnings": [(str(each.reason), printable(each.message)) for each in outcome.warnings],
        "restart": restart_command(server),
    }
