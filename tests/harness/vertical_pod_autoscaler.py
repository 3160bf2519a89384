"""The admission controller and the updater of the VerticalPodAutoscaler, real ones."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.harness.build import go
from tests.harness.cache import CACHE, digest, made_once
from tests.harness.cluster import Cluster
from tests.harness.progress import step
from tests.harness.waiting import eventually
from webhook.server.tls.dev_certificate import write_certificate

CONFIGURATION = "vpa-webhook-config"
"""The name under which it registers itself; it sorts after ours, so it is called later."""

_SOURCES = Path(__file__).with_name("vpa")
_MODULE = "k8s.io/autoscaler/vertical-pod-autoscaler"
_CONTROLLER, _UPDATER = _PROGRAMS = ("admission-controller", "updater")
_DEFINITIONS = "vpa-v1-crd-gen.yaml"
_PORT = 9445
_METRICS_PORT = 9446
_UPDATER_METRICS_PORT = 9447


@contextmanager
def admission_controller(cluster: Cluster, directory: Path) -> Iterator[None]:
    """Run it in the cluster's network until it has registered itself; end it, with its kinds.

    `directory` gets its certificate and its log. Raises GoMissingError.
    """
    built = _programs()
    definitions = f"--filename={built / _DEFINITIONS}"
    cluster.kubectl("create", definitions)
    write_certificate(directory, now=datetime.now(UTC))
    with (directory / "log").open("wb") as log:
        command = (*cluster.enter, str(built / _CONTROLLER), *_flags(cluster, directory))
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            eventually(lambda: _is_registered(cluster), what="the VPA's webhook configuration")
            yield
        finally:
            process.terminate()
            process.wait()
            configuration = ("mutatingwebhookconfiguration", CONFIGURATION)
            cluster.kubectl("delete", *configuration, "--ignore-not-found")
            cluster.kubectl("delete", definitions)


@contextmanager
def updater(cluster: Cluster, directory: Path) -> Iterator[None]:
    """Run it beside the admission controller, without which it touches nothing; end it.

    `directory` gets its log.
    """
    flags = (
        f"--kubeconfig={cluster.kubeconfig}",
        f"--address=127.0.0.1:{_UPDATER_METRICS_PORT}",
        "--updater-interval=2s",
        # It leaves a Deployment's only Pod alone otherwise.
        "--min-replicas=1",
    )
    with (directory / "updater.log").open("wb") as log:
        command = (*cluster.enter, str(_programs() / _UPDATER), *flags)
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def _flags(cluster: Cluster, directory: Path) -> tuple[str, ...]:
    certificate = directory / "tls.crt"
    return (
        f"--kubeconfig={cluster.kubeconfig}",
        f"--client-ca-file={certificate}",
        f"--tls-cert-file={certificate}",
        f"--tls-private-key={directory / 'tls.key'}",
        f"--port={_PORT}",
        f"--address=127.0.0.1:{_METRICS_PORT}",
        "--register-by-url",
        "--webhook-address=https://localhost",
        f"--webhook-port={_PORT}",
        # Otherwise a Pod passes it by where it fails, and a test says something else.
        "--webhook-failure-policy-fail",
    )


def _is_registered(cluster: Cluster) -> bool:
    configuration = ("mutatingwebhookconfiguration", CONFIGURATION)
    return cluster.kubectl("get", *configuration, check=False).returncode == 0


def _programs() -> Path:
    sources = (_SOURCES / "go.mod", _SOURCES / "go.sum")
    return made_once(CACHE / "bin" / f"vpa-{digest(*sources, *_PROGRAMS)}", _build)


def _build(directory: Path) -> None:
    packages = (f"{_MODULE}/pkg/{program}" for program in _PROGRAMS)
    with step("building the VPA's programs (about 4 minutes the first time)"):
        go("build", "-o", f"{directory}/", *packages, directory=_SOURCES)
    module = go("list", "-m", "-f", "{{.Dir}}", _MODULE, directory=_SOURCES).stdout.strip()
    definitions = Path(module) / "deploy" / _DEFINITIONS
    (directory / _DEFINITIONS).write_bytes(definitions.read_bytes())
