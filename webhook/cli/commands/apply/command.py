"""`apply` as a command: its options."""

import sys
from pathlib import Path

import click

from webhook.cli.commands.cluster_options import cluster_options
from webhook.cli.commands.examples import examples


@click.command(
    short_help="Give running servers a ceiling, without a restart.",
    epilog=examples(
        "redis-memory-guard apply -n shop                           # the plan",
        "redis-memory-guard apply -n shop deployment/cart --yes     # done",
        "redis-memory-guard apply --undo FILE --yes                 # FILE: its record",
    ),
)
@click.argument("workloads", nargs=-1, metavar="[KIND/NAME]...")
@cluster_options
@click.option("--yes", is_flag=True, help="Do it; without it only the plan is shown.")
@click.option(
    "--evict", is_flag=True, help="Set an evicting policy also on data that is written to disk."
)
@click.option(
    "--output",
    "-o",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How plan and result are written.",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write what --undo takes; by default a new file here, named by the time.",
)
@click.option(
    "--undo",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Set again what was before, as such a record tells.",
)
def apply(**options: object) -> None:
    """Give running servers the ceiling of their next Pod by CONFIG SET, without a restart.

    It shows a plan and, with --yes, does it: through pods/exec, with the client and the password in
    the container. It never lowers a ceiling below what a server holds that must not lose it, and
    leaves alone what tells nothing. What it sets lasts until the container restarts.

    KIND/NAME such as deployment/cart or pod/cart-0 limits it to some.

    Exit code: 0 done (or planned), 1 something could not be set, 2 bad input or no cluster,
    3 incomplete, 130 interrupted.
    """
    # The Kubernetes client takes a second to import, which is not the price of --help.
    from webhook.cli.commands.apply.session import Request, run_session  # noqa: PLC0415

    sys.exit(run_session(Request(**options)))  # type: ignore[arg-type]  # click's own types
