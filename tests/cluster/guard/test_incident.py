"""The incident, and its cure: the same manifest, the same writes, with the guard and without."""

import json
from typing import Any

import pytest

from tests.harness.manifests import apply, container, execute, pod, read, wait_ready
from tests.harness.release import Guard

pytestmark = pytest.mark.cluster

WRITES = ("redis-benchmark", "-q", "-t", "set", "-n", "200000", "-r", "200000", "-d", "1024")
"""About 200 MB, if they are all kept, for a server of 64Mi."""


def test_without_the_guard_it_is_oom_killed_and_with_it_it_evicts(
    guard: Guard, namespace: str, redis_image: str
) -> None:
    cluster = guard.cluster
    manifest = pod("cart", container(image=redis_image), restartPolicy="Never")
    guard.uninstall()
    try:
        apply(cluster, namespace, manifest)
        wait_ready(cluster, namespace, "cart")
        writing = ("exec", f"--namespace={namespace}", "cart", "--", *WRITES)
        cluster.kubectl(*writing, check=False)
        dead = _dead(guard, namespace)
        cluster.kubectl("delete", f"--namespace={namespace}", "pod/cart")
    finally:
        guard.install()

    apply(cluster, namespace, manifest)
    wait_ready(cluster, namespace, "cart")
    execute(cluster, namespace, "cart", *WRITES)

    assert (dead["reason"], dead["exitCode"]) == ("OOMKilled", 137)
    memory = _info(guard, namespace, "memory")
    assert (int(memory["maxmemory"]), memory["maxmemory_policy"]) == (37748736, "allkeys-lru")
    assert 0.9 < int(memory["used_memory"]) / int(memory["maxmemory"]) <= 1.01
    assert int(_info(guard, namespace, "stats")["evicted_keys"]) > 100_000
    (status,) = read(cluster, namespace, "pod/cart")["status"]["containerStatuses"]
    assert (status["restartCount"], "running" in status["state"]) == (0, True)


def _dead(guard: Guard, namespace: str) -> Any:
    terminated = "jsonpath={.status.containerStatuses[0].state.terminated}"
    waiting = ("wait", f"--namespace={namespace}", "pod/cart", f"--for={terminated}")
    guard.cluster.kubectl(*waiting, "--timeout=120s")
    found = guard.cluster.kubectl(
        *("get", f"--namespace={namespace}", "pod/cart", f"--output={terminated}")
    )
    return json.loads(found.stdout)


def _info(guard: Guard, namespace: str, section: str) -> dict[str, str]:
    lines = execute(guard.cluster, namespace, "cart", "redis-cli", "info", section).splitlines()
    return dict(line.strip().split(":", 1) for line in lines if ":" in line)
