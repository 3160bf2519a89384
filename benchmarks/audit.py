"""`python -m benchmarks.audit`: an audit of 10,000 Pods, its time and its peak of memory.

The objects are created in a real API server, which is brought up for it and taken down: no Pod
runs, as none has to. Takes some minutes, root and Go.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from tests.harness.cluster import Cluster
from tests.harness.manifests import container
from tests.harness.namespace import Namespaces
from tests.harness.progress import step
from tests.harness.temporary import temporary_cluster

NAMESPACES = 100
_PROGRAM = str(Path(sys.executable).with_name("redis-memory-guard"))


@click.command(help=__doc__)
@click.option("--pods", type=click.IntRange(NAMESPACES), default=10_000, show_default=True)
@click.option("--servers", type=click.IntRange(1), default=40, show_default=True)
def main(*, pods: int, servers: int) -> None:
    with temporary_cluster(Namespaces(name="audit-benchmark"), "--control-plane-only") as cluster:
        with step(f"creating {pods:,} Pods in {NAMESPACES} namespaces"):
            _fill(cluster, pods, servers)
        seconds, peak, output = _audit(cluster)
    summary = json.loads(output)["summary"]
    click.echo(
        f"{summary['pods']:,} Pods, {summary['servers']} Redis servers, "
        f"{summary['namespaces']} namespaces: {seconds:.1f} s, {peak / 2**20:.0f} MiB"
    )


def _audit(cluster: Cluster) -> tuple[float, int, bytes]:
    """Run it once; give its seconds, the peak of its memory in bytes, and its output."""
    began = time.monotonic()
    done = subprocess.run(
        [*cluster.enter, _PROGRAM, "audit", "-A", "-q", "-o", "json"],
        env={**os.environ, **cluster.environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return time.monotonic() - began, peak, done.stdout


def _fill(cluster: Cluster, pods: int, servers: int) -> None:
    """Create as kubectl does, many objects a call; eight calls at once."""

    def create(documents: list[Any]) -> None:
        content = {"apiVersion": "v1", "kind": "List", "items": documents}
        cluster.kubectl("create", "--filename=-", stdin=json.dumps(content), timeout=1800)

    create(
        [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"team-{number}"}}
            for number in range(NAMESPACES)
        ]
    )
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(create, _objects(pods, servers)))


def _objects(pods: int, servers: int) -> Iterator[list[Any]]:
    """The Pods of each namespace, with the Deployments of those that are Redis."""
    every = max(1, pods // servers)
    for number in range(NAMESPACES):
        indices = range(number, pods, NAMESPACES)
        yield [
            document
            for index in indices
            for document in _documents(f"team-{number}", index, is_redis=index % every == 0)
        ]


def _documents(namespace: str, index: int, *, is_redis: bool) -> Iterator[Any]:
    metadata = {"name": f"app-{index}", "namespace": namespace, "labels": {"app": f"app-{index}"}}
    own = container() if is_redis else container(name="app", image="registry.example.com/app:1")
    own["env"] = [{"name": f"SETTING_{n}", "value": f"https://{n}.example.com"} for n in range(20)]
    spec = {"containers": [own]}
    if is_redis:
        yield {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "selector": {"matchLabels": {"app": f"app-{index}"}},
                "template": {"metadata": {"labels": {"app": f"app-{index}"}}, "spec": spec},
            },
        }
    yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


if __name__ == "__main__":
    main()
