"""The cure without a restart, on servers that are being filled."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.audit.commands import guard_command
from tests.cluster.audit.zoo import documents
from tests.harness.builders import MEBI
from tests.harness.cluster import Cluster
from tests.harness.manifests import container, deployment, execute, read
from tests.harness.scratch import scratch_namespace
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

FILL = ("redis-benchmark", "-q", "-t", "set", "-d", "10000", "-r", "1000000", "-c", "1")
SLOWLY = f"until [ -e /tmp/faster ]; do {' '.join(FILL)} -n 100; sleep 1; done"
"""A mebibyte a second at most: time enough to look and to set a ceiling."""

ALL = f"{' '.join(FILL)} -n 6000"
"""Nearly the whole limit."""


@pytest.fixture(scope="module")
def home(cluster: Cluster, images: None) -> Iterator[str]:
    with scratch_namespace(cluster) as namespace:
        durable = container(
            args=["--appendonly", "yes"], volumeMounts=[{"name": "data", "mountPath": "/data"}]
        )
        kept = deployment("kept", durable)
        kept["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "emptyDir": {}}]
        manifests = [deployment("filled", container()), deployment("undone", container()), kept]
        where = f"--namespace={namespace}"
        cluster.kubectl("create", where, "--filename=-", stdin=documents(manifests))
        cluster.kubectl(
            "wait", where, "--for=condition=Available", "deployment", "--all", "--timeout=300s"
        )
        yield namespace


def apply(cluster: Cluster, home: str, *arguments: str) -> Any:
    done = guard_command(
        cluster, "apply", f"--namespace={home}", "--output=json", "--quiet", *arguments
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_plan_sets_nothing(cluster: Cluster, home: str) -> None:
    planned = apply(cluster, home, "deployment/filled")

    (step,) = planned["plan"]
    assert [each["directive"] for each in step["settings"]] == [
        "save",
        "maxmemory-policy",
        "maxmemory",
    ]
    assert config(cluster, home, "filled", "maxmemory") == "0"


def test_a_server_that_is_being_filled_plateaus_without_a_restart(
    cluster: Cluster, home: str, tmp_path: Path
) -> None:
    where = ("exec", f"--namespace={home}", "deployment/filled", "--")
    filling = subprocess.Popen(
        [*cluster.enter, "kubectl", *where, "sh", "-c", f"{SLOWLY}; {ALL}"],
        env={**os.environ, **cluster.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: used(cluster, home, "filled") > 5 * MEBI, what="it fills")
        apply(cluster, home, "--yes", f"--record={tmp_path / 'record'}", "deployment/filled")
        execute(cluster, home, "deployment/filled", "touch", "/tmp/faster")
        filling.wait(timeout=300)
    finally:
        filling.kill()
        filling.wait()

    assert used(cluster, home, "filled") <= 36 * MEBI
    assert restarts(cluster, home, "filled") == 0
    assert config(cluster, home, "filled", "maxmemory") == str(36 * MEBI)


def test_a_durable_server_loses_nothing(cluster: Cluster, home: str, tmp_path: Path) -> None:
    execute(cluster, home, "deployment/kept", *FILL, "-n", "2500")
    before, held = size(cluster, home, "kept"), used(cluster, home, "kept")
    assert held > 18 * MEBI

    done = apply(cluster, home, "--yes", f"--record={tmp_path / 'record'}", "deployment/kept")

    assert done["applied"][0]["problem"] == ""
    assert size(cluster, home, "kept") == before
    assert int(config(cluster, home, "kept", "maxmemory")) > held
    assert config(cluster, home, "kept", "maxmemory-policy") == "noeviction"
    assert execute(cluster, home, "deployment/kept", "redis-cli", "SET", "one-more", "x") == "OK"


def test_an_undo_sets_what_was_before(cluster: Cluster, home: str, tmp_path: Path) -> None:
    names = ("maxmemory", "maxmemory-policy", "save")
    before = [config(cluster, home, "undone", name) for name in names]
    record = tmp_path / "record"
    apply(cluster, home, "--yes", f"--record={record}", "deployment/undone")
    between = [config(cluster, home, "undone", name) for name in names]

    undone = guard_command(cluster, "apply", f"--undo={record}", "--yes")

    assert undone.returncode == 0, undone.stderr
    assert between == [str(36 * MEBI), "allkeys-lru", ""]
    assert [config(cluster, home, "undone", name) for name in names] == before


def config(cluster: Cluster, home: str, name: str, directive: str) -> str:
    answer = execute(cluster, home, f"deployment/{name}", "redis-cli", "CONFIG", "GET", directive)
    return answer.partition("\n")[2]


def used(cluster: Cluster, home: str, name: str) -> int:
    info = execute(cluster, home, f"deployment/{name}", "redis-cli", "INFO", "memory")
    fields = dict(line.split(":", 1) for line in info.split() if ":" in line)
    return int(fields["used_memory"])


def size(cluster: Cluster, home: str, name: str) -> str:
    return execute(cluster, home, f"deployment/{name}", "redis-cli", "DBSIZE")


def restarts(cluster: Cluster, home: str, name: str) -> int:
    (pod,) = [
        each
        for each in read(cluster, home, "pods")["items"]
        if each["metadata"]["labels"]["app"] == name
    ]
    count: int = pod["status"]["containerStatuses"][0]["restartCount"]
    return count
