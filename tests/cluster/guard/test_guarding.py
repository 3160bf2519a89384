"""What the guard is there for: a ceiling on what runs, a reason for what does not."""

import json

import pytest

from tests.harness.manifests import (
    apply,
    container,
    deployment,
    execute,
    read,
)
from tests.harness.release import Guard
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

FULL = [
    "redis-server",
    "--maxmemory",
    "37748736",
    "--maxmemory-policy",
    "allkeys-lru",
    "--save",
    "",
]
"""What a bare cache under 64Mi gets: 64Mi - 16Mi - 3/16 of 64Mi."""
ADVICE = (
    'Warning: container "redis": it runs a Redis server without a memory limit; its Pods are '
    "refused, unless a LimitRange gives them one"
)
DENIAL = (
    'admission webhook "inject.redis-memory-guard.dev" denied the request: container "redis": it '
    "runs a Redis server without a memory limit (no-memory-limit). Set resources.limits.memory on "
    "the container."
)


def test_a_deployment_runs_with_the_ceiling_that_its_annotation_tells(
    guard: Guard, namespace: str, redis_image: str
) -> None:
    cluster = guard.cluster
    applied = apply(cluster, namespace, deployment("cart", container(image=redis_image)))
    rollout = ("rollout", "status", "deployment/cart", f"--namespace={namespace}")

    cluster.kubectl(*rollout, "--timeout=240s")

    (running,) = read(cluster, namespace, "pods")["items"]
    assert running["metadata"]["labels"]["redis-memory-guard.dev/guarded"] == "true"
    record = json.loads(running["metadata"]["annotations"]["redis-memory-guard.dev/injected"])
    get = ("redis-cli", "config", "get")
    ceiling = execute(cluster, namespace, "deployment/cart", *get, "maxmemory")
    policy = execute(cluster, namespace, "deployment/cart", *get, "maxmemory-policy")
    saves = execute(cluster, namespace, "deployment/cart", *get, "save")
    assert "default snapshots" in applied.stderr
    assert running["spec"]["containers"][0]["args"] == FULL
    assert record["redis"]["maxmemory"] == 37748736
    assert ceiling.split() == ["maxmemory", "37748736"]
    assert policy.split() == ["maxmemory-policy", record["redis"]["policy"]]
    assert saves.split() == ["save"]
    template = read(cluster, namespace, "deployment/cart")["spec"]["template"]
    assert "args" not in template["spec"]["containers"][0]


def test_a_deployment_without_a_limit_is_told_so_twice(guard: Guard, namespace: str) -> None:
    cluster = guard.cluster

    applied = apply(cluster, namespace, deployment("cart", container(limit=None)))

    assert ADVICE in applied.stderr.splitlines()
    failed = ("events", f"--namespace={namespace}", "--types=Warning", "--output=json")

    def refusals() -> list[str]:
        events = json.loads(cluster.kubectl(*failed).stdout)["items"]
        return [event["message"] for event in events if event["reason"] == "FailedCreate"]

    (message, *_) = eventually(refusals, what="the ReplicaSet's event")
    assert DENIAL in message
    assert "limits:" in message
    assert read(cluster, namespace, "pods")["items"] == []
