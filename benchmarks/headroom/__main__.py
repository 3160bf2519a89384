"""`python -m benchmarks.headroom`: the matrix, or a part of it, on the cluster of a kubeconfig."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from kubernetes.client import CoreV1Api

from benchmarks.headroom.cases import IMAGES, LIMITS, Case, Guard, full_matrix, quick_matrix
from benchmarks.headroom.lines import append_lines, read_lines
from benchmarks.headroom.results import Result
from benchmarks.headroom.running import run_lot
from benchmarks.headroom.table import markdown
from webhook.cli.commands.input_options import policy_of
from webhook.cli.commands.plateau.display import progress
from webhook.cli.commands.plateau.interruption import interrupted_once
from webhook.cli.commands.plateau.quantities import Bytes
from webhook.cli.terminal.console import make_console
from webhook.cluster.connection import ClusterError, connect
from webhook.cluster.trial_namespace import trial_namespace
from webhook.domain.policy.settings import Policy
from webhook.trials.follow import TrialError
from webhook.trials.workload import WORKLOADS

_RESULTS = Path(__file__).parent / "results.csv"
_PREFIX = "redis-memory-guard-headroom"
_LIMIT = Bytes(minimum=32 * 2**20, maximum=64 * 2**30)


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="A spread of the matrix, in a few minutes.")
@click.option("--image", "images", multiple=True, default=IMAGES, show_default=True)
@click.option("--limit", "limits", multiple=True, type=_LIMIT, default=LIMITS)
@click.option("--workload", "workloads", multiple=True, type=click.Choice(list(WORKLOADS)))
@click.option("--guard", "guards", multiple=True, type=click.Choice([each.value for each in Guard]))
@click.option("--repetitions", type=click.IntRange(1, 100), default=1, show_default=True)
@click.option("--policy", type=click.Path(path_type=Path), help="A changed rule to evaluate.")
@click.option("--at-once", type=click.IntRange(1, 16), default=2, show_default=True)
@click.option("--results", type=click.Path(path_type=Path), default=_RESULTS)
@click.option("--table-only", is_flag=True, help="Print the table of the results, run nothing.")
@click.option("--kubeconfig", type=click.Path(path_type=Path))
@click.option("--context")
def headroom(
    *,
    quick: bool,
    images: Sequence[str],
    limits: Sequence[int],
    workloads: Sequence[str],
    guards: Sequence[str],
    repetitions: int,
    policy: Path | None,
    at_once: int,
    results: Path,
    table_only: bool,
    kubeconfig: Path | None,
    context: str | None,
) -> None:
    matrix = quick_matrix() if quick else full_matrix(images, limits, repetitions)
    wanted = [
        case
        for case in matrix
        if case.workload in (workloads or WORKLOADS) and case.guard in (guards or Guard)
    ]
    try:
        if not table_only:
            chosen = None if policy is None else policy_of(policy)
            missing = _missing(wanted, results)
            _run(connect(kubeconfig=kubeconfig, context=context), missing, results, at_once, chosen)
    except (ClusterError, TrialError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("Interrupted; the same command goes on from here.", err=True)
        sys.exit(130)
    click.echo(markdown(read_lines(results, Result)))


def _missing(cases: Sequence[Case], results: Path) -> Sequence[Case]:
    """What is not in the results yet, in lots that take equally long."""
    done = {result.case for result in read_lines(results, Result)}
    missing = [case for case in cases if case not in done]
    return sorted(missing, key=lambda case: (case.load.seconds, case.guard))


def _run(
    api: CoreV1Api, cases: Sequence[Case], results: Path, at_once: int, policy: Policy | None
) -> None:
    console = make_console()
    with interrupted_once(), trial_namespace(api, prefix=_PREFIX) as namespace:
        for first in range(0, len(cases), at_once):
            lot = cases[first : first + at_once]
            with progress(console, seconds=max(case.load.seconds for case in lot)) as show:
                outcome = run_lot(lot, namespace, show, policy=policy)
            append_lines(results, outcome)
            for result in outcome:
                console.print(result.sentence)


if __name__ == "__main__":
    headroom()
