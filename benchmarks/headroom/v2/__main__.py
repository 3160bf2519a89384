"""`python -m benchmarks.headroom.v2`: the matrix, or a part of it, in a machine with cgroup v2."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks.headroom.lines import append_lines, read_lines
from benchmarks.headroom.v2.cases import IMAGES, Case, full_matrix, quick_matrix
from benchmarks.headroom.v2.expectations import closing_line, compare
from benchmarks.headroom.v2.machine import MachineError
from benchmarks.headroom.v2.measuring import measure
from benchmarks.headroom.v2.results import Result
from benchmarks.headroom.v2.table import markdown
from benchmarks.headroom.v2.workloads import WORKLOADS
from tests.harness.failure import ClusterError

_RESULTS = Path(__file__).with_name("results.csv")


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="A spread of the matrix in a few minutes, all anew.")
@click.option("--server", "servers", multiple=True, type=click.Choice(list(IMAGES)))
@click.option("--workload", "workloads", multiple=True, type=click.Choice(list(WORKLOADS)))
@click.option("--repetitions", type=click.IntRange(1, 100), default=1, show_default=True)
@click.option("--results", type=click.Path(path_type=Path), help="By default the table's own.")
@click.option("--table-only", is_flag=True, help="Print the table of the results, run nothing.")
def headroom(
    *,
    quick: bool,
    servers: Sequence[str],
    workloads: Sequence[str],
    repetitions: int,
    results: Path | None,
    table_only: bool,
) -> None:
    matrix = quick_matrix() if quick else full_matrix(repetitions)
    wanted = [
        case
        for case in matrix
        if case.server in (servers or IMAGES) and case.workload in (workloads or WORKLOADS)
    ]
    with tempfile.TemporaryDirectory() as scratch:
        path = results or (Path(scratch) / "results.csv" if quick else _RESULTS)
        try:
            if not table_only:
                _run(wanted, path)
        except (ClusterError, MachineError, OSError) as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(2)
        except KeyboardInterrupt:
            click.echo("Interrupted; the same command goes on from here.", err=True)
            sys.exit(130)
        _conclude(path, wanted, table=not quick)


def _run(cases: Sequence[Case], path: Path) -> None:
    """Run what the file does not have yet, and add each to it as it comes."""
    done = {result.case for result in read_lines(path, Result)}
    for result, _ in measure([case for case in cases if case not in done]):
        append_lines(path, [result])
        click.echo(result.sentence)


def _conclude(path: Path, wanted: Sequence[Case], *, table: bool) -> None:
    """Print the table and what came out otherwise than it has to; end with 1 where that is."""
    results = [result for result in read_lines(path, Result) if result.case in set(wanted)]
    if table:
        click.echo(markdown(results))
    comparisons = list(compare(results))
    for each in comparisons:
        if not each.passed:
            click.echo(each.sentence)
    click.echo(closing_line(comparisons))
    sys.exit(not all(each.passed for each in comparisons))


if __name__ == "__main__":
    headroom()
