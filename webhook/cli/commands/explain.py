"""`explain`: every step of the evaluation in sentences."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from webhook.cli.commands.examples import examples
from webhook.cli.commands.input_options import (
    floors_option,
    input_options,
    policy_of,
    read_and_report,
)
from webhook.cli.report.explanation import render_explanation
from webhook.cli.terminal.exit_codes import BAD_INPUT
from webhook.domain.policy.floors import Floors


@click.command(
    epilog=examples(
        "redis-memory-guard explain deploy/redis.yaml",
        "kubectl get pod cart-0 -o yaml | redis-memory-guard explain -",
    ),
)
@input_options
@floors_option
@click.option("--container", metavar="NAME", help="Explain only the containers of this name.")
def explain(
    paths: Sequence[str],
    policy_path: Path | None,
    namespace: str,
    container: str | None,
    floors: Floors,
) -> None:
    """Explain how the webhook evaluates manifests, step by step.

    What was seen, what it means, what is injected, and why that number. The exit code is 2 for bad
    input and for a container that is not there, else 0.
    """
    report = read_and_report(paths, policy_of(policy_path), namespace, floors)
    findings = [
        finding
        for finding in report.findings
        if container is None or finding.outcome.container.name == container
    ]
    click.echo(render_explanation(findings), nl=False)
    if not findings:
        what = "no workload" if container is None else f"no container {container!r}"
        click.echo(f"There is {what} in the input.", err=True)
    sys.exit(BAD_INPUT if report.problems or not findings else 0)
