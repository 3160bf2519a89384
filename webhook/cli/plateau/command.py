"""`plateau` as a command: its options, its messages, its exit code."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from webhook.cli.console import make_console
from webhook.cli.input_options import policy_of
from webhook.cli.plateau.chart import PlottingMissingError, draw, require_plotting
from webhook.cli.plateau.display import progress, result_table
from webhook.cli.plateau.follow import TrialError
from webhook.cli.plateau.quantities import Bytes
from webhook.cli.plateau.trial import Plan, by_name, check_plan, make_twins, run_twins
from webhook.cli.plateau.verdict import Trials, judge
from webhook.cli.plateau.workload import WORKLOADS, load_beyond
from webhook.cluster.connection import ClusterError, connect
from webhook.cluster.trial_namespace import trial_namespace
from webhook.domain.policy import Policy
from webhook.domain.quantity import format_bytes

_BAD_INPUT = 2
_INTERRUPTED = 130
_LIMIT = Bytes(minimum=32 * 2**20, maximum=64 * 2**30)
_RATE = Bytes(minimum=64 * 2**10, maximum=256 * 2**20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which cluster, and how the namespace there begins."""

    kubeconfig: Path | None
    context: str | None
    namespace_prefix: str


@click.command()
@click.option("--limit", type=_LIMIT, default="128Mi", show_default=True, help="The memory limit.")
@click.option("--image", default="redis:7", show_default=True, help="Of the server and its loader.")
@click.option(
    "--duration",
    type=click.IntRange(10, 3600),
    default=90,
    show_default=True,
    help="How many seconds both are filled.",
)
@click.option(
    "--rate", type=_RATE, default="6Mi", show_default=True, help="Written to each in a second."
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write plateau.png and plateau.svg there.",
)
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The policy file; without it the built-in policy holds.",
)
@click.option(
    "--namespace-prefix",
    default="redis-memory-guard-plateau",
    show_default=True,
    help="How the name of the trial's namespace begins.",
)
@click.option(
    "--kubeconfig",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Without it KUBECONFIG, or ~/.kube/config.",
)
@click.option("--context", metavar="NAME", help="Of the kubeconfig; without it the current one.")
def plateau(
    *,
    limit: int,
    image: str,
    duration: int,
    rate: int,
    output: Path | None,
    policy_path: Path | None,
    namespace_prefix: str,
    kubeconfig: Path | None,
    context: str | None,
) -> None:
    """Fill the same Redis with and without a ceiling, on a cluster.

    Both run in a namespace of their own, which is deleted at the end, also after an interruption.
    The guarded one starts with what the webhook injects: the cluster's own where one is installed.

    Exit code: 0 the guarded server survived, and the other one died or was never filled; 1 not so;
    2 bad input, or no cluster; 130 interrupted.
    """
    console = make_console()
    load = load_beyond(limit, WORKLOADS["set-1k"], seconds=duration, bytes_a_second=rate)
    plan = Plan(image=image, limit=limit, load=load)
    place = Place(kubeconfig=kubeconfig, context=context, namespace_prefix=namespace_prefix)
    policy = policy_of(policy_path)
    try:
        check_plan(plan, policy)
        _prepare(output)
        trials = _run(console, plan, policy, place)
        sys.exit(_conclude(console, plan, trials, output))
    except (ClusterError, TrialError, PlottingMissingError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(_BAD_INPUT)
    except KeyboardInterrupt:
        click.echo("Interrupted; the namespace is being deleted.", err=True)
        sys.exit(_INTERRUPTED)


def _prepare(output: Path | None) -> None:
    """Find out before the trial what would fail behind it."""
    if output is not None:
        require_plotting()
        output.mkdir(parents=True, exist_ok=True)


def _run(console: Console, plan: Plan, policy: Policy, place: Place) -> Trials:
    with _interrupted_once():
        api = connect(kubeconfig=place.kubeconfig, context=place.context)
        with trial_namespace(api, prefix=place.namespace_prefix) as namespace:
            console.print(f"In the namespace {namespace.name}, which is deleted at the end:")
            twins = make_twins(plan, policy, namespace)
            if twins.unguarded is None:
                console.print("The cluster's own webhook guards every server: no unguarded twin.")
            with progress(console, seconds=plan.load.seconds) as show:
                return run_twins(twins, plan, namespace, show)


def _conclude(console: Console, plan: Plan, trials: Trials, output: Path | None) -> int:
    verdict = judge(trials)
    console.print(result_table(by_name(trials)))
    console.print()
    console.print(verdict.sentence, style="bold green" if verdict.holds else "bold red")
    if output is not None:
        limit, rate = format_bytes(plan.limit), format_bytes(plan.load.bytes_a_second)
        subject = f"{plan.image}, memory limit {limit}, {rate} written a second"
        for path in draw(trials, output, subject=subject):
            console.print(str(path))
    return 0 if verdict.holds else 1


@contextmanager
def _interrupted_once() -> Iterator[None]:
    """Make SIGTERM an interruption like Ctrl-C, and let no second one stop the cleaning up."""

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - of signal
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
