"""A session on a cluster from beginning to end: the trials, the messages, the exit code."""

from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from webhook.cli.commands.input_options import policy_of
from webhook.cli.commands.plateau.chart import PlottingMissingError, draw, require_plotting
from webhook.cli.commands.plateau.display import progress, result_table
from webhook.cli.commands.plateau.interruption import interrupted_once
from webhook.cli.commands.plateau.trial import (
    UNGUARDED,
    Plan,
    by_name,
    check_plan,
    create_twins,
    follow_twins,
)
from webhook.cli.commands.plateau.verdict import Trials, conclude
from webhook.cli.terminal.console import make_console
from webhook.cli.terminal.exit_codes import BAD_INPUT, INTERRUPTED
from webhook.cluster.connection import ClusterError, connect
from webhook.cluster.trial_namespace import trial_namespace
from webhook.domain.kubernetes.quantity import format_bytes
from webhook.domain.policy.settings import Policy
from webhook.trials.follow import TrialError
from webhook.trials.workload import WORKLOADS, load_beyond


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for; sizes in bytes."""

    image: str
    limit: int
    seconds: int
    bytes_a_second: int
    output: Path | None
    policy: Path | None
    namespace_prefix: str
    kubeconfig: Path | None
    context: str | None

    @property
    def plan(self) -> Plan:
        """What is run twice."""
        load = load_beyond(
            self.limit,
            WORKLOADS["set-1k"],
            seconds=self.seconds,
            bytes_a_second=self.bytes_a_second,
        )
        return Plan(image=self.image, limit=self.limit, load=load)


def run_session(request: Request) -> int:
    """Run the trials, say what they show, draw them if asked to; give the exit code."""
    console, policy = make_console(), policy_of(request.policy)
    try:
        check_plan(request.plan, policy)
        _prepare(request.output)
        trials = _run(console, request, policy)
        return _conclude(console, request, trials)
    except (ClusterError, TrialError, PlottingMissingError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        return BAD_INPUT
    except KeyboardInterrupt:
        click.echo("Interrupted; the namespace is being deleted.", err=True)
        return INTERRUPTED


def _prepare(output: Path | None) -> None:
    """Find out before the trial what would fail behind it."""
    if output is not None:
        require_plotting()
        output.mkdir(parents=True, exist_ok=True)


def _run(console: Console, request: Request, policy: Policy) -> Trials:
    plan = request.plan
    with interrupted_once():
        api = connect(kubeconfig=request.kubeconfig, context=request.context)
        with trial_namespace(api, prefix=request.namespace_prefix) as namespace:
            console.print(f"In the namespace {namespace.name}, which is deleted at the end:")
            names = create_twins(plan, policy, namespace)
            if UNGUARDED not in names:
                console.print("The cluster's own webhook guards every server: no unguarded twin.")
            with progress(console, seconds=plan.load.seconds) as show:
                return follow_twins(names, plan, namespace, show)


def _conclude(console: Console, request: Request, trials: Trials) -> int:
    verdict = conclude(trials)
    console.print(result_table(by_name(trials)))
    console.print()
    style = "bold green" if verdict.holds else "bold red"
    console.print(verdict.sentence, style=style, soft_wrap=True)
    if request.output is not None:
        limit, rate = format_bytes(request.limit), format_bytes(request.bytes_a_second)
        subject = f"{request.image}, memory limit {limit}, {rate} written a second"
        for path in draw(trials, request.output, subject=subject):
            console.print(str(path))
    return 0 if verdict.holds else 1
