"""`plateau` as a command: its options."""

import sys
from pathlib import Path

import click

from webhook.cli.commands.cluster_options import context_option, kubeconfig_option
from webhook.cli.commands.examples import examples
from webhook.cli.commands.plateau.quantities import Bytes

_LIMIT = Bytes(minimum=32 * 2**20, maximum=64 * 2**30)
_RATE = Bytes(minimum=64 * 2**10, maximum=256 * 2**20)


@click.command(
    epilog=examples(
        "redis-memory-guard plateau --limit 128Mi --duration 60",
        "redis-memory-guard plateau --image valkey/valkey:8 --output .",
    ),
)
@click.option("--limit", type=_LIMIT, default="128Mi", show_default=True, help="The memory limit.")
@click.option("--image", default="redis:7", show_default=True, help="Of the server and its loader.")
@click.option(
    "--duration",
    "seconds",
    type=click.IntRange(10, 3600),
    default=90,
    show_default=True,
    help="How many seconds both are filled.",
)
@click.option(
    "--rate",
    "bytes_a_second",
    type=_RATE,
    default="6Mi",
    show_default=True,
    help="Written to each in a second.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write plateau.png and plateau.svg there.",
)
@click.option(
    "--policy",
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
@kubeconfig_option
@context_option
def plateau(**options: object) -> None:
    """Fill the same Redis with and without a ceiling, on a cluster.

    Both run in a namespace of their own, which is deleted at the end, also after an interruption.
    The guarded one starts with what the webhook injects: the cluster's own where one is installed.

    Exit code: 0 the guarded server survived, and the other one died or was never filled; 1 not so;
    2 bad input, or no cluster; 130 interrupted.
    """
    # The Kubernetes client takes a second to import, which is not the price of --help.
    from webhook.cli.commands.plateau.session import Request, run_session  # noqa: PLC0415

    sys.exit(run_session(Request(**options)))  # type: ignore[arg-type]  # click's own types
