"""`audit` as a command: its options."""

import sys
from pathlib import Path

import click

from webhook.cli.commands.cluster_options import cluster_options, live_option, prometheus_option
from webhook.cli.commands.examples import examples
from webhook.cli.report.audit.outputs import OUTPUTS, parse_output_file

_SELECTIONS = ("refused", "at-risk", "unguarded", "unenforceable", "hidden", "drifted")
_ORDERS = ("risk", "oom", "namespace", "size")


class _OutputFile(click.ParamType[tuple[str, Path]]):
    name = "output file"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        try:
            return parse_output_file(str(value))
        except ValueError as error:
            self.fail(f"{value!r} {error}", param, ctx)


class _Selections(click.ParamType[tuple[str, ...]]):
    name = "selections"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        names = tuple(str(value).split(","))
        for name in names:
            if name not in _SELECTIONS:
                self.fail(f"{name!r} is none of {', '.join(_SELECTIONS)}", param, ctx)
        return names


@click.command(
    short_help="Tell what would become of the servers that run already.",
    epilog=examples(
        "redis-memory-guard audit -A",
        "redis-memory-guard audit -n shop --live exec",
        "redis-memory-guard audit -A --output-file audit.html --output-file audit.json",
        "redis-memory-guard audit -A --baseline audit.json --fail-on refused --fail-on-new",
    ),
)
@cluster_options
@click.option(
    "--assume",
    type=click.Choice(["enforce", "audit"]),
    default="enforce",
    show_default=True,
    help="Evaluate as if this were every namespace's mode.",
)
@live_option
@prometheus_option
@click.option(
    "--group-by",
    type=click.Choice(["workload", "namespace"]),
    default="workload",
    show_default=True,
    help="One line of the table for each.",
)
@click.option(
    "--only", type=_Selections(), default=None, metavar="WHAT,…", help=", ".join(_SELECTIONS)
)
@click.option(
    "--sort", type=click.Choice(_ORDERS), default="risk", show_default=True, help="The order."
)
@click.option(
    "--output",
    "-o",
    type=click.Choice([name for name in OUTPUTS if name != "namespaces"]),
    default="table",
    show_default=True,
    help="How the findings are written.",
)
@click.option(
    "--output-file",
    "files",
    type=_OutputFile(),
    multiple=True,
    metavar="[FORMAT=]FILE",
    help="Write also there; the suffix tells the format. May be repeated.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["refused", "at-risk", "any", "never"]),
    default="never",
    show_default=True,
    help="End with 1 when there is such a finding.",
)
@click.option(
    "--baseline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The JSON of an earlier audit.",
)
@click.option("--fail-on-new", is_flag=True, help="Count only what the baseline has not.")
@click.option("--check-access", is_flag=True, help="Say what may be read and what not, and end.")
def audit(**options: object) -> None:
    """Tell what would become of the Redis servers that run in a cluster.

    It reads, and changes nothing: Pods, workloads, LimitRanges, and the ConfigMaps that hold a
    server's configuration. Each workload is evaluated as its next Pod would be, also those that are
    scaled to 0 or suspended.

    Exit code: 0 looked, 1 by --fail-on, 2 bad input or no cluster, 3 incomplete, 130 interrupted.
    """
    # The Kubernetes client takes a second to import, which is not the price of --help.
    from webhook.cli.commands.audit.session import Request, run_session  # noqa: PLC0415

    sys.exit(run_session(Request(**options)))  # type: ignore[arg-type]  # click's own types
