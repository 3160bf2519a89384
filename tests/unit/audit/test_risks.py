"""Each risk of the closed list, just there and just not."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.cluster.audit.zoo import zoo
from tests.harness.builders import MEBI, Json, a_claim, a_container, a_mount
from tests.unit.audit.fake_cluster import FakeCluster, a_running_pod, a_workload, an_object
from tests.unit.audit.live_servers import live
from webhook.audit.live import LiveServer
from webhook.audit.look import AuditBasis, look_at
from webhook.audit.risks import AT_RISK, SENTENCES, Risk, risks_of
from webhook.audit.server import AuditedServer, Usage
from webhook.domain.policy.settings import Policy

CEILING = 400 * MEBI
"""What a cache gets under 512Mi."""

QUIET = live(used=CEILING, maxmemory=CEILING, eviction_policy="allkeys-lru")
"""A server that no risk comes of, whatever its keys."""


def a_server(
    container: Json | None = None, owner: Json | None = None, **more: object
) -> AuditedServer:
    spec = {"containers": [container or a_container()], **more}
    workload = a_workload("StatefulSet", "cart", spec, owner)
    pod = a_running_pod("cart-0", spec, workload)
    cluster = FakeCluster(objects=[workload, pod])
    (server,) = look_at("shop", cluster, AuditBasis(policy=Policy())).servers
    return server


def telling(answer: LiveServer, server: AuditedServer | None = None) -> AuditedServer:
    told = server or a_server()
    return replace(told, pods=[replace(each, live=answer) for each in told.pods])


def bare() -> AuditedServer:
    pod = a_running_pod("cart-0", {"containers": [a_container()]})
    (server,) = look_at("shop", FakeCluster(objects=[pod]), AuditBasis(policy=Policy())).servers
    return server


HIDDEN = {
    "container": a_container(args=["/conf/redis.conf"], volumeMounts=[a_mount("/conf", "s")]),
    "volumes": [{"name": "s", "secret": {"secretName": "s"}}],
}
OPERATOR = an_object("Redis", "cart")
STARTED = a_container(args=["--maxmemory", str(CEILING), "--maxmemory-policy", "allkeys-lru"])

WITH: Mapping[Risk, AuditedServer] = {
    Risk.REFUSED: a_server(a_container(limit=None)),
    Risk.DATA_OVER_CEILING: telling(replace(QUIET, used=CEILING + 1)),
    Risk.MAYBE_QUEUE: telling(live(used=CEILING)),
    Risk.REPLICA_OVER_LIMIT: telling(
        replace(QUIET, role="slave", used=CEILING, maxmemory=CEILING - 1)
    ),
    Risk.UNENFORCEABLE: a_server(a_container(limit="24Mi")),
    Risk.HIDDEN: a_server(**HIDDEN),  # type: ignore[arg-type]
    Risk.DRIFTED: telling(replace(QUIET, maxmemory=CEILING - 1), a_server(STARTED)),
    Risk.IMAGE_MOVED: a_server(a_container(image="bitnami/redis:7.0")),
    Risk.BARE_POD: bare(),
    Risk.OPERATOR: a_server(owner=OPERATOR),
    Risk.VPA: replace(a_server(), has_vpa=True),
}

WITHOUT: Mapping[Risk, AuditedServer] = {
    Risk.REFUSED: replace(a_server(a_container(limit=None)), is_enforced=False),
    Risk.DATA_OVER_CEILING: telling(QUIET),
    Risk.MAYBE_QUEUE: telling(live(used=CEILING, expiring=1)),
    Risk.REPLICA_OVER_LIMIT: telling(replace(QUIET, role="slave")),
    Risk.UNENFORCEABLE: a_server(a_container(limit="32Mi")),
    Risk.HIDDEN: a_server(a_container(args=["--port", "7000"])),
    Risk.DRIFTED: telling(QUIET, a_server(STARTED)),
    Risk.IMAGE_MOVED: a_server(a_container(image="bitnamilegacy/redis:7.0")),
    Risk.BARE_POD: a_server(),
    Risk.OPERATOR: a_server(),
    Risk.VPA: a_server(),
}


@pytest.mark.parametrize("risk", Risk)
def test_a_risk_is_seen_where_it_is(risk: Risk):
    assert risk in risks_of(WITH[risk])


@pytest.mark.parametrize("risk", Risk)
def test_and_not_where_it_just_is_not(risk: Risk):
    assert risk not in risks_of(WITHOUT[risk])


def test_a_server_without_any_has_none():
    assert risks_of(telling(QUIET)) == ()


def test_what_prometheus_has_seen_counts_too():
    server = replace(a_server(), usage=Usage(used=CEILING + 1))

    assert risks_of(server) == (Risk.DATA_OVER_CEILING,)


def test_what_a_durable_server_holds_counts_under_its_own_ceiling():
    container = a_container(args=["--appendonly", "yes"], volumeMounts=[a_mount("/data")])
    server = a_server(container, volumes=[a_claim()])

    assert Risk.DATA_OVER_CEILING in risks_of(telling(live(used=200 * MEBI + 1), server))
    assert Risk.DATA_OVER_CEILING not in risks_of(telling(live(used=200 * MEBI), server))


def test_keys_that_never_expire_are_safe_where_only_others_are_evicted():
    container = a_container(args=["--maxmemory-policy", "volatile-lru"])

    assert risks_of(telling(live(used=CEILING), a_server(container))) == ()


def test_the_worst_comes_first():
    server = telling(live(used=CEILING + 1), a_server(a_container(image="bitnami/redis:7.0")))

    found = risks_of(server)

    assert found == tuple(sorted(found, key=list(Risk).index))
    assert len(found) > 1


def test_each_is_had_by_a_workload_that_runs_on_the_node():
    assert {risk for workload in zoo() for risk in workload.risks} == set(Risk)


def test_each_has_its_sentence():
    assert set(SENTENCES) == set(Risk)
    assert set(Risk) > AT_RISK
