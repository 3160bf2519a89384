"""What a test does with the certificate process's own code inside a cluster's network.

`python -m tests.harness.certificate_trials COMMAND NAMESPACE …`, by the kubeconfig in $KUBECONFIG.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial

import click
from kubernetes import client, config

from certs.ca import create_ca
from certs.cluster import KubernetesCluster, connect
from certs.objects import ClusterError, Configuration, Secret
from certs.plan import Spec
from certs.reconcile import Reconciler, Targets
from certs.state import ConfigurationKind, ConfigurationName
from tests.cluster.certificate_installation import CA_SECRET, SERVING_SECRET
from tests.cluster.certificate_rotation import rotate_under_load

KILLED = 9


class KillingCluster:
    """Ends the process, as SIGKILL would, right after its n-th write."""

    def __init__(self, cluster: KubernetesCluster, *, writes: int) -> None:
        self._cluster = cluster
        self._left = writes
        self.read_secret = cluster.read_secret
        self.read_configuration = cluster.read_configuration

    def write_secret(self, secret: Secret, data: Mapping[str, bytes]) -> None:
        self._cluster.write_secret(secret, data)
        self._wrote()

    def write_bundle(self, configuration: Configuration, bundle: bytes) -> None:
        self._cluster.write_bundle(configuration, bundle)
        self._wrote()

    def _wrote(self) -> None:
        self._left -= 1
        if not self._left:
            os._exit(KILLED)


class CountingCluster:
    """Keeps the names of what was written."""

    def __init__(self, cluster: KubernetesCluster) -> None:
        self._cluster = cluster
        self.writes: list[str] = []
        self.read_secret = cluster.read_secret
        self.read_configuration = cluster.read_configuration

    def write_secret(self, secret: Secret, data: Mapping[str, bytes]) -> None:
        self._cluster.write_secret(secret, data)
        self.writes.append(secret.where)

    def write_bundle(self, configuration: Configuration, bundle: bytes) -> None:
        self._cluster.write_bundle(configuration, bundle)
        self.writes.append(configuration.where)


def targets(namespace: str) -> Targets:
    kinds = (ConfigurationKind.MUTATING, ConfigurationKind.VALIDATING)
    return Targets(
        ca_secret=CA_SECRET,
        serving_secret=SERVING_SECRET,
        configurations=tuple(ConfigurationName(kind=kind, name=namespace) for kind in kinds),
    )


def installed_spec(namespace: str) -> Spec:
    """The spec that `python -m certs` has by default."""
    short = f"guard.{namespace}"
    return Spec(
        dns_names=(f"{short}.svc", f"{short}.svc.cluster.local", short),
        ca_lifetime=timedelta(days=365),
        serving_lifetime=timedelta(days=30),
        bundle_propagation=timedelta(minutes=2),
        serving_propagation=timedelta(minutes=10),
    )


@click.group()
def cli() -> None:
    pass


@cli.command()
@click.argument("namespace")
@click.argument("writes", type=int)
def killed(namespace: str, writes: int) -> None:
    """Converge, and be killed after so many writes."""
    reconciler = Reconciler(
        cluster=KillingCluster(connect(namespace), writes=writes),
        targets=targets(namespace),
        spec=installed_spec(namespace),
        clock=lambda: datetime.now(UTC),
    )
    for _ in reconciler.converge():
        pass


@cli.command()
@click.argument("namespace")
def stale(namespace: str) -> None:
    """Write every object twice with one reading, and print what the second write met."""
    click.echo(json.dumps(dict(_write_twice(connect(namespace), targets(namespace)))))


@cli.command()
@click.argument("namespace")
def beyond(namespace: str) -> None:
    """Touch what is none of our business, and print what that met."""
    cluster = connect(namespace)
    stranger = ConfigurationName(kind=ConfigurationKind.MUTATING, name="stranger")
    met = {
        "secret": _met(lambda: cluster.read_secret("stranger")),
        "configuration": _met(lambda: cluster.read_configuration(stranger)),
    }
    click.echo(json.dumps(met))


@cli.command()
@click.argument("namespace")
@click.argument("rival")
def fight(namespace: str, rival: str) -> None:
    """Look every ten seconds of an hour, while `rival` undoes each write to one caBundle."""
    cluster = CountingCluster(connect(namespace))
    now = datetime.now(UTC)
    reconciler = Reconciler(
        cluster=cluster,
        targets=targets(namespace),
        spec=installed_spec(namespace),
        clock=lambda: now,
    )
    reason = ""
    undo(namespace, rival)
    for _ in range(360):
        written = len(cluster.writes)
        for step in reconciler.converge():
            if len(cluster.writes) > written:
                written = len(cluster.writes)
                undo(namespace, rival)
            reason = step.action.reason
        now += timedelta(seconds=10)
    click.echo(json.dumps({"writes": len(cluster.writes), "reason": reason}))


def undo(name: str, rival: str) -> None:
    """Put another caBundle into the mutating configuration."""
    registration = client.AdmissionregistrationV1Api(config.new_client_from_config())
    path = "/webhooks/0/clientConfig/caBundle"
    patch = [{"op": "add", "path": path, "value": "Zm9v"}]
    registration.patch_mutating_webhook_configuration(name, patch, field_manager=rival)


@cli.command()
@click.argument("namespace")
@click.argument("cas", type=int)
def rotate(namespace: str, cas: int) -> None:
    """Rotate over and over while objects are admitted, and print what came of it."""
    result = rotate_under_load(connect(namespace), targets(namespace), namespace=namespace, cas=cas)
    counted = {"cas": len(result.cas), "leaves": len(result.leaves)}
    click.echo(json.dumps({**asdict(result), **counted}))


def _write_twice(cluster: KubernetesCluster, owned: Targets) -> Iterator[tuple[str, str]]:
    for name in (owned.ca_secret, owned.serving_secret):
        secret = cluster.read_secret(name)
        cluster.write_secret(secret, {"note": b"first"})
        yield name, _met(partial(cluster.write_secret, secret, {"note": b"second"}))
    bundle = create_ca(lifetime=timedelta(days=1), now=datetime.now(UTC)).certificate.pem
    for configuration_name in owned.configurations:
        configuration = cluster.read_configuration(configuration_name)
        cluster.write_bundle(configuration, bundle)
        kind = configuration_name.kind
        yield kind, _met(partial(cluster.write_bundle, configuration, bundle + bundle))


def _met(call: Callable[[], object]) -> str:
    try:
        call()
    except ClusterError as error:
        return error.code
    return "nothing"


if __name__ == "__main__":
    cli()
