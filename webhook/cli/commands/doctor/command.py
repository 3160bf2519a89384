"""`doctor` as a command: its options."""

import sys

import click

from webhook.cli.commands.cluster_options import (
    context_option,
    kubeconfig_option,
    request_timeout_option,
)
from webhook.cli.commands.examples import examples


@click.command(
    short_help="Check an installation, and say what to do.",
    epilog=examples(
        "redis-memory-guard doctor",
        "redis-memory-guard doctor --namespace redis-memory-guard --output json",
    ),
)
@click.option("--namespace", "-n", metavar="NS", help="Of the release. Default: any.")
@click.option("--release", metavar="NAME", help="As helm knows it, where there are several.")
@click.option(
    "--trial-namespace",
    default="default",
    show_default=True,
    metavar="NS",
    help="Where two Redis Pods are created as dry runs.",
)
@context_option
@kubeconfig_option
@click.option(
    "--output",
    "-o",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the checks are written.",
)
@request_timeout_option
def doctor(**options: object) -> None:
    """Check an installation: each line says what is broken, and what to do.

    It reads, and changes nothing; two Redis Pods are created as server-side dry runs. What may not
    be read is said, and the rest is checked: docs/operations.md has the rights.

    Exit code: 0 in order, 1 something is broken, 2 no cluster, no release or no right to look.
    """
    # The Kubernetes client takes a second to import, which is not the price of --help.
    from webhook.cli.commands.doctor.session import Request, run_session  # noqa: PLC0415

    sys.exit(run_session(Request(**options)))  # type: ignore[arg-type]  # click's own types
