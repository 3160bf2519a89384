"""The admission controller of the VerticalPodAutoscaler, a real one, beside a cluster."""

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
_PROGRAM = "admission-controller"
_DEFINITIONS = "vpa-v1-crd-gen.yaml"
_PORT = 9445
_METRICS_PORT = 9446


@contextmanager
def admission_controller(cluster: Cluster, directory: Path) -> Iterator[None]:
    """Run it in the cluster's network until it has registered itself; end it, with its kinds.

    `directory` gets its certificate and its log. Raises GoMissingError.
    """
    built = made_once(CACHE / "bin" / f"vpa-{digest(*_sources())}", _build)
    definitions = f"--filename={built / _DEFINITIONS}"
    cluster.kubectl("create", definitions)
    write_certificate(directory, now=datetime.now(UTC))
    with (directory / "log").open("wb") as log:
        command = (*cluster.enter, str(built / _PROGRAM), *_flags(cluster, directory))
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


def _sources() -> tuple[Path, Path]:
    return _SOURCES / "go.mod", _SOURCES / "go.sum"


def _build(directory: Path) -> None:
    package = f"{_MODULE}/pkg/{_PROGRAM}"
    with step("building the VPA's admission controller (about 4 minutes the first time)"):
        go("build", "-o", str(directory / _PROGRAM), package, directory=_SOURCES)
    module = go("list", "-m", "-f", "{{.Dir}}", _MODULE, directory=_SOURCES).stdout.strip()
    definitions = Path(module) / "deploy" / _DEFINITIONS
    (directory / _DEFINITIONS).write_bytes(definitions.read_bytes())
