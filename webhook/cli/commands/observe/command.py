"""`observe` as a command: its options."""

import sys

import click

from webhook.cli.commands.cluster_options import cluster_options, live_option, prometheus_option
from webhook.cli.commands.examples import examples


@click.command(
    short_help="Audit again and again, and serve the result as metrics.",
    epilog=examples(
        "redis-memory-guard observe -A --interval 600",
    ),
)
@cluster_options
@click.option(
    "--interval",
    type=click.FloatRange(10, 86_400),
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
    help="From one audit to the next.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=8082,
    show_default=True,
    help="/metrics, /livez and /readyz, over plain HTTP.",
)
@live_option
@prometheus_option
@click.option(
    "--floors",
    metavar="NS/CONFIGMAP",
    help="Keep there what durable servers hold, which the webhook leaves them room for.",
)
@click.option("--reports", is_flag=True, help="Write OpenReports, where their kind is installed.")
@click.option("--events", is_flag=True, help="Write Events on workloads that are refused.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
)
def observe(**options: object) -> None:
    """Audit the cluster again and again, and serve what was found as metrics.

    It is what the chart runs with audit.enabled. It ends on SIGTERM.
    """
    from webhook.cli.commands.observe.request import Request  # noqa: PLC0415
    from webhook.cli.commands.observe.session import run_session  # noqa: PLC0415

    sys.exit(run_session(Request(**options)))  # type: ignore[arg-type]  # click's own types
