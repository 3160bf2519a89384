"""The audit that goes on in the cluster, against a real API server; no Pod has to run."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.audit.commands import PROGRAM
from tests.cluster.audit.zoo import documents
from tests.harness.cluster import Cluster
from tests.harness.crds import OPEN_REPORTS, known_kinds
from tests.harness.manifests import container, deployment
from tests.harness.scratch import scratch_namespace
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

PORT = 8082
FETCH = (
    "import urllib.request as u; "
    f"print(u.urlopen('http://127.0.0.1:{PORT}/metrics').read().decode())"
)


@pytest.fixture
def home(api_server: Cluster) -> Iterator[str]:
    with scratch_namespace(api_server) as namespace:
        manifests = [deployment("cart", container()), deployment("bare", container(limit=None))]
        api_server.kubectl(
            *("create", f"--namespace={namespace}", "--filename=-"), stdin=documents(manifests)
        )
        yield namespace


@pytest.fixture
def kind(api_server: Cluster) -> Iterator[None]:
    """The kind of OpenReports."""
    with known_kinds(api_server, OPEN_REPORTS):
        yield


@pytest.fixture
def observing(api_server: Cluster, home: str, kind: None) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [
            *(*api_server.enter, PROGRAM, "observe", "-n", home, "--interval=10"),
            *(f"--port={PORT}", "--reports", "--events"),
        ],
        env={**os.environ, **api_server.environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def metrics(cluster: Cluster) -> str:
    return cluster.client(sys.executable, "-c", FETCH, check=False).stdout


def reports(cluster: Cluster, namespace: str) -> dict[str, Any]:
    got = cluster.kubectl("get", "reports.openreports.io", f"--namespace={namespace}", "-o=json")
    return {each["metadata"]["name"]: each for each in json.loads(got.stdout)["items"]}


def test_what_it_finds_is_told_by_metrics_reports_and_events(
    api_server: Cluster, home: str, observing: subprocess.Popen[bytes]
) -> None:
    state = f'redis_memory_guard_servers{{namespace="{home}",state="%s"}} 1.0'
    eventually(lambda: state % "refused" in metrics(api_server), what="the first look")

    assert state % "ceiling" in metrics(api_server)
    # The API server may still be preparing to store a kind that it has just come to know.
    found = eventually(lambda: reports(api_server, home), what="reports")
    assert set(found) == {
        "redis-memory-guard-deployment-cart",
        "redis-memory-guard-deployment-bare",
    }
    bare = found["redis-memory-guard-deployment-bare"]
    assert bare["summary"]["fail"] == 1
    assert bare["metadata"]["ownerReferences"][0]["kind"] == "Deployment"
    events = api_server.kubectl("get", "events", f"--namespace={home}", "--output=json").stdout
    assert [
        (each["involvedObject"]["name"], each["reason"]) for each in json.loads(events)["items"]
    ] == [("bare", "RedisWouldBeRefused")]


def test_a_report_is_written_only_on_change(
    api_server: Cluster, home: str, observing: subprocess.Popen[bytes]
) -> None:
    name = "redis-memory-guard-deployment-cart"
    eventually(lambda: name in reports(api_server, home), what="the first look")
    before = reports(api_server, home)
    _next_look(api_server)
    again = reports(api_server, home)
    raised = (
        '{"spec": {"template": {"spec": {"containers": [{"name": "redis", "resources": null}]}}}}'
    )
    where = ("deployment/cart", f"--namespace={home}")
    api_server.kubectl("patch", *where, f"--patch={raised}")
    api_server.kubectl("delete", "deployment/bare", f"--namespace={home}")
    eventually(
        lambda: reports(api_server, home)[name]["summary"]["fail"] == 1, what="the changed report"
    )

    assert again == before
    eventually(lambda: set(reports(api_server, home)) == {name}, what="the other one is gone")


def test_it_ends_when_it_is_told_to(
    api_server: Cluster, observing: subprocess.Popen[bytes]
) -> None:
    eventually(lambda: "audit_duration" in metrics(api_server), what="the first look")

    # nsenter has become the command: the signal is its own.
    observing.send_signal(signal.SIGTERM)

    assert observing.wait(timeout=30) == 0


def _next_look(cluster: Cluster) -> None:
    """Wait until a look has begun and ended that had not begun yet."""
    first = _taken(cluster)
    eventually(lambda: _taken(cluster) not in ("", first), what="another look")


def _taken(cluster: Cluster) -> str:
    name = "redis_memory_guard_audit_last_success_timestamp_seconds "
    lines = metrics(cluster).splitlines()
    return next((line for line in lines if line.startswith(name)), "")
