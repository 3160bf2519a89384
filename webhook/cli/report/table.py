"""The report for people: a table of the servers, then what each of them needs."""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from webhook.cli.report.finding import Finding, Report
from webhook.cli.report.verdict_text import verdict_text
from webhook.cli.terminal.console import captured, make_console, styled
from webhook.domain.evaluation.evidence import summary
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.evaluation.remedies import remedies
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes

_WIDTH_OF_THE_TABLE = 90
_WITH_REMEDY = (Verdict.DENY, Verdict.ADJUST, Verdict.UNENFORCEABLE)
_NOTHING = "-"


def render_table(report: Report, *, show_all: bool) -> str:
    """Write the report; with `show_all` also the containers that are no server."""
    console = make_console()
    shown = report.findings if show_all else report.servers
    return captured(console, _parts(report, shown, is_wide=console.width >= _WIDTH_OF_THE_TABLE))


def _parts(report: Report, shown: Sequence[Finding], *, is_wide: bool) -> Iterator[RenderableType]:
    if shown and is_wide:
        yield _table(shown)
        yield Text()
    for finding in shown:
        yield from _advice(finding, is_in_table=is_wide)
    if note := summary(each.outcome.remedied or each.outcome for each in report.findings):
        yield from (styled(line, "dim") for line in note)
        yield Text()
    for name in report.wanted:
        yield styled(f"ConfigMap {name} is not in the input; with it more could be told.", "dim")
    yield styled(_summary(report), "bold")


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column("WORKLOAD", overflow="fold")
    table.add_column("CONTAINER", overflow="fold")
    table.add_column("VERDICT", overflow="fold")
    for name in ("LIMIT", "MAXMEMORY"):
        table.add_column(name, justify="right", overflow="fold")
    for name in ("EVICTION", "PROFILE"):
        table.add_column(name, overflow="fold")
    for finding in findings:
        table.add_row(*_cells(finding))
    return table


def _cells(finding: Finding) -> Iterator[Text]:
    outcome = finding.outcome
    sizing = outcome.sizing
    yield styled(finding.workload)
    yield styled(outcome.container.name)
    yield verdict_text(finding)
    yield styled(_NOTHING if finding.limit is None else format_bytes(finding.limit))
    yield styled(format_mebibytes(sizing.maxmemory) if sizing else _NOTHING)
    yield styled(outcome.eviction_policy or _NOTHING)
    yield styled(sizing.profile if sizing else _NOTHING)


def _advice(finding: Finding, *, is_in_table: bool) -> Iterator[RenderableType]:
    outcome = finding.outcome
    needs_word = not is_in_table or outcome.denied or outcome.verdict in _WITH_REMEDY
    if not needs_word and not finding.warnings:
        return
    yield Text.assemble(styled(finding.location, "bold"), " ", styled(finding.title))
    if needs_word:
        message = styled(f" ({outcome.reason}): {outcome.message}")
        yield _indented(Text.assemble(verdict_text(finding), message))
    if outcome.denied or outcome.verdict in _WITH_REMEDY:
        yield from (_indented(styled(text), 4) for text in remedies(outcome))
    for warning in finding.warnings:
        yield _indented(
            Text.assemble(
                styled("warning", "yellow"), f" ({warning.reason}): ", styled(warning.message)
            )
        )
    yield Text()


def _indented(text: Text, columns: int = 2) -> Padding:
    return Padding(text, (0, 0, 0, columns))


def _summary(report: Report) -> str:
    verdicts = [
        f"{count} {verdict}"
        for verdict, count in report.verdicts.items()
        if count and verdict is not Verdict.IGNORE
    ]
    counted = f": {', '.join(verdicts)}" if verdicts else ""
    refused = len(report.denied)
    ending = f"; {refused} would be denied" if refused else ""
    return (
        f"{_count(len(report.servers), 'Redis server')} in "
        f"{_count(report.workloads, 'workload')}{counted}{ending}."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
