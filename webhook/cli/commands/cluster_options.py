"""The options of commands that look at a cluster."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_Command = Callable[..., Any]

context_option = click.option(
    "--context", metavar="NAME", help="Of the kubeconfig; without it the current one."
)
kubeconfig_option = click.option(
    "--kubeconfig",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Without it KUBECONFIG, or ~/.kube/config.",
)
request_timeout_option = click.option(
    "--request-timeout",
    type=click.FloatRange(0.1, 600),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Of each request.",
)
live_option = click.option(
    "--live",
    type=click.Choice(["no", "exec"]),
    default="no",
    show_default=True,
    help="exec: ask each running server by pods/exec, read only.",
)
prometheus_option = click.option(
    "--prometheus", metavar="URL", help="Ask it for used memory, evictions, OOM kills."
)

_CLUSTER_OPTIONS = (
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
    context_option,
    kubeconfig_option,
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
    request_timeout_option,
    click.option("--quiet", "-q", is_flag=True, help="Say nothing on standard error."),
    click.option("--no-progress", is_flag=True, help="Show no progress."),
)


def cluster_options(command: _Command) -> _Command:
    """Add the options of a ClusterRequest to a command, before those of its own."""
    for option in reversed(_CLUSTER_OPTIONS):
        command = option(command)
    return command
