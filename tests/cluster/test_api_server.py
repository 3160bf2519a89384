"""The API server alone: admission without a node, and what its audit log says."""

import json

import pytest

from tests.harness.cluster import Cluster
from tests.harness.scratch import scratch_namespace

pytestmark = pytest.mark.cluster

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"generateName": "audited-"},
    "spec": {"containers": [{"name": "server", "image": "redis:7"}]},
}


def test_a_pod_is_created_and_stands_in_the_audit_log(api_server: Cluster) -> None:
    created = api_server.kubectl(
        *("create", "--filename=-", "--output=jsonpath={.metadata.name}"), stdin=json.dumps(POD)
    )

    name = created.stdout
    assert name.startswith("audited-")
    pods = (
        event
        for event in api_server.audit_events()
        if (event["verb"], event["objectRef"]["resource"]) == ("create", "pods")
    )
    (event,) = (event for event in pods if event["responseObject"]["metadata"]["name"] == name)
    assert event["requestObject"]["spec"]["containers"][0]["image"] == "redis:7"


def test_a_namespace_of_its_own_takes_pods(api_server: Cluster) -> None:
    with scratch_namespace(api_server) as namespace:
        created = api_server.kubectl(
            *("create", f"--namespace={namespace}", "--filename=-", "--output=name"),
            stdin=json.dumps(POD),
        )

    assert created.stdout.startswith("pod/audited-")


def test_helm_reaches_it(api_server: Cluster) -> None:
    assert json.loads(api_server.helm("list", "--output=json").stdout) == []
