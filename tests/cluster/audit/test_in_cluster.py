"""The audit as the chart runs it: what it tells, and what durable servers owe to it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.audit.commands import audit_json, by_name
from tests.cluster.audit.zoo import Json, documents
from tests.harness.builders import MEBI
from tests.harness.cluster import Cluster
from tests.harness.crds import OPEN_REPORTS, known_kinds
from tests.harness.manifests import (
    container,
    create_dry,
    deployment,
    execute,
    maxmemory_of,
    pod,
    read,
)
from tests.harness.release import NAME, NAMESPACE, Guard, installed_guard
from tests.harness.scratch import scratch_namespace
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

AUDITED = (
    "--set=audit.enabled=true,audit.live=true,audit.intervalSeconds=60",
    "--set=webhook.replicas=1",
)
UNAUDITED = "--set=webhook.replicas=1"
RULE = 18 * MEBI
"""What a server that forks gets under 64Mi."""

HELD = 30 * MEBI
WRITE = ("redis-cli", "SET", "one-more", "x")


@pytest.fixture(scope="module")
def home(cluster: Cluster, images: None) -> Iterator[str]:
    """A namespace with durable servers of before the installation, which hold more than that."""
    with scratch_namespace(cluster) as namespace:
        where = f"--namespace={namespace}"
        manifests = [
            durable("orders", namespace),
            durable("ledger", namespace),
            deployment("bare", container(limit=None)),
        ]
        cluster.kubectl("create", where, "--filename=-", stdin=documents(manifests))
        for name in ("orders", "ledger"):
            rolled_out(cluster, namespace, name)
            fill(cluster, namespace, name)
        yield namespace


@pytest.fixture(scope="module")
def kind(cluster: Cluster) -> Iterator[None]:
    """The kind of OpenReports."""
    with known_kinds(cluster, OPEN_REPORTS):
        yield


@pytest.fixture(scope="module")
def guard(cluster: Cluster, home: str, kind: None) -> Iterator[Guard]:
    with installed_guard(cluster, *AUDITED) as guard:
        yield guard


def durable(name: str, namespace: str) -> Json:
    """A StatefulSet whose data outlives its Pod."""
    server = container(
        args=["--appendonly", "yes"], volumeMounts=[{"name": "data", "mountPath": "/data"}]
    )
    path = {"path": f"/var/lib/{namespace}-{name}", "type": "DirectoryOrCreate"}
    template = pod(name, server, volumes=[{"name": "data", "hostPath": path}])
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": template["metadata"], "spec": template["spec"]},
        },
    }


def rolled_out(cluster: Cluster, namespace: str, name: str) -> None:
    cluster.kubectl(
        *("rollout", "status", f"statefulset/{name}", f"--namespace={namespace}"),
        "--timeout=300s",
    )


def fill(cluster: Cluster, namespace: str, name: str) -> None:
    """Write until it holds so much, without a ceiling to keep it from that."""
    filling = ("redis-benchmark", "-q", "-t", "set", "-d", "10000", "-r", "1000000", "-c", "1")
    while used(cluster, namespace, name) < HELD:
        execute(cluster, namespace, f"{name}-0", *filling, "-n", "500")


def make_anew(cluster: Cluster, namespace: str, name: str) -> None:
    cluster.kubectl("delete", "pod", f"{name}-0", f"--namespace={namespace}")
    rolled_out(cluster, namespace, name)
    answer = ("redis-cli", "PING")
    eventually(lambda: execute(cluster, namespace, f"{name}-0", *answer) == "PONG", what="loaded")


def used(cluster: Cluster, namespace: str, name: str) -> int:
    info = execute(cluster, namespace, f"{name}-0", "redis-cli", "INFO", "memory")
    return int(dict(line.split(":", 1) for line in info.split() if ":" in line)["used_memory"])


def size(cluster: Cluster, namespace: str, name: str) -> str:
    return execute(cluster, namespace, f"{name}-0", "redis-cli", "DBSIZE")


def ceiling(cluster: Cluster, namespace: str, name: str) -> int:
    answer = execute(cluster, namespace, f"{name}-0", "redis-cli", "CONFIG", "GET", "maxmemory")
    return int(answer.partition("\n")[2])


def next_pod(cluster: Cluster, namespace: str, name: str) -> tuple[int, str]:
    """The ceiling that the workload's next Pod would get, and what is warned of."""
    running = read(cluster, namespace, f"pod/{name}-0")
    stateful = read(cluster, namespace, f"statefulset/{name}")
    spec = stateful["spec"]["template"]["spec"]
    metadata = {"name": f"{name}-9", "ownerReferences": running["metadata"]["ownerReferences"]}
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    done = create_dry(cluster, namespace, manifest)
    assert done.returncode == 0, done.stderr
    (server,) = json.loads(done.stdout)["spec"]["containers"]
    return int(maxmemory_of(server) or 0), done.stderr


def audit_pod(guard: Guard) -> str:
    (found,) = guard.get("pods", "--selector=app.kubernetes.io/component=audit")
    name: str = found["metadata"]["name"]
    return name


def metrics(guard: Guard) -> str:
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{audit_pod(guard)}:8082/proxy/metrics"
    return guard.cluster.kubectl("get", f"--raw={path}", check=False).stdout


class TestInTheCluster:
    """What the Deployment of the chart finds and tells."""

    def test_its_gauges_count_the_servers(self, guard: Guard, home: str) -> None:
        state = f'redis_memory_guard_servers{{namespace="{home}",state="%s"}} %s'

        eventually(lambda: state % ("ceiling", "2.0") in metrics(guard), what="the first look")

        assert state % ("refused", "1.0") in metrics(guard)
        assert "redis_memory_guard_audit_errors_total 0.0" in metrics(guard)

    def test_an_event_stands_on_the_workload_that_would_be_refused(
        self, guard: Guard, home: str
    ) -> None:
        def told() -> list[tuple[str, str]]:
            return [
                (each["involvedObject"]["kind"], each["involvedObject"]["name"])
                for each in read(guard.cluster, home, "events")["items"]
                if each["reason"] == "RedisWouldBeRefused"
            ]

        assert eventually(told, what="the Event") == [("Deployment", "bare")]

    def test_each_workload_has_a_report(self, guard: Guard, home: str) -> None:
        def reports() -> dict[str, Any]:
            items = read(guard.cluster, home, "reports.openreports.io")["items"]
            return {each["metadata"]["name"]: each["summary"] for each in items}

        found = eventually(reports, what="reports", seconds=240)

        names = ("deployment-bare", "statefulset-ledger", "statefulset-orders")
        assert set(found) == {f"redis-memory-guard-{name}" for name in names}

    def test_nobody_but_it_may_write_what_servers_hold(self, guard: Guard, home: str) -> None:
        def allowed(verb: str, account: str) -> str:
            return guard.cluster.kubectl(
                *("auth", "can-i", verb, f"configmaps/{NAME}-floors", f"--namespace={NAMESPACE}"),
                f"--as=system:serviceaccount:{account}",
                check=False,
            ).stdout.strip()

        assert allowed("patch", f"{NAMESPACE}:{NAME}-audit") == "yes"
        assert allowed("patch", f"{NAMESPACE}:{NAME}") == "no"
        assert allowed("patch", f"{home}:default") == "no"
        assert allowed("create", f"{NAMESPACE}:{NAME}-audit") == "no"


class TestADurableServerOverItsCeilingToBe:
    def test_seen_by_the_audit_it_takes_writes_as_before(self, guard: Guard, home: str) -> None:
        cluster = guard.cluster
        before = size(cluster, home, "orders")
        held = used(cluster, home, "orders")
        # The kubelet brings a changed ConfigMap within a minute or two.
        eventually(
            lambda: next_pod(cluster, home, "orders")[0] > RULE, what="the floor", seconds=300
        )
        warned = next_pod(cluster, home, "orders")[1]
        make_anew(cluster, home, "orders")

        assert ceiling(cluster, home, "orders") >= held
        assert size(cluster, home, "orders") == before
        assert execute(cluster, home, "orders-0", *WRITE) == "OK"
        assert "it was seen to hold 3" in warned
        found = by_name(audit_json(cluster, f"--namespace={home}", "--live=exec"))
        assert "data-over-ceiling" not in found["orders"]["risks"]

    def test_without_the_audit_it_is_warned_of(self, guard: Guard, home: str) -> None:
        cluster = guard.cluster
        with guard.changed(UNAUDITED):
            amount, warned = next_pod(cluster, home, "ledger")
            found = by_name(audit_json(cluster, f"--namespace={home}", "--live=exec"))
            make_anew(cluster, home, "ledger")
            refused = execute(cluster, home, "ledger-0", *WRITE)

        assert amount == RULE
        assert "its data outlives the Pod and may be 18Mi from now on" in warned
        assert "data-over-ceiling" in found["ledger"]["risks"]
        assert refused.startswith("OOM command not allowed")
