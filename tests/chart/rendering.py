"""The chart as Helm renders it."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.build import located_programs
from tests.harness.prometheus import PROMETHEUS

CHART = Path(__file__).parents[2] / "charts" / "redis-memory-guard"
CI_VALUES = tuple(sorted((CHART / "ci").glob("*-values.yaml")))
NAMESPACE = "guard-system"
IMAGE = "registry.example.com/redis-memory-guard"

Manifest = Mapping[str, Any]


class RefusedError(Exception):
    """Helm would not render; the text is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The objects of one rendering, Helm's hooks among them."""

    text: str
    manifests: tuple[Manifest, ...]

    def one(self, kind: str, suffix: str = "") -> Any:
        """The object of this kind whose name is the release's, with a suffix."""
        (found,) = (m for m in self.of(kind) if m["metadata"]["name"] == f"guard{suffix}")
        return found

    def of(self, kind: str) -> tuple[Any, ...]:
        return tuple(m for m in self.manifests if m["kind"] == kind)

    def webhooks(self) -> Mapping[str, Any]:
        """Every webhook by its name."""
        kinds = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
        configurations = (each for kind in kinds for each in self.of(kind))
        return {webhook["name"]: webhook for each in configurations for webhook in each["webhooks"]}


def certs_options(container: Mapping[str, Any]) -> list[str]:
    """The options of the certificate process, which it has as variables, as arguments."""
    prefix = "REDIS_MEMORY_GUARD_CERTS_"
    return [
        f"--{each['name'].removeprefix(prefix).lower().replace('_', '-')}={each['value']}"
        for each in container["env"]
    ]


def helm_program() -> str:
    """The helm of the cluster tests, or the system's. Where there is none, skip, but not in CI."""
    install = "https://helm.sh/docs/intro/install/"
    return _program("helm", located_programs().helm, or_else=install)


def promtool_program() -> str:
    """The promtool of the harness, or the system's. Where there is none, skip, but not in CI."""
    return _program("promtool", PROMETHEUS, or_else="https://prometheus.io/download/")


def prometheus_program() -> str:
    """The Prometheus of the harness, or the system's, in the same way."""
    return _program("prometheus", PROMETHEUS, or_else="https://prometheus.io/download/")


def _program(name: str, directory: Path, *, or_else: str) -> str:
    program = shutil.which(name, path=f"{directory}:{os.environ['PATH']}")
    if program is not None:
        return program
    remedy = f"needs {name}: python -m tests.harness build, or {or_else}"
    if os.environ.get("CI") == "true":
        pytest.fail(remedy)
    pytest.skip(remedy)


def helm(*arguments: str, stdin: str = "") -> str:
    """Run helm and return what it printed; raises RefusedError."""
    argv = (helm_program(), *arguments)
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RefusedError(done.stdout + done.stderr)
    return done.stdout


def render(values: Mapping[str, Any] | Path | None = None) -> Rendered:
    """Render the chart as the release `guard`, whose names then hold no more than that.

    `values` are a values file, or what one would hold, and then without the image that has to be
    given. Raises RefusedError.
    """
    text = _template(values.read_text() if isinstance(values, Path) else _values_file(values or {}))
    manifests = yaml.load_all(text, yaml.CSafeLoader)
    return Rendered(text=text, manifests=tuple(filter(None, manifests)))


@cache
def _template(values_file: str) -> str:
    """Run helm once for each file: tests ask for many things of the same."""
    return helm(
        *("template", "guard", str(CHART), f"--namespace={NAMESPACE}"),
        *("--set=fullnameOverride=guard", "--kube-version=1.37.0", "--values=-"),
        stdin=values_file,
    )


def _values_file(values: Mapping[str, Any]) -> str:
    image = {"repository": IMAGE, **values.get("image", {})}
    return yaml.safe_dump({**values, "image": image})
