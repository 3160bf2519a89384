"""`doctor` as a command: its options."""

import sys
from pathlib import Path

import click


@click.command()
@click.option("--namespace", "-n", metavar="NS", help="Of the release. Default: any.")
@click.option("--release", metavar="NAME", help="As helm knows it, where there are several.")
@click.option(
    "--trial-namespace",
    default="default",
    show_default=True,
    metavar="NS",
    help="Where two Redis Pods are created as dry runs.",
)
@click.option("--context", metavar="NAME", help="Of the kubeconfig.")
@click.option(
    "--kubeconfig",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Without it KUBECONFIG, or ~/.kube/config.",
)
@click.option(
    "--output",
    "-o",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the checks are written.",
)
@click.option(
    "--request-timeout",
    type=click.FloatRange(0.1, 600),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Of each request.",
)
def doctor(**options: object) -> None:
    """Check an installation: each line says what is broken, and what to do.

    It reads, and changes nothing; two Redis Pods are created as server-side dry runs. What may not
    be read is said, and the rest is checked: docs/operations.md has the rights.

    Exit code: 0 in order, 1 something is broken, 2 no cluster, no release or no right to look.
    """
    # The Kubernetes client takes a second to import, which is not the price of --help.
    from webhook.cli.commands.doctor.session import Request, run_session  # noqa: PLC0415

    sys.exit(run_session(Request(**options)))  # type: ignore[arg-type]  # click's own types
