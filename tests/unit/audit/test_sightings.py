"""Which servers of an audit tell what their next ceiling must hold."""

from dataclasses import replace

import pytest

from tests.harness.builders import MEBI, Json, a_claim, a_container, a_mount
from tests.unit.audit.fake_cluster import FakeCluster, a_running_pod, a_workload
from tests.unit.audit.live_servers import live
from webhook.audit.live import LiveServer, Silence
from webhook.audit.look import AuditBasis, look_at
from webhook.audit.server import AuditedServer, Usage
from webhook.audit.sightings import sightings
from webhook.domain.policy.floors import NO_FLOORS, Floors, ServerName
from webhook.domain.policy.settings import Policy
from webhook.floors.record import Sighting

ORDERS = ServerName(namespace="shop", kind="StatefulSet", name="orders", container="redis")
TOLD = live(used=300 * MEBI)


def a_spec(*args: str, lasting: bool = True) -> Json:
    container = a_container(args=["--appendonly", "yes", *args], volumeMounts=[a_mount("/data")])
    return {
        "containers": [container],
        "volumes": [a_claim() if lasting else {"name": "data", "emptyDir": {}}],
    }


def seen(spec: Json, floors: Floors = NO_FLOORS) -> AuditedServer:
    workload = a_workload("StatefulSet", "orders", spec)
    pod = a_running_pod("orders-0", spec, workload)
    basis = AuditBasis(policy=Policy(), floors=floors)
    (server,) = look_at("shop", FakeCluster(objects=[workload, pod]), basis).servers
    return server


def nobodys(spec: Json) -> AuditedServer:
    cluster = FakeCluster(objects=[a_running_pod("orders-0", spec)])
    (server,) = look_at("shop", cluster, AuditBasis(policy=Policy())).servers
    return server


def telling(server: AuditedServer, answer: LiveServer | Silence = TOLD) -> AuditedServer:
    return replace(server, pods=[replace(each, live=answer) for each in server.pods])


def test_a_durable_server_that_gets_a_ceiling_is_sighted():
    server = telling(seen(a_spec()))

    assert [*sightings([server])] == [Sighting(name=ORDERS, used=300 * MEBI, computed=200 * MEBI)]


def test_its_rules_ceiling_counts_where_a_floor_has_raised_it():
    server = telling(seen(a_spec(), floors={ORDERS: 290 * MEBI}))

    assert server.next_ceiling == 319 * MEBI
    assert [*sightings([server])] == [Sighting(name=ORDERS, used=300 * MEBI, computed=200 * MEBI)]


@pytest.mark.parametrize(
    ("usage", "expected"),
    [(Usage(used=9, counted=9), [9]), (Usage(used=9), []), (None, [])],
    ids=["its own count", "its container's memory", "nothing"],
)
def test_prometheus_tells_by_what_the_server_counts(usage: Usage | None, expected: list[int]):
    server = replace(seen(a_spec()), usage=usage)

    assert [each.used for each in sightings([server])] == expected


@pytest.mark.parametrize(
    "server",
    [
        telling(seen(a_spec(lasting=False))),
        telling(seen(a_spec("--maxmemory", "100mb"))),
        telling(seen(a_spec()), Silence.NOAUTH),
        telling(nobodys(a_spec())),
    ],
    ids=["nothing lasts", "a ceiling of its own", "it tells nothing", "nobody to know it by"],
)
def test_no_other_is(server: AuditedServer):
    assert [*sightings([server])] == []


def test_a_floor_that_moves_is_no_drift():
    spec = a_spec()
    workload = a_workload("StatefulSet", "orders", spec)
    pod = a_running_pod("orders-0", spec, workload)
    pod["metadata"]["annotations"] = {"redis-memory-guard.dev/injected": "{}"}
    cluster = FakeCluster(objects=[workload, pod])

    drifted = [
        look_at("shop", cluster, AuditBasis(policy=Policy(), floors=floors)).servers[0].pods[0]
        for floors in (NO_FLOORS, {ORDERS: 300 * MEBI})
    ]

    assert [each.is_drifted for each in drifted] == [True, False]
