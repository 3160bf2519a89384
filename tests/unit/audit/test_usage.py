from collections.abc import Mapping, Sequence

import pytest

from tests.harness.builders import MEBI, Json, a_container
from tests.unit.audit.fake_cluster import FakeCluster, a_running_pod, a_workload
from webhook.audit.look import AuditBasis, look_at
from webhook.audit.server import AuditedServer, Usage
from webhook.audit.usage import with_usage
from webhook.domain.policy.settings import Policy

SPEC: Json = {"containers": [a_container()]}

Samples = Sequence[tuple[Mapping[str, str], float]]


def a_server() -> AuditedServer:
    deployment = a_workload("Deployment", "cart", SPEC)
    replicas = a_workload("ReplicaSet", "cart-7d", SPEC, deployment)
    pod = a_running_pod("cart-7d-abcde", SPEC, replicas)
    cluster = FakeCluster(objects=[deployment, replicas, pod])
    (server,) = look_at("shop", cluster, AuditBasis(policy=Policy())).servers
    return server


def of(pod: str, container: str = "", namespace: str = "shop") -> Mapping[str, str]:
    return {"namespace": namespace, "pod": pod, "container": container}


def usage(known: Mapping[str, Samples]) -> Usage | None:
    """The usage where the expressions that contain a text have these samples."""

    def query(expression: str) -> Samples:
        return next((found for text, found in known.items() if text in expression), ())

    (server,) = with_usage([a_server()], query)
    return server.usage


def test_the_highest_of_its_pods_counts_those_of_before_too():
    working_set = [
        (of("cart-7d-abcde", "redis"), 40 * MEBI),
        (of("cart-5c-zzzzz", "redis"), 60 * MEBI),
        (of("cart-7d-abcde", "sidecar"), 99 * MEBI),
        (of("cart-other-7d-abcde", "redis"), 99 * MEBI),
        (of("cart-7d-abcde", "redis", namespace="other"), 99 * MEBI),
    ]

    found = usage({"max_over_time(container_memory": working_set})

    assert found == Usage(peak=60 * MEBI)


def test_what_an_exporter_knows_wins_over_the_containers_memory():
    found = usage(
        {
            "max_over_time": [],
            "redis_memory_used_bytes": [(of("cart-7d-abcde"), 10 * MEBI)],
            "container_memory": [(of("cart-7d-abcde", "redis"), 40 * MEBI)],
        }
    )

    assert found == Usage(used=10 * MEBI, counted=10 * MEBI)


def test_the_containers_memory_is_not_what_the_server_counts():
    found = usage({"container_memory_working_set_bytes{": [(of("cart-7d-abcde", "redis"), 9.0)]})

    assert found is not None
    assert (found.used, found.counted) == (9, None)


def test_evictions_and_kills_are_counted():
    found = usage(
        {
            "redis_evicted_keys_total": [(of("cart-7d-abcde"), 11.6)],
            "container_oom_events_total": [(of("cart-7d-abcde", "redis"), 2.0)],
        }
    )

    assert found == Usage(evicted=12, oom_kills=2)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_tells_nothing(value: float):
    assert usage({"redis_memory_used_bytes": [(of("cart-7d-abcde"), value)]}) is None


def test_a_prometheus_that_knows_nothing_tells_nothing():
    assert usage({}) is None
