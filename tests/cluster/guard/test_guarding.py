"""What the guard is there for: a ceiling on what runs, a reason for what does not."""

import json

import pytest

from tests.harness.manifests import (
    apply,
    container,
    deployment,
    execute,
    pod,
    read,
    wait_ready,
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


def test_audit_changes_nothing_and_tells_all(
    audit: Guard, namespace: str, redis_image: str
) -> None:
    cluster = audit.cluster

    applied = apply(cluster, namespace, pod("cart", container(image=redis_image)))
    unlimited = apply(cluster, namespace, pod("unlimited", container(limit=None)))
    workload = apply(cluster, namespace, deployment("cart", container()), "--dry-run=server")

    would = (
        'Warning: audit: container "redis" would start with --maxmemory 37748736 '
        '--maxmemory-policy allkeys-lru --save ""'
    )
    assert would in applied.stderr.splitlines()
    assert would in workload.stderr.splitlines()
    refused = 'audit: container "redis" would be refused: it runs a Redis server without'
    assert refused in unlimited.stderr
    wait_ready(cluster, namespace, "cart")
    running = read(cluster, namespace, "pod/cart")
    assert "args" not in running["spec"]["containers"][0]
    ours = [name for name in running["metadata"]["annotations"] if "redis-memory-guard" in name]
    assert ours == []
    ceiling = execute(cluster, namespace, "cart", "redis-cli", "config", "get", "maxmemory")
    assert ceiling.split() == ["maxmemory", "0"]
    (event,) = (
        event
        for event in cluster.audit_events()
        if event["verb"] in ("create", "patch")
        and event["objectRef"].get("namespace") == namespace
        and event["objectRef"].get("name") == "cart"
        and event["objectRef"]["resource"] == "pods"
        and "subresource" not in event["objectRef"]
    )
    said = {
        name.removeprefix("inject.redis-memory-guard.dev/"): value
        for name, value in event["annotations"].items()
        if name.startswith("inject.redis-memory-guard.dev/")
    }
    assert said["decision"] == "would-inject"
    assert said["maxmemory"] == "redis=37748736"
