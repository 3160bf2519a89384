"""A real VerticalPodAutoscaler: the ceiling fits the limit that it gives, and outlives its updates.

Its recommendations are written by the tests; no recommender runs.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.harness.cluster import Cluster
from tests.harness.manifests import (
    Json,
    apply,
    container,
    deployment,
    execute,
    maxmemory_of,
    read,
    wait_ready,
)
from tests.harness.release import Guard
from tests.harness.vertical_pod_autoscaler import CONFIGURATION, admission_controller, updater
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.vpa]

FIRST = "a-vpa-webhook-config"
MAXMEMORY = {"64Mi": 37748736, "256Mi": 201326592}
"""What the cache profile gives under what a VPA recommends."""


@pytest.fixture(scope="module")
def vpa(guard: Guard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    if guard.cluster.audit_log is None:
        pytest.skip("its API server cannot call back: needs the node of `make cluster-up`")
    with admission_controller(guard.cluster, tmp_path_factory.mktemp("vpa")):
        yield


@pytest.fixture
def called_first(guard: Guard, vpa: None) -> Iterator[None]:
    """The VPA's webhook under a name that sorts before ours."""
    cluster = guard.cluster
    kind = "mutatingwebhookconfiguration"
    registered = json.loads(cluster.kubectl("get", kind, CONFIGURATION, "--output=json").stdout)
    renamed = {**registered, "metadata": {"name": FIRST}}
    cluster.kubectl("create", "--filename=-", stdin=json.dumps(renamed))
    cluster.kubectl("delete", kind, CONFIGURATION)
    yield
    restored = {**registered, "metadata": {"name": CONFIGURATION}}
    cluster.kubectl("create", "--filename=-", stdin=json.dumps(restored))
    cluster.kubectl("delete", kind, FIRST)


@pytest.mark.usefixtures("vpa")
@pytest.mark.parametrize(("written", "recommended"), [("128Mi", "64Mi"), ("64Mi", "256Mi")])
def test_the_ceiling_follows_a_limit_that_a_vpa_lowers_or_raises_after_us(
    guard: Guard, namespace: str, redis_image: str, written: str, recommended: str
) -> None:
    recommend(guard.cluster, namespace, recommended)

    server = created(guard.cluster, namespace, redis_image, limit=written)

    assert server["resources"]["limits"] == {"memory": recommended}
    assert server["args"].count("--maxmemory") == 1
    assert maxmemory_of(server) == str(MAXMEMORY[recommended])


@pytest.mark.usefixtures("vpa")
def test_the_server_that_starts_has_the_ceiling_of_the_raised_limit(
    guard: Guard, namespace: str, redis_image: str
) -> None:
    recommend(guard.cluster, namespace, "256Mi")
    created(guard.cluster, namespace, redis_image, limit="64Mi")
    (name,) = pods(guard.cluster, namespace)
    wait_ready(guard.cluster, namespace, name)

    asked = execute(
        guard.cluster, namespace, f"pod/{name}", "redis-cli", "config", "get", "maxmemory"
    )

    assert asked.split() == ["maxmemory", str(MAXMEMORY["256Mi"])]


@pytest.mark.usefixtures("called_first")
@pytest.mark.parametrize(("written", "recommended"), [("128Mi", "64Mi"), ("64Mi", "256Mi")])
def test_and_one_that_it_has_changed_before_us(
    guard: Guard,
    namespace: str,
    redis_image: str,
    written: str,
    recommended: str,
) -> None:
    recommend(guard.cluster, namespace, recommended)

    server = created(guard.cluster, namespace, redis_image, limit=written)

    assert server["resources"]["limits"] == {"memory": recommended}
    assert maxmemory_of(server) == str(MAXMEMORY[recommended])


@pytest.mark.usefixtures("vpa")
def test_an_update_below_the_ceiling_makes_a_new_pod_and_one_above_it_resizes_that_in_place(
    guard: Guard, namespace: str, redis_image: str, tmp_path: Path
) -> None:
    cluster = guard.cluster
    recommend(cluster, namespace, "128Mi", mode="InPlaceOrRecreate")
    created(cluster, namespace, redis_image, limit="128Mi")
    (first,) = pods(cluster, namespace)
    wait_ready(cluster, namespace, first)

    with updater(cluster, tmp_path):
        recommend(cluster, namespace, "64Mi", mode="InPlaceOrRecreate")
        second = eventually(lambda: _other_than(cluster, namespace, first), what="a new Pod")
        lowered = ceiling_of_running(cluster, namespace, second)
        recommend(cluster, namespace, "256Mi", mode="InPlaceOrRecreate")
        eventually(lambda: _has_limit(cluster, namespace, second, "256Mi"), what="a resize")
        raised = ceiling_of_running(cluster, namespace, second)

    assert (lowered, raised) == (MAXMEMORY["64Mi"], MAXMEMORY["64Mi"])
    told = {(first, "EvictedByVPA"), (second, "InPlaceResizedByVPA")}
    eventually(lambda: events(cluster, namespace) >= told, what="the VPA's events")
    assert (first, "InPlaceResizedByVPA") not in events(cluster, namespace)


def recommend(cluster: Cluster, namespace: str, memory: str, *, mode: str = "Initial") -> None:
    """Make a VPA of the Deployment `cart`, as if its recommender had come to this."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart"}
    manifest = {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "cart"},
        "spec": {"targetRef": target, "updatePolicy": {"updateMode": mode}},
    }
    apply(cluster, namespace, manifest)
    amounts = ("target", "lowerBound", "upperBound", "uncappedTarget")
    recommended = {"containerName": "redis", **{each: {"memory": memory} for each in amounts}}
    condition = {
        "type": "RecommendationProvided",
        "status": "True",
        "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    status = {
        "conditions": [condition],
        "recommendation": {"containerRecommendations": [recommended]},
    }
    cluster.kubectl(
        *("patch", "verticalpodautoscaler", "cart", f"--namespace={namespace}"),
        *("--subresource=status", "--type=merge", f"--patch={json.dumps({'status': status})}"),
    )


def created(cluster: Cluster, namespace: str, image: str, *, limit: str) -> Json:
    """Run the Deployment `cart`; give the container of a Pod that the VPA has sized.

    The controller learns of a VPA in its own time: Pods of before are created anew.
    """
    # Without a request of its own: the VPA keeps the ratio of both, which then is one.
    server = container(image=image, resources={"limits": {"memory": limit}})
    apply(cluster, namespace, deployment("cart", server))
    return eventually(lambda: _sized(cluster, namespace), what="a Pod that the VPA sized")


def pods(cluster: Cluster, namespace: str) -> dict[str, Json]:
    """The Pods that stay, by their names."""
    found = read(cluster, namespace, "pods")["items"]
    return {
        each["metadata"]["name"]: each
        for each in found
        if "deletionTimestamp" not in each["metadata"]
    }


def ceiling_of_running(cluster: Cluster, namespace: str, pod: str) -> int:
    """What the server itself says, once it is ready."""
    wait_ready(cluster, namespace, pod)
    asked = execute(cluster, namespace, f"pod/{pod}", "redis-cli", "config", "get", "maxmemory")
    return int(asked.split()[1])


def events(cluster: Cluster, namespace: str) -> set[tuple[str, str]]:
    """What was told of the Pods: a name and a reason."""
    found = read(cluster, namespace, "events")["items"]
    return {(each["involvedObject"]["name"], each["reason"]) for each in found}


def _other_than(cluster: Cluster, namespace: str, former: str) -> str | None:
    return next((name for name in pods(cluster, namespace) if name != former), None)


def _has_limit(cluster: Cluster, namespace: str, pod: str, memory: str) -> bool:
    (status,) = pods(cluster, namespace)[pod]["status"]["containerStatuses"]
    limits: Json = status["resources"]["limits"]
    return limits == {"memory": memory}


def _sized(cluster: Cluster, namespace: str) -> Json | None:
    for name, each in pods(cluster, namespace).items():
        if "vpaUpdates" in each["metadata"].get("annotations", {}):
            server: Json = each["spec"]["containers"][0]
            return server
        cluster.kubectl("delete", f"pod/{name}", f"--namespace={namespace}", "--wait=false")
    return None
