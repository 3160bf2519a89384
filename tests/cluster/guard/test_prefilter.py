"""Who the webhook is called for, and whom its absence harms."""

import json
from collections.abc import Mapping

import pytest

from tests.cluster.guard.bystanders import bystanders
from tests.cluster.guard.calls import calls
from tests.cluster.guard.creates import create_many
from tests.harness.manifests import apply, container, create_dry, deployment, pod, read
from tests.harness.release import NAMESPACE, Guard
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

MANY = 10_000


def test_pods_that_are_no_redis_cause_no_call(guard: Guard, namespace: str) -> None:
    before = calls(guard.cluster)

    outcomes = create_many(guard.cluster, namespace, bystanders(), MANY)

    assert outcomes == {"admitted": MANY}
    assert calls(guard.cluster) == before


def test_a_redis_pod_causes_one_call_and_none_once_it_carries_its_ceiling(
    guard: Guard, namespace: str
) -> None:
    before = calls(guard.cluster)

    outcomes = create_many(guard.cluster, namespace, [pod("cart")], 10)

    after = calls(guard.cluster)
    assert outcomes == {"admitted": 10}
    assert _calls_since(before, after) == {"inject": 10, "validate": 0}


def test_a_redis_in_a_shell_text_causes_one_call_of_each_webhook(
    guard: Guard, namespace: str
) -> None:
    before = calls(guard.cluster)
    text = container(command=["sh", "-c", "exec redis-server"])

    outcomes = create_many(guard.cluster, namespace, [pod("cart", text)], 10)

    assert outcomes == {"admitted": 10}
    assert _calls_since(before, calls(guard.cluster)) == {"inject": 10, "validate": 10}


def test_without_any_webhook_pod_a_bounded_redis_is_admitted_and_an_audited_one_too(
    guard: Guard, namespace: str
) -> None:
    rules = json.dumps([{"namespaces": [namespace], "mode": "audit"}])
    audited = f"--set-json=policy.rules={rules}"
    bounded = container(args=["redis-server", "--maxmemory", "52428800"])
    guard.scale(0)
    try:
        admitted = create_dry(guard.cluster, namespace, pod("bounded", bounded))
        refused = create_dry(guard.cluster, namespace, pod("unbounded"))
    finally:
        guard.scale(2)
    with guard.changed(audited):
        guard.scale(0)
        in_audit = create_dry(guard.cluster, namespace, pod("unbounded"))
        elsewhere = create_dry(guard.cluster, "default", pod("unbounded"))

    assert (admitted.returncode, admitted.stderr) == (0, "")
    assert (refused.returncode, in_audit.returncode, elsewhere.returncode) == (1, 0, 1)


def test_without_any_webhook_pod_only_redis_waits_and_comes_up_by_itself(
    guard: Guard, namespace: str, redis_image: str
) -> None:
    cluster = guard.cluster
    guard.scale(0)
    try:
        outcomes = create_many(cluster, namespace, bystanders(), 200)
        refused = create_dry(cluster, namespace, pod("cart"))
        apply(cluster, namespace, deployment("cart", container(image=redis_image)))
        eventually(lambda: _failures(guard, namespace), what="a refused Pod")
    finally:
        guard.scale(2)

    assert outcomes == {"admitted": 200}
    assert refused.returncode != 0
    assert 'failed calling webhook "validate.redis-memory-guard.dev"' in refused.stderr
    rollout = ("rollout", "status", "deployment/cart", f"--namespace={namespace}")
    cluster.kubectl(*rollout, "--timeout=240s")
    (running,) = read(cluster, namespace, "pods")["items"]
    assert "--maxmemory" in running["spec"]["containers"][0]["args"]


def test_where_the_administrator_chose_ignore_redis_is_admitted_without_it(
    guard: Guard, namespace: str
) -> None:
    ignore = "--set=webhooks.validating.failurePolicy=Ignore"

    with guard.changed(ignore):
        guard.scale(0)
        created = create_dry(guard.cluster, namespace, pod("cart"))

    assert created.returncode == 0
    assert "--maxmemory" not in created.stdout


def test_a_cluster_that_comes_up_with_nothing_running_starts_everything(
    guard: Guard, namespace: str, redis_image: str
) -> None:
    cluster = guard.cluster
    apply(cluster, namespace, deployment("cart", container(image=redis_image)))
    rollout = ("rollout", "status", "deployment/cart", f"--namespace={namespace}")
    cluster.kubectl(*rollout, "--timeout=240s")
    at_once = ("--force", "--grace-period=0", "--wait=false")

    for each in (NAMESPACE, namespace):
        cluster.kubectl("delete", "pods", "--all", f"--namespace={each}", *at_once)

    deployments = ("deployments", "--all", f"--namespace={NAMESPACE}")
    available = ("wait", "--for=condition=Available", "--timeout=240s")
    eventually(lambda: _ready(guard, namespace), what="all Pods", seconds=240)
    cluster.kubectl(*available, *deployments)
    guard.settle()


def _calls_since(before: Mapping[str, int], after: Mapping[str, int]) -> Mapping[str, int]:
    return {name: after.get(name, 0) - before.get(name, 0) for name in ("inject", "validate")}


def _failures(guard: Guard, namespace: str) -> list[str]:
    events = read(guard.cluster, namespace, "events")["items"]
    return [event["message"] for event in events if event["reason"] == "FailedCreate"]


def _ready(guard: Guard, namespace: str) -> bool:
    """Three Pods of ours and the one Redis, none of them of before."""
    pods = [*guard.get("pods"), *read(guard.cluster, namespace, "pods")["items"]]
    ready = [
        condition["status"] == "True"
        for each in pods
        for condition in each["status"].get("conditions", ())
        if condition["type"] == "Ready"
    ]
    return len(pods) == 4 and ready == [True] * 4
