from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from tests.harness.builders import Json, a_container
from tests.unit.audit.fake_cluster import FakeCluster, a_workload
from webhook.audit.gathering import Gap
from webhook.audit.look import AuditBasis, look_at
from webhook.cli.commands.observe.endpoints import serving
from webhook.cli.commands.observe.metrics import AuditMetrics
from webhook.cli.report.audit.report import AuditReport
from webhook.domain.policy.settings import Mode, Policy

BARE: Json = {"containers": [a_container(limit=None)]}
TAKEN = datetime(2026, 3, 4, 3, 30, tzinfo=UTC)


def a_report(*names: str) -> AuditReport:
    cluster = FakeCluster(objects=[a_workload("Deployment", name, BARE) for name in names])
    servers = look_at("shop", cluster, AuditBasis(policy=Policy())).servers
    return AuditReport(
        cluster="prod",
        version="v1.37.2",
        policy=Policy(),
        policy_source="built-in",
        assumed=Mode.ENFORCE,
        taken_at=TAKEN,
        servers=servers,
        all_servers=servers,
        namespaces=1,
        pods_seen=0,
    )


def told(registry: CollectorRegistry) -> list[str]:
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_before_the_first_look_nothing_is_told_of_servers():
    registry = CollectorRegistry()
    metrics = AuditMetrics(registry)

    assert not metrics.has_report
    assert told(registry) == ["redis_memory_guard_audit_errors_total 0.0"]


def test_the_last_look_is_told_and_leaves_nothing_of_the_one_before():
    registry = CollectorRegistry()
    metrics = AuditMetrics(registry)

    metrics.taken(a_report("one", "two"), 1.5)
    later = TAKEN + timedelta(hours=1)
    metrics.taken(
        replace(a_report("one"), taken_at=later, gaps=(Gap(namespace="x", what="y", why="z"),)), 2.5
    )
    metrics.failed()

    assert told(registry) == [
        "redis_memory_guard_audit_errors_total 2.0",
        'redis_memory_guard_servers{namespace="shop",state="refused"} 1.0',
        'redis_memory_guard_servers_at_risk{namespace="shop",risk="refused"} 1.0',
        'redis_memory_guard_servers_unguarded{namespace="shop"} 0.0',
        "redis_memory_guard_audit_duration_seconds 2.5",
        "redis_memory_guard_audit_last_success_timestamp_seconds 1.772595e+09",
    ]


def status(port: int, path: str) -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [("/livez", 200, 200), ("/readyz", 503, 200), ("/metrics", 200, 200), ("/", 404, 404)],
)
def test_it_is_ready_once_it_has_looked(path: str, before: int, after: int):
    registry = CollectorRegistry()
    metrics = AuditMetrics(registry)
    with serving(0, registry, lambda: metrics.has_report) as port:
        first = status(port, path)
        metrics.taken(a_report("one"), 1.0)
        second = status(port, path)

    assert (first, second) == (before, after)
