"""The audit as CSV (RFC 4180) and as a Markdown table."""

import csv
import io
from collections.abc import Iterator

from webhook.cli.report.audit.advice import advice, header, incomplete, summary
from webhook.cli.report.audit.cells import COLUMNS, WIDE_COLUMNS, cells_of
from webhook.cli.report.audit.report import AuditReport

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render_csv(report: AuditReport) -> str:
    """Write one record for each server, with every column; an incomplete audit says so last."""
    output = io.StringIO()
    writer = csv.writer(output)
    columns = (*COLUMNS, *WIDE_COLUMNS)
    writer.writerow(columns)
    for server in report.servers:
        cells = cells_of(server, report)
        writer.writerow(_harmless(cells[name]) for name in columns)
    for gap in report.gaps:
        writer.writerow([_harmless(gap.namespace), "INCOMPLETE", _harmless(gap.what), gap.why])
    return output.getvalue()


def render_markdown(report: AuditReport) -> str:
    """Write the table and the advice for an issue or a pull request."""
    return "".join(f"{line}\n" for line in _markdown(report))


def _markdown(report: AuditReport) -> Iterator[str]:
    yield _escaped(header(report))
    yield ""
    if report.servers:
        yield f"| {' | '.join(COLUMNS)} |"
        yield f"|{'---|' * len(COLUMNS)}"
        for server in report.servers:
            cells = cells_of(server, report)
            yield f"| {' | '.join(_escaped(cells[name]) for name in COLUMNS)} |"
        yield ""
    for line in incomplete(report):
        yield f"- **{_escaped(line.strip())}**"
    yield f"**{_escaped(summary(report))}**"
    yield ""
    yield from (_escaped(line.strip()) for line in advice(report))


def _escaped(text: str) -> str:
    """Keep names from being markup: they come from anyone."""
    text = " ".join(text.split())
    return "".join(f"\\{each}" if each in "\\|`*_<>[]" else each for each in text)


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) and text != "-" else text
