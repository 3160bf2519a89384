"""A real Kubernetes cluster on this machine, for tests: its own node, or the API server alone."""

import shlex
import sys

import click

from tests.harness.build import (
    build_oldest_programs,
    build_programs,
    located_programs,
)
from tests.harness.cluster import Cluster
from tests.harness.failure import ClusterError
from tests.harness.images import bitnami_archive, redis_archive, valkey_archive
from tests.harness.lifecycle import down, find, up
from tests.harness.namespace import DEFAULT_NAME, Namespaces
from tests.harness.packages import install_packages
from tests.harness.progress import say, step
from tests.harness.prometheus import fetch_prometheus

_name = click.option("--name", default=DEFAULT_NAME, show_default=True, help="Of the cluster.")
_oldest = click.option(
    "--oldest", is_flag=True, help="With the API server of the oldest version that is supported."
)


@click.group(help=__doc__)
def cli() -> None:
    pass


@cli.command("build")
@_oldest
def build_command(*, oldest: bool) -> None:
    """Install the packages and build the programs that a cluster is made of."""
    install_packages()
    build_oldest_programs() if oldest else build_programs()
    fetch_prometheus()


@cli.command("images")
def images_command() -> None:
    """Build the images of the servers that tests run, and print their archives."""
    install_packages()
    for archive in (redis_archive(), valkey_archive(), bitnami_archive()):
        click.echo(archive)


@cli.command("up")
@_name
@click.option("--control-plane-only", is_flag=True, help="etcd and the API server: no Pod runs.")
@_oldest
def up_command(name: str, *, control_plane_only: bool, oldest: bool) -> None:
    """Bring a cluster up in the background, unless it is; remove first what a broken one left."""
    if oldest and not control_plane_only:
        raise click.UsageError("--oldest: there is no node of that version: --control-plane-only")
    install_packages()
    namespaces = Namespaces(name=name)
    programs = build_oldest_programs() if oldest else build_programs()
    cluster = find(namespaces, programs)
    if cluster is None:
        cluster = up(namespaces, programs, with_node=not control_plane_only)
    kubectl = f"{programs.components / 'kubectl'} --kubeconfig={cluster.kubeconfig}"
    say(f"up. {' '.join(cluster.enter)} {kubectl} get pods --all-namespaces")
    say(f'or: eval "$({sys.executable} -m tests.harness env --name {name})" && $ENTER kubectl …')


@cli.command("down")
@_name
def down_command(name: str) -> None:
    """End a cluster with all it runs, and remove all it made."""
    with step("ending the cluster"):
        down(Namespaces(name=name))


@cli.command("status")
@_name
def status_command(name: str) -> None:
    """Show nodes and Pods; end with 1 if the cluster is not up."""
    cluster = _running(name)
    click.echo(cluster.kubectl("get", "nodes,pods", "--all-namespaces", "--output=wide").stdout)


@cli.command("env")
@_name
def env_command(name: str) -> None:
    """Print the variables that a shell needs: $ENTER kubectl …, $ENTER helm …."""
    cluster = _running(name)
    values = {**cluster.environment, "ENTER": " ".join(cluster.enter)}
    for variable, value in values.items():
        click.echo(f"export {variable}={shlex.quote(value)}")


def _running(name: str) -> Cluster:
    cluster = find(Namespaces(name=name), located_programs())
    if cluster is None:
        say(f"{name} is not up: python -m tests.harness up --name {name}")
        sys.exit(1)
    return cluster


def main() -> None:
    try:
        cli(prog_name="python -m tests.harness")
    except ClusterError as failure:
        say(str(failure))
        sys.exit(1)


main()
