"""`check`: what the webhook would do with manifests."""

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from webhook.cli.commands.examples import examples
from webhook.cli.commands.input_options import (
    floors_option,
    input_options,
    policy_of,
    read_and_report,
)
from webhook.cli.report.finding import Report
from webhook.domain.policy.floors import Floors

_OUTPUTS = {
    "table": "webhook.cli.report.table:render_table",
    "json": "webhook.cli.report.json:render_json",
    "yaml": "webhook.cli.report.json:render_yaml",
    "sarif": "webhook.cli.report.sarif:render_sarif",
}


@click.command(
    epilog=examples(
        "redis-memory-guard check deploy/",
        "helm template my-chart | redis-memory-guard check -",
        "kubectl get pods -A -o json | redis-memory-guard check -",
        "redis-memory-guard check --output sarif deploy/ > findings.sarif",
    ),
)
@input_options
@floors_option
@click.option(
    "--output",
    "-o",
    type=click.Choice(list(_OUTPUTS)),
    default="table",
    show_default=True,
    help="How the findings are written.",
)
@click.option("--all", "show_all", is_flag=True, help="Show also containers that are no server.")
def check(
    paths: Sequence[str],
    policy_path: Path | None,
    namespace: str,
    output: str,
    *,
    floors: Floors,
    show_all: bool,
) -> None:
    """Tell what the webhook would do with manifests.

    Pods and every kind of workload, Lists and multi-document YAML are read; of the same input,
    ConfigMaps tell of configuration files, and LimitRanges of the limit of a container without one.
    `helm template … | redis-memory-guard check -` works.

    Exit code: 0 clean, 1 findings that would be denied, 2 bad input.
    """
    report = read_and_report(paths, policy_of(policy_path), namespace, floors)
    click.echo(_render(report, output, show_all=show_all), nl=False)
    sys.exit(report.exit_code)


def _render(report: Report, output: str, *, show_all: bool) -> str:
    module, name = _OUTPUTS[output].split(":")
    render = getattr(import_module(module), name)
    match output:
        case "table":
            text: str = render(report, show_all=show_all)
        case "sarif":
            text = render(report.findings, report.unread)
        case _:
            text = render(report)
    return text
