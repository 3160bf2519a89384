"""The audit for people at a terminal."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from webhook.audit.fate import Fate, fate_of
from webhook.audit.risks import AT_RISK, Risk, risks_of
from webhook.audit.server import AuditedServer
from webhook.cli.report.audit.advice import advice, header, incomplete, summary
from webhook.cli.report.audit.cells import COLUMNS, WIDE_COLUMNS, cells_of
from webhook.cli.report.audit.report import AuditReport
from webhook.cli.terminal.console import captured, make_console, styled

_RIGHT = ("PODS", "LIMIT", "LIMIT FOR PEAK")
_LEAST_WIDTH = 170
_WIDE_WIDTH = 260


def render_table(report: AuditReport) -> str:
    """Write one line for each server, and under them what to do."""
    return _render(report, COLUMNS, _LEAST_WIDTH)


def render_wide(report: AuditReport) -> str:
    """Write the same with everything that is known."""
    return _render(report, (*COLUMNS, *WIDE_COLUMNS), _WIDE_WIDTH)


def render_namespaces(report: AuditReport) -> str:
    """Write one line for each namespace."""
    return captured(make_console(), _parts(report, _namespaces(report)))


def _render(report: AuditReport, columns: Sequence[str], width: int) -> str:
    console = make_console()
    if not console.is_terminal:
        console.width = width  # a file has room: no name in it is to be broken
    return captured(console, _parts(report, _table(report, columns)))


def _parts(report: AuditReport, table: Table) -> Iterator[RenderableType]:
    yield styled(header(report), "dim")
    if report.servers:
        yield table
        yield Text()
    for line in incomplete(report):
        yield styled(line, "bold red")
    yield styled(summary(report), "bold")
    for line in (*advice(report), *report.notes):
        yield styled(line)


def _table(report: AuditReport, columns: Sequence[str]) -> Table:
    table = _empty(columns)
    for server in report.servers:
        cells = cells_of(server, report)
        table.add_row(*(styled(cells[name], _style(name, server)) for name in columns))
    return table


def _namespaces(report: AuditReport) -> Table:
    by_namespace: dict[str, list[AuditedServer]] = defaultdict(list)
    for server in report.servers:
        by_namespace[server.workload.namespace].append(server)
    table = _empty(("NAMESPACE", "SERVERS", *(fate.upper() for fate in Fate), "AT RISK"))
    for namespace, servers in sorted(by_namespace.items()):
        fates = [fate_of(each) for each in servers]
        at_risk = sum(bool(AT_RISK & {*risks_of(each)}) for each in servers)
        counts = (len(servers), *(fates.count(fate) for fate in Fate), at_risk)
        table.add_row(styled(namespace), *(styled(count) for count in counts))
    return table


def _empty(columns: Sequence[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in _RIGHT else "left", overflow="fold")
    return table


def _style(column: str, server: AuditedServer) -> str:
    if column == "WHEN RE-CREATED" and fate_of(server) is Fate.REFUSED:
        return "bold red"
    if column == "RISK" and AT_RISK & {*risks_of(server)}:
        return "red" if Risk.REFUSED in risks_of(server) else "yellow"
    return "yellow" if column == "NOW" and any(p.ceiling is None for p in server.pods) else ""
