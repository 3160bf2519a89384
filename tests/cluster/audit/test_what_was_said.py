"""Thirty workloads of before the installation: what the audit says of each, and then happens."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.cluster.audit.commands import audit_json, by_name
from tests.cluster.audit.zoo import Workload, documents, name_of, others, with_it, zoo
from tests.harness.cluster import Cluster
from tests.harness.crds import AUTOSCALER, known_kinds
from tests.harness.manifests import execute
from tests.harness.release import Guard, installed_guard
from tests.harness.scratch import scratch_namespace
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

ZOO = {name_of(each): each for each in zoo()}


@pytest.fixture(scope="module")
def home(cluster: Cluster, images: None) -> Iterator[str]:
    """A namespace in which all of them run, as before any installation."""
    with known_kinds(cluster, AUTOSCALER), scratch_namespace(cluster) as namespace:
        manifests = [*with_it(), *(each.manifest for each in zoo()), *others()]
        cluster.kubectl(
            "create", f"--namespace={namespace}", "--filename=-", stdin=documents(manifests)
        )
        wanted = sum(_has_pod(each) for each in zoo()) + len(others())
        _wait_for_pods(cluster, namespace, wanted)
        for each in zoo():
            if each.before:
                execute(cluster, namespace, f"{each.kind}/{name_of(each)}", *each.before)
        eventually(lambda: _is_replicated(cluster, namespace), what="the replica has it all")
        yield namespace


@pytest.fixture(scope="module")
def said(cluster: Cluster, home: str) -> Mapping[str, Any]:
    """What the audit says, before the guard is installed."""
    return by_name(audit_json(cluster, f"--namespace={home}", "--live=exec"))


@pytest.fixture(scope="module")
def happened(cluster: Cluster, home: str, said: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What the audit says once each has been made anew under enforcement."""
    with installed_guard(cluster, "--set=mode=enforce") as guard:
        _make_anew(guard, home)
        eventually(lambda: _are_refused(cluster, home), what="the refusals")
        refused = sum(each.fate == "refused" for each in zoo())
        _wait_for_pods(cluster, home, len(ZOO) - refused + len(others()))
        yield by_name(audit_json(cluster, f"--namespace={home}", "--live=exec"))


def test_each_is_listed_once_and_nothing_else(said: Mapping[str, Any]) -> None:
    assert set(said) == set(ZOO)


@pytest.mark.parametrize("name", ZOO)
def test_what_is_said_of_it(said: Mapping[str, Any], name: str) -> None:
    workload, finding = ZOO[name], said[name]

    assert finding["fate"] == workload.fate
    assert set(finding["risks"]) == workload.risks
    if workload.fate in ("ceiling", "respected"):
        assert finding["maxmemoryBytes"] == workload.ceiling


@pytest.mark.parametrize("name", ZOO)
def test_its_state_before_is_told(said: Mapping[str, Any], name: str) -> None:
    for pod in said[name]["pods"]:
        assert pod["running"]
        assert pod["live"]["maxmemoryBytes"] == (pod["ceilingBytes"] or 0)


@pytest.mark.parametrize("name", [name for name, each in ZOO.items() if each.fate != "refused"])
def test_what_was_said_has_happened(happened: Mapping[str, Any], name: str) -> None:
    (pod,) = happened[name]["pods"]

    assert pod["running"]
    assert pod["live"]["maxmemoryBytes"] == ZOO[name].ceiling


@pytest.mark.parametrize("name", [name for name, each in ZOO.items() if each.fate == "refused"])
def test_what_was_said_to_be_refused_was(
    cluster: Cluster, home: str, happened: Mapping[str, Any], name: str
) -> None:
    assert happened[name]["pods"] == []
    assert any(name in event and "no-memory-limit" in event for event in _refusals(cluster, home))


def _make_anew(guard: Guard, namespace: str) -> None:
    """End every Pod; make anew what nobody else does, and start what rests."""
    where = f"--namespace={namespace}"
    kubectl = guard.cluster.kubectl
    kubectl("delete", "pods", "--all", where, "--timeout=300s")
    bare = [each.manifest for each in zoo() if each.kind == "Pod"]
    kubectl("create", where, "--filename=-", stdin=documents(bare))
    kubectl("scale", where, "deployment/scaled-down", "--replicas=1")
    kubectl("create", "job", where, "suspended-now", "--from=cronjob/suspended")


def _wait_for_pods(cluster: Cluster, namespace: str, number: int) -> None:
    """Wait until so many Pods are there and all are ready but the one that only prints."""
    where = f"--namespace={namespace}"
    eventually(lambda: len(_pods(cluster, namespace)) == number, what=f"{number} Pods")
    # One kubectl that watches: each that looks anew takes a part of the processors from the Pods.
    ready = ("--for=condition=Ready", "pods", "--selector=app!=client-only", "--timeout=600s")
    cluster.kubectl("wait", where, *ready, timeout=660)


def _are_refused(cluster: Cluster, namespace: str) -> bool:
    events = _refusals(cluster, namespace)
    refused = [name for name, each in ZOO.items() if each.fate == "refused"]
    return all(any(name in event for event in events) for name in refused)


def _is_replicated(cluster: Cluster, namespace: str) -> bool:
    master, replica = (
        execute(cluster, namespace, f"statefulset/{name}", "redis-cli", "DBSIZE")
        for name in ("master", "replica")
    )
    return master == replica


def _has_pod(workload: Workload) -> bool:
    spec = workload.manifest["spec"]
    return workload.kind != "CronJob" and spec.get("replicas") != 0


def _pods(cluster: Cluster, namespace: str) -> list[Any]:
    got = cluster.kubectl("get", "pods", f"--namespace={namespace}", "--output=json")
    items: list[Any] = json.loads(got.stdout)["items"]
    return items


def _refusals(cluster: Cluster, namespace: str) -> list[str]:
    got = cluster.kubectl(
        *("get", "events", f"--namespace={namespace}", "--output=json"),
        "--field-selector=reason=FailedCreate",
    )
    return [
        f"{event['involvedObject']['name']} {event['message']}"
        for event in json.loads(got.stdout)["items"]
    ]
