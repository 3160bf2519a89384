"""Rotations, one after the other, while an API server calls a webhook that serves their leaves."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from kubernetes import client, config

from certs.cluster import KubernetesCluster
from certs.objects import ConflictError
from certs.plan import Spec
from certs.reconcile import Reconciler, Targets
from certs.state import Serving, TrustedCAs
from tests.cluster.tls_webhook import TlsWebhook

# A certificate is dated back by an hour and renewed after two thirds of its life. So these fall
# due 6 s and 3 s after their issue, and stay valid for half an hour: none may ever expire here.
SPEC = Spec(
    dns_names=("localhost",),
    ca_lifetime=timedelta(minutes=30, seconds=9),
    serving_lifetime=timedelta(minutes=30, seconds=4.5),
    bundle_propagation=timedelta(seconds=2),
    serving_propagation=timedelta(seconds=4),
)
# Seconds between two looks of the webhook at its Secret: well within `serving_propagation`.
_MOUNT_LAG = 1.0
_MOST_SECONDS = 240


@dataclass(slots=True)
class Result:
    """What was seen. `refused` holds the API server's sentences."""

    admitted: int = 0
    refused: list[str] = field(default_factory=list)
    webhook_calls: int = 0
    cas: set[str] = field(default_factory=set)
    leaves: set[str] = field(default_factory=set)


def rotate_under_load(
    cluster: KubernetesCluster, targets: Targets, *, namespace: str, cas: int
) -> Result:
    """Let two processes rotate until so many CAs were seen, and create objects all the while.

    Every call of the webhook is a connection of its own, so each one verifies the leaf anew.
    """
    result = Result()
    reconciler = Reconciler(
        cluster=cluster, targets=targets, spec=SPEC, clock=lambda: datetime.now(UTC)
    )
    _converge(reconciler, result)
    with TemporaryDirectory() as directory, TlsWebhook(Path(directory)) as webhook:

        def mount() -> None:
            webhook.load(cluster.read_secret(targets.serving_secret).data)

        mount()
        create = _creator(namespace)
        _until_called(create)
        with (
            _repeated(lambda: _converge(reconciler, result), pause=0.4),
            _repeated(lambda: _converge(reconciler, result), pause=0.7),
            _repeated(mount, pause=_MOUNT_LAG),
        ):
            end = time.monotonic() + _MOST_SECONDS
            while len(result.cas) < cas and time.monotonic() < end:
                _count(create, result)
        result.webhook_calls = webhook.calls
    return result


def _converge(reconciler: Reconciler, result: Result) -> None:
    try:
        for step in reconciler.converge():
            if isinstance(step.state.cas, TrustedCAs):
                result.cas.add(step.state.cas.signer.certificate.fingerprint)
            if isinstance(step.state.serving, Serving):
                result.leaves.add(step.state.serving.pair.certificate.fingerprint)
    except ConflictError:
        pass  # the other process was first


def _creator(namespace: str) -> Callable[[], None]:
    """Return what creates one ConfigMap, as a dry run: admission is the same."""
    core = client.CoreV1Api(config.new_client_from_config())
    body = client.V1ConfigMap(metadata=client.V1ObjectMeta(generate_name="admitted-"))

    def create() -> None:
        core.create_namespaced_config_map(namespace, body, dry_run="All")

    return create


def _until_called(create: Callable[[], None]) -> None:
    """Wait until the API server has taken up its configurations: until then all are refused."""
    end = time.monotonic() + 30
    while True:
        try:
            return create()
        except client.ApiException:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _count(create: Callable[[], None], result: Result) -> None:
    try:
        create()
    except client.ApiException as error:
        result.refused.append(str(error.body))
    else:
        result.admitted += 1


@contextmanager
def _repeated(work: Callable[[], None], *, pause: float) -> Iterator[None]:
    """Do `work` in a thread of its own, over and over; raises what it raised."""
    stop = threading.Event()
    raised: list[Exception] = []

    def repeat() -> None:
        while not stop.wait(pause):
            try:
                work()
            except Exception as error:  # noqa: BLE001 - handed over to the thread that waits
                raised.append(error)
                return

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if raised:
        raise raised[0]
