"""The options of commands that look at a cluster."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_Command = Callable[..., Any]


def cluster_options(command: _Command) -> _Command:
    """Add --namespace, -A and what else says where to look to a command."""
    options = (
        click.option(
            "--namespace",
            "-n",
            "namespaces",
            multiple=True,
            metavar="NS",
            help="A namespace, or a glob over them; may be repeated. Default: the context's.",
        ),
        click.option("--all-namespaces", "-A", is_flag=True, help="Every namespace."),
        click.option(
            "--exclude-namespace", "excluded", multiple=True, metavar="NS", help="But these globs."
        ),
        click.option("--selector", "-l", default="", metavar="LABELS", help="As kubectl takes it."),
        click.option("--context", metavar="NAME", help="Of the kubeconfig."),
        click.option(
            "--kubeconfig",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Without it KUBECONFIG, or ~/.kube/config.",
        ),
        click.option(
            "--policy",
            default="",
            metavar="FILE|cluster",
            help="cluster, or cluster:NAMESPACE/CONFIGMAP: the one that is installed. Default: "
            "that where it is found, else the built-in one.",
        ),
        click.option(
            "--page-size",
            type=click.IntRange(1, 5000),
            default=500,
            show_default=True,
            help="Objects that one request asks for.",
        ),
        click.option(
            "--request-timeout",
            type=click.FloatRange(0.1, 600),
            default=30.0,
            show_default=True,
            metavar="SECONDS",
            help="Of each request.",
        ),
        click.option("--quiet", "-q", is_flag=True, help="Say nothing on standard error."),
        click.option("--no-progress", is_flag=True, help="Show no progress."),
    )
    for option in reversed(options):
        command = option(command)
    return command
