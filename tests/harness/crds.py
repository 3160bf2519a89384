"""The definitions of other projects' kinds that are written here, from their own Go modules."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.cluster import Cluster
from tests.harness.command import run

OPEN_REPORTS = "openreports.io_reports.yaml"
AUTOSCALER = "vpa-v1-crd-gen.yaml"

_MODULES = {
    "github.com/cert-manager/cert-manager@v1.19.1": (
        "deploy/crds/cert-manager.io_certificates.yaml",
        "deploy/crds/cert-manager.io_issuers.yaml",
    ),
    "github.com/openreports/reports-api@v0.2.1": ("config/crd/openreports.io_reports.yaml",),
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": (
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
    ),
    "k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.1": (f"deploy/{AUTOSCALER}",),
}


@contextmanager
def known_kinds(cluster: Cluster, *names: str) -> Iterator[None]:
    """Make the API server know the kinds of these files, or of all; take them out at the end."""
    files = [f"--filename={file}" for file in _definitions(names)]
    cluster.kubectl("create", *files)
    try:
        cluster.kubectl("wait", "--for=condition=Established", *files, "--timeout=60s")
        yield
    finally:
        cluster.kubectl("delete", *files)


def _definitions(names: tuple[str, ...]) -> Iterator[Path]:
    """Download what is not in Go's module cache, and give the files."""
    for module, files in _MODULES.items():
        for file in map(Path, files):
            if not names or file.name in names:
                yield _directory(module) / file


def _directory(module: str) -> Path:
    # Outside of any module of ours: its go.mod is none of their business.
    answer = run("go", "mod", "download", "-json", module, directory=Path(os.sep))
    return Path(json.loads(answer.stdout)["Dir"])
