"""`python -m benchmarks.cluster`: Pod creates with nothing installed, a lean Go webhook, ours.

On the node of `make cluster-up`, or on one that is brought up for it and taken down. Six namespaces
of one cluster are created in by turns, always as dry runs: the whole way through the API server,
but nothing is stored. A run takes about ten minutes; root and Go are needed.
"""

import subprocess
import sys

import click

from benchmarks.cluster.plan import Plan
from benchmarks.cluster.results import Summary, summarize, together
from benchmarks.cluster.running import carry_out, installed, running_cluster
from benchmarks.cluster.table import markdown
from tests.harness.failure import ClusterError
from tests.harness.namespace import DEFAULT_NAME


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="A tenth of the creates, rough figures.")
@click.option("--runs", type=click.IntRange(1), default=1, show_default=True)
@click.option("--rounds", type=click.IntRange(2), default=1500, show_default=True)
@click.option("--rate", type=click.FloatRange(1), default=50, show_default=True)
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="Of the cluster.")
def main(*, quick: bool, runs: int, rounds: int, rate: float, name: str) -> None:
    scale = 10 if quick else 1
    try:
        with running_cluster(name) as cluster, installed(cluster) as namespaces:
            plan = Plan(
                namespaces=namespaces,
                rounds=max(2, rounds // scale),
                rate=rate,
                slices=max(2, 10 // scale),
                slice_seconds=1.5,
            )
            seen = [carry_out(cluster, plan) for _ in range(runs)]
    except (ClusterError, subprocess.CalledProcessError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("Interrupted; everything is taken down.", err=True)
        sys.exit(130)
    summary = summarize(together(seen))
    click.echo(markdown(summary))
    for number, run in enumerate(seen if runs > 1 else (), 1):
        click.echo(f"\nRun {number}:\n\n{markdown(summarize(run))}")
    _report_failures(summary)


def _report_failures(summary: Summary) -> None:
    """End with 1 where a create was refused, or answered with another Pod than it should be."""
    for failure, times in summary.failures.items():
        click.echo(f"{times} times: {failure}", err=True)
    if summary.failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
