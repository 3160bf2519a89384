"""`python -m benchmarks.apply`: the picture of `apply` on a server that is being filled.

Two servers of a real cluster are filled alike, and one of them gets its ceiling on the way. Writes
docs/images/apply.png, and the HTML report of an audit of the same cluster to --report. Takes some
minutes, root and Go.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from matplotlib.figure import Figure

from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster
from tests.harness.images import redis_archive
from tests.harness.manifests import container, deployment, execute, pod
from tests.harness.namespace import Namespaces
from tests.harness.progress import step
from tests.harness.temporary import temporary_cluster

_PROGRAM = str(Path(sys.executable).with_name("redis-memory-guard"))
_MEBI = 2**20
_LIMIT = 128
_SECONDS, _APPLIED_AT = 100.0, 30.0
_BENCHMARK = "redis-benchmark -q -t set -d 10000 -r 10000000 -c 1 -n 200"
_FILL = f"while {_BENCHMARK} >/dev/null; do sleep 1; done"
_GUARDED, _LEFT, _INK, _GRID = "#1a7f37", "#cf222e", "#57606a", "#d0d7de"
_HOMES = ("argocd", "jobs", "shop", "web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a server holds `at` seconds; None while it does not answer."""

    at: float
    used: int | None


@click.command(help=__doc__)
@click.option("--report", type=click.Path(path_type=Path), help="Write the HTML report there.")
def main(*, report: Path | None) -> None:
    with temporary_cluster(Namespaces(name="apply-picture")) as cluster:
        with step("starting the servers"):
            _start(cluster)
        with step(f"filling two of them for {_SECONDS:.0f} s"):
            samples, applied = _fill(cluster)
        if report is not None:
            report.write_text(_guard(cluster, "audit", "-A", "--live=exec", "--output=html"))
    _draw(samples, applied, REPOSITORY / "docs" / "images" / "apply.png")


def _start(cluster: Cluster) -> None:
    cluster.import_image(redis_archive())
    for home in _HOMES:
        cluster.kubectl("create", "namespace", home)
    for home, manifest in _workloads():
        document = json.dumps(manifest)
        cluster.kubectl("create", f"--namespace={home}", "--filename=-", stdin=document)
    for home in _HOMES:
        waiting = ("wait", f"--namespace={home}", "--for=condition=Ready", "pods", "--all")
        cluster.kubectl(*waiting, "--timeout=300s")
    for home, name in (("shop", "orders"), ("web", "fragments"), ("jobs", "celery-broker")):
        filling = (
            "redis-benchmark",
            "-q",
            "-t",
            "set",
            "-d",
            "10000",
            "-r",
            "100000",
            "-n",
            "2600",
        )
        execute(cluster, home, f"deployment/{name}", *filling)


def _workloads() -> Iterator[tuple[str, Any]]:
    """Two to be filled alike, and some more for the report."""
    yield "shop", deployment("sessions", container(limit=f"{_LIMIT}Mi"))
    yield "shop", deployment("cart", container(limit=f"{_LIMIT}Mi"))
    own = container(args=["--maxmemory", "40mb", "--maxmemory-policy", "noeviction"])
    yield "jobs", deployment("sidekiq", own)
    yield "argocd", deployment("argocd-redis", container(limit=None))
    hidden = container(command=["sh", "-c", "echo 'port 6379' | redis-server -"])
    yield "jobs", deployment("from-stdin", hidden)
    durable = container(
        args=["--appendonly", "yes"], volumeMounts=[{"name": "data", "mountPath": "/data"}]
    )
    path = {"path": "/var/lib/orders", "type": "DirectoryOrCreate"}
    orders = deployment("orders", durable)
    orders["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "hostPath": path}]
    yield "shop", orders
    yield "shop", pod("nobodys", container())
    chosen = container(limit="128Mi", args=["--maxmemory", "90mb", "--save", ""])
    yield "web", deployment("pages", chosen)
    yield "web", deployment("fragments", container(limit="96Mi"))
    scaled_down = deployment("scaled-down", container())
    scaled_down["spec"]["replicas"] = 0
    yield "web", scaled_down
    yield "jobs", deployment("celery-broker", container())


def _fill(cluster: Cluster) -> tuple[Mapping[str, Sequence[Sample]], float]:
    """Fill both, apply to one; give what they held, and when it was applied."""
    samples: dict[str, list[Sample]] = {"sessions": [], "cart": []}
    applied = 0.0
    with ExitStack() as filling:
        for name in samples:
            filling.enter_context(_filling(cluster, name))
        began = time.monotonic()
        while (at := time.monotonic() - began) < _SECONDS:
            if not applied and at > _APPLIED_AT:
                _guard(cluster, "apply", "--namespace=shop", "--yes", "deployment/sessions")
                applied = time.monotonic() - began
            for name, taken in samples.items():
                used = _used(cluster, name)
                taken.append(Sample(at=time.monotonic() - began, used=used))
    return samples, applied


@contextmanager
def _filling(cluster: Cluster, name: str) -> Iterator[None]:
    process = subprocess.Popen(
        [*cluster.enter, "kubectl", *_in(name), "sh", "-c", _FILL],
        env={**os.environ, **cluster.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _used(cluster: Cluster, name: str) -> int | None:
    answer = cluster.kubectl(*_in(name), "redis-cli", "INFO", "memory", check=False)
    if answer.returncode != 0:
        return None
    fields = dict(line.split(":", 1) for line in answer.stdout.split() if ":" in line)
    return int(fields["used_memory_rss"]) if "used_memory_rss" in fields else None


def _in(name: str) -> tuple[str, ...]:
    return "exec", "--namespace=shop", f"deployment/{name}", "--"


def _guard(cluster: Cluster, *arguments: str) -> str:
    return cluster.client(_PROGRAM, *arguments, timeout=300).stdout


def _draw(samples: Mapping[str, Sequence[Sample]], applied: float, path: Path) -> None:
    figure = Figure(figsize=(9.0, 4.2), dpi=160, facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    axes.set_title("apply, on a server that is being filled", loc="left", fontweight="bold", pad=24)
    for name, color, label in (
        ("cart", _LEFT, "left as it is"),
        ("sessions", _GUARDED, "given its ceiling of 88Mi by apply, no restart"),
    ):
        used = [float("nan") if each.used is None else each.used / _MEBI for each in samples[name]]
        axes.plot(
            [each.at for each in samples[name]], used, color=color, linewidth=2.4, label=label
        )
    axes.axhline(_LIMIT, color=_INK, linewidth=1.6, linestyle=(0, (6, 3)))
    axes.annotate("memory limit", (0, _LIMIT), (5, 6), textcoords="offset points", color=_INK)
    axes.axvline(applied, color=_GUARDED, linewidth=1.2, linestyle=":")
    noted = (applied, 4)
    axes.annotate("apply --yes", noted, (6, 0), textcoords="offset points", color=_GUARDED)
    axes.set_xlim(0, _SECONDS)
    axes.set_ylim(0, _LIMIT * 1.12)
    axes.set_yticks([0, 32, 64, 96, _LIMIT], labels=["0", "32Mi", "64Mi", "96Mi", f"{_LIMIT}Mi"])
    axes.set_xlabel("seconds of writing")
    axes.set_ylabel("memory of the server")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=_GRID, linewidth=0.6)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 0.995), ncols=2, frameon=False)
    figure.savefig(path)


if __name__ == "__main__":
    main()
