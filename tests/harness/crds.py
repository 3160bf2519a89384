"""The definitions of other projects' kinds that are written here, from their own Go modules."""

import json
import os
from pathlib import Path

from tests.harness.command import run

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
}


def definitions() -> tuple[Path, ...]:
    """Download what is not in Go's module cache, and return the files."""
    return tuple(_directory(module) / file for module, files in _MODULES.items() for file in files)


def _directory(module: str) -> Path:
    # Outside of any module of ours: its go.mod is none of their business.
    answer = run("go", "mod", "download", "-json", module, directory=Path(os.sep))
    return Path(json.loads(answer.stdout)["Dir"])
