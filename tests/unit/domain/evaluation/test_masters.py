"""A replica beside its master."""

import pytest

from tests.harness.builders import Json, a_container, a_pod, evaluated
from webhook.domain.evaluation.masters import beside_masters
from webhook.domain.evaluation.outcome import Evaluation


def pod(name: str, namespace: str = "shop", **fields: object) -> Evaluation:
    made: Json = a_pod(a_container(**fields))  # type: ignore[arg-type]
    return evaluated({**made, "metadata": {"name": name, "namespace": namespace}})


def replica(host: str, limit: str = "192Mi") -> Evaluation:
    return pod("redis-replica", args=["--replicaof", host, "6379"], limit=limit)


def said(evaluations: list[Evaluation]) -> list[str]:
    (outcome,) = beside_masters(evaluations)[-1].outcomes
    return [each.message for each in outcome.warnings if "replica" in each.reason]


GENERAL = (
    "as a replica it ignores maxmemory until it is promoted: its memory limit of {} must hold its "
    "master's maxmemory"
)


@pytest.mark.parametrize(
    "host", ["redis-master", "redis-master-0", "redis-master.shop.svc.cluster.local"]
)
def test_with_a_smaller_limit_is_told_what_its_master_may_hold(host: str):
    master = pod("redis-master", args=["--appendonly", "yes"])

    assert said([master, replica(host)]) == [
        "its master redis-master may hold 200Mi, and of its own memory limit of 192Mi only 140Mi "
        "are safe for data: it needs the 512Mi of its master"
    ]


def test_with_the_limit_of_its_master_is_told_nothing_more():
    master = pod("redis-master", args=["--appendonly", "yes"])

    assert said([master, replica("redis-master", "512Mi")]) == [GENERAL.format("512Mi")]


@pytest.mark.parametrize(
    "others",
    [
        [],
        [pod("other")],
        [pod("redis-master", namespace="elsewhere")],
        [pod("redis-master", limit=None)],
        [pod("redis-master", image="corp/app:1")],
    ],
)
def test_without_a_master_in_sight_is_told_nothing_more(others: list[Evaluation]):
    assert said([*others, replica("redis-master")]) == [GENERAL.format("192Mi")]


def test_that_cannot_see_its_master_is_left_as_it_is():
    alone = pod("redis-replica", args=["--replicaof", "$(MASTER)", "6379"])

    assert beside_masters([alone]) == (alone,)


def test_only_the_replica_of_a_pod_is_compared():
    both = evaluated(
        a_pod(
            a_container(args=["--replicaof", "redis-master", "6379"], limit="192Mi"),
            a_container(name="other", args=["--port", "7000"]),
        )
    )

    compared = beside_masters([pod("redis-master"), both])[1]

    assert compared.outcomes[0] != both.outcomes[0]
    assert compared.outcomes[1] == both.outcomes[1]


def test_of_its_own_workload_is_not_compared_with_itself():
    assert said([replica("redis-replica-0")]) == [GENERAL.format("192Mi")]
