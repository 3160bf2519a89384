"""The benchmark of creates: that it measures what it says, not how fast anything is."""

import pytest

from benchmarks.cluster.go_webhook import SOURCES
from benchmarks.cluster.plan import Plan
from benchmarks.cluster.running import carry_out, installed
from tests.harness.cluster import Cluster
from tests.harness.command import run

pytestmark = pytest.mark.cluster


def test_each_redis_pod_and_no_other_causes_the_calls_that_it_needs(
    root_and_go: None, cluster: Cluster
) -> None:
    with installed(cluster) as namespaces:
        plan = Plan(namespaces=namespaces, rounds=2, rate=50, slices=1, slice_seconds=0.1)
        seen = carry_out(cluster, plan)

    assert seen.failures == {}
    assert {name: calls.count for name, calls in seen.calls.items()} == {
        "inject.lean-go-webhook.example": 2,
        "validate.lean-go-webhook.example": 2,
        "inject.redis-memory-guard.dev": 2,
    }


def test_the_go_webhook_is_sound(root_and_go: None) -> None:
    assert run("gofmt", "-l", ".", directory=SOURCES).stdout == ""
    for check in ("vet", "test"):
        run("go", check, "./...", directory=SOURCES)
