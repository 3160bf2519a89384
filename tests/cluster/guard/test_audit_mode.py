"""The guard in audit mode."""

from collections.abc import Iterator

import pytest

from tests.cluster.audit.commands import diagnosis
from tests.harness.manifests import apply, container, deployment, execute, pod, read, wait_ready
from tests.harness.release import Guard

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def audit(guard: Guard) -> Iterator[Guard]:
    """Changed once for all: it takes two roll-outs."""
    with guard.changed("--set=mode=audit"):
        yield guard


def test_nothing_is_changed_and_all_is_told(audit: Guard, namespace: str, redis_image: str) -> None:
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


def test_what_helm_tests(audit: Guard) -> None:
    tested = audit.test()

    said = tested.stdout + tested.stderr
    assert "audit mode in the namespace default" in said
    assert 'audit: container \\"redis\\" would start with --maxmemory 419430400' in said
    assert said.count(": as expected") == 2


def test_to_doctor_it_is_the_warnings_that_count(audit: Guard) -> None:
    code, told = diagnosis(audit.cluster)

    assert (code, {status for status, _ in told.values()}) == (0, {"ok"})
    assert told["bounded-pod"][1].endswith("is admitted, with a warning")
