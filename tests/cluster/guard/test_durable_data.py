"""What lasts stays, under a ceiling that came later: on a node, with a volume of its disk."""

from typing import Any

import pytest

from tests.harness.cluster import Cluster
from tests.harness.manifests import (
    apply,
    container,
    create_dry,
    execute,
    pod,
    read,
    wait_ready,
)
from tests.harness.release import Guard
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

LIMIT = "128Mi"
CEILING = "46137344"
"""44Mi: what a server that persists its data gets under 128Mi."""
KEYS, AT_ONCE = 50_000, 5_000
"""Of 1,000 bytes each: more than the ceiling holds, and less than the limit; a script's writes are
held in memory a second time until they are in the file, so that they come in parts."""
FILL = (
    "for i = ARGV[1] + 1, ARGV[1] + ARGV[2] do "
    "redis.call('SET', 'kept:' .. i, i .. string.rep('x', 1000)) end "
    "redis.call('SET', 'session:' .. ARGV[1], string.rep('x', 1000), 'EX', 100000)"
)
DIGEST = (
    "local count, digest = 0, '' for i = 1, tonumber(ARGV[1]) do "
    "local value = redis.call('GET', 'kept:' .. i) "
    "if value then count = count + 1 digest = redis.sha1hex(digest .. value) end end "
    "return count .. ' ' .. digest"
)
"""How many of the keys without an expiry are there, and one sum over their values."""


@pytest.fixture
def store(namespace: str, redis_image: str) -> dict[str, Any]:
    """A server with an append-only file on the node's disk."""
    path = f"/var/lib/{namespace}"
    return pod(
        "store",
        container(
            image=redis_image,
            limit=LIMIT,
            args=["--appendonly", "yes"],
            volumeMounts=[{"name": "data", "mountPath": "/data"}],
        ),
        terminationGracePeriodSeconds=30,
        volumes=[{"name": "data", "hostPath": {"path": path, "type": "DirectoryOrCreate"}}],
    )


def ask(cluster: Cluster, namespace: str, *words: str) -> str:
    return execute(cluster, namespace, "store", "redis-cli", "--raw", *words)


def started(cluster: Cluster, namespace: str, manifest: dict[str, Any]) -> str:
    """Create the server and wait until its data is loaded; what kubectl was told meanwhile."""
    told = apply(cluster, namespace, manifest).stderr
    wait_ready(cluster, namespace, "store")
    eventually(lambda: ask(cluster, namespace, "PING") == "PONG", what="a loaded server")
    return told


def test_a_server_filled_before_it_had_a_ceiling_keeps_every_key_that_does_not_expire(
    guard: Guard, namespace: str, store: dict[str, Any]
) -> None:
    cluster = guard.cluster
    guard.uninstall()
    try:
        started(cluster, namespace, store)
        for filled in range(0, KEYS, AT_ONCE):
            ask(cluster, namespace, "EVAL", FILL, "0", str(filled), str(AT_ONCE))
        used = ask(cluster, namespace, "INFO", "memory")
        before = ask(cluster, namespace, "EVAL", DIGEST, "0", str(KEYS))
        cluster.kubectl("delete", f"--namespace={namespace}", "pod/store")
    finally:
        guard.install()

    told = started(cluster, namespace, store)

    settings = ("CONFIG", "GET", "maxmemory*")
    said = ask(cluster, namespace, *settings).split()
    refused = ask(cluster, namespace, "SET", "one:more", "x" * 1000)
    after = ask(cluster, namespace, "EVAL", DIGEST, "0", str(KEYS))
    found = dict(zip(said[::2], said[1::2], strict=True))
    assert int(used.split("used_memory:")[1].split()[0]) > int(CEILING)
    assert (found["maxmemory"], found["maxmemory-policy"]) == (CEILING, "volatile-lru")
    assert before.split()[0] == str(KEYS)
    assert after == before
    assert "OOM command not allowed" in refused
    assert "its data outlives the Pod" in told
    (status,) = read(cluster, namespace, "pod/store")["status"]["containerStatuses"]
    assert status["restartCount"] == 0


@pytest.mark.parametrize(
    ("labels", "is_warned"), [({"app": "sidekiq"}, True), ({"app": "cart"}, False)]
)
def test_a_queue_by_its_signs_is_warned_of_and_gets_the_policy_of_all(
    guard: Guard, namespace: str, labels: dict[str, str], *, is_warned: bool
) -> None:
    manifest = pod("redis", metadata={"labels": labels})

    created = create_dry(guard.cluster, namespace, manifest)

    warnings = [line for line in created.stderr.splitlines() if "sidekiq" in line]
    assert created.returncode == 0
    assert '"allkeys-lru"' in created.stdout
    assert bool(warnings) == is_warned
    assert all("noeviction" in line for line in warnings)
