"""docs/headroom.md: the tables of what was measured, out of the committed results."""

import re
from collections.abc import Mapping

from benchmarks.headroom import results as on_nodes
from benchmarks.headroom import table as node_table
from benchmarks.headroom.lines import read_lines
from benchmarks.headroom.v2 import results as on_v2
from benchmarks.headroom.v2 import table as v2_table
from tests.harness.cache import REPOSITORY

_MODULES = REPOSITORY / "benchmarks/headroom"


def render_tables(page: str) -> str:
    """Write the page's tables anew, each below the command that prints it."""
    for command, table in _tables().items():
        pattern = rf"(<!-- {re.escape(command)} -->\n)(?:\|.*\n)+\n.*\n"
        page, found = re.subn(pattern, lambda match, table=table: f"{match[1]}{table}\n", page)
        if found != 1:
            raise ValueError(f"docs/headroom.md: a table below `{command}`, found {found} times")
    return page


def _tables() -> Mapping[str, str]:
    nodes = read_lines(_MODULES / "results.csv", on_nodes.Result)
    machine = read_lines(_MODULES / "v2/results.csv", on_v2.Result)
    return {
        "python -m benchmarks.headroom --table-only": node_table.markdown(nodes),
        "python -m benchmarks.headroom.v2 --repetitions 2 --table-only": v2_table.markdown(machine),
    }
