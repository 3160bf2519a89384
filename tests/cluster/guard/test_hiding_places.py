"""Where a Redis server can hide in a Pod, and who can make one: it is found all the same."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.harness.cluster import Cluster
from tests.harness.kubelet import NODE
from tests.harness.manifests import (
    Json,
    apply,
    container,
    create_dry,
    dry_run,
    execute,
    maxmemory_of,
    pod,
    read,
    set_image,
    wait_ready,
)
from tests.harness.release import Guard
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

CEILING = "37748736"
"""What a bare cache under 64Mi gets."""
APP = container(name="app", image="registry.example.com/app:1")
DENIED = 'admission webhook "{}.redis-memory-guard.dev" denied the request: container "{}": '
DIGEST = "sha256:" + "0123456789abcdef" * 4

IMAGES = {
    "redis": CEILING,
    "redis:7": CEILING,
    "library/redis:7": CEILING,
    "docker.io/redis": CEILING,
    "docker.io/library/redis:7": CEILING,
    "DOCKER.IO/library/redis:7": CEILING,
    "docker.io./library/redis:7": CEILING,
    f"redis@{DIGEST}": CEILING,
    f"redis:7@{DIGEST}": CEILING,
    "host:5000/library/redis": None,
    "Registry.Example.com:5000/mirror/library/redis:7": CEILING,
    "valkey/valkey:8": CEILING,
    "ghcr.io/valkey-io/valkey:8": CEILING,
    "host:5000/deep/path/redis": None,
    "docker.dragonflydb.io/dragonflydb/dragonfly": None,
    "registry.example.com/shop/app:redis": None,
}
"""What a server of each image gets; None where nothing is injected."""


@pytest.fixture(scope="module")
def resources(cluster: Cluster) -> Sequence[tuple[str, Any]]:
    """Every resource and subresource that the API server serves, with its group's version."""
    versions = cluster.kubectl("api-versions").stdout.split()
    paths = {each: f"/apis/{each}" if "/" in each else f"/api/{each}" for each in versions}
    listed = {
        version: json.loads(cluster.kubectl("get", f"--raw={path}").stdout)["resources"]
        for version, path in paths.items()
    }
    return [(version, each) for version, found in listed.items() for each in found]


@pytest.fixture
def static_pods(cluster: Cluster) -> Iterator[Path]:
    """The directory of the kubelet's own Pods; it is empty again afterwards."""
    if cluster.static_pods is None:
        pytest.skip("its kubelet's directory cannot be reached: needs the node of our own")
    yield cluster.static_pods
    for manifest in cluster.static_pods.iterdir():
        manifest.unlink()


def test_a_restartable_init_container_gets_its_ceiling_and_a_plain_one_is_left_alone(
    guard: Guard, namespace: str
) -> None:
    sidecar = container(name="sidecar", restartPolicy="Always")
    waiting = ["sh", "-c", "until redis-cli -h cart ping; do sleep 1; done"]
    waiter = container(name="waiter", command=waiting, limit=None)

    spec = dry_run(guard.cluster, namespace, pod("cart", APP, initContainers=[sidecar, waiter]))

    assert [maxmemory_of(each) for each in spec["initContainers"]] == [CEILING, None]
    assert spec["initContainers"][1]["command"] == waiting


def test_a_restartable_init_container_needs_a_limit_too(guard: Guard, namespace: str) -> None:
    sidecar = container(name="sidecar", restartPolicy="Always", limit=None)

    created = create_dry(guard.cluster, namespace, pod("cart", APP, initContainers=[sidecar]))

    assert DENIED.format("inject", "sidecar") in created.stderr


def test_an_init_container_that_keeps_running_cannot_become_a_redis(
    guard: Guard, namespace: str
) -> None:
    sidecar = container(name="sidecar", image="nginx:1.27", restartPolicy="Always")
    nowhere = pod("cart", APP, initContainers=[sidecar], schedulerName="nobody")
    apply(guard.cluster, namespace, nowhere)

    swapped = set_image(guard.cluster, namespace, "sidecar=redis:7")

    assert DENIED.format("validate", "sidecar") in swapped.stderr


def test_however_an_image_is_named_its_server_is_found(guard: Guard, namespace: str) -> None:
    named = [container(name=f"c{n}", image=image) for n, image in enumerate(IMAGES)]

    spec = dry_run(guard.cluster, namespace, pod("cart", *named))

    assert {each["image"]: maxmemory_of(each) for each in spec["containers"]} == IMAGES


def test_a_program_is_found_under_any_image_and_in_an_image_that_is_mounted(
    guard: Guard, namespace: str
) -> None:
    repackaged = container(name="a", image="corp/cache:1", command=["redis-server"])
    mounts = [{"name": "redis", "mountPath": "/redis"}]
    command = ["/redis/usr/local/bin/redis-server"]
    mounted = container(name="b", image="corp/base:1", command=command, volumeMounts=mounts)
    volume = {"name": "redis", "image": {"reference": "redis:7"}}

    spec = dry_run(guard.cluster, namespace, pod("cart", repackaged, mounted, volumes=[volume]))

    assert [maxmemory_of(each) for each in spec["containers"]] == [CEILING, CEILING]


def test_whoever_makes_a_pod_it_gets_its_ceiling(guard: Guard, namespace: str) -> None:
    cluster = guard.cluster

    for workload in (*_workloads(), _owned_pod()):
        apply(cluster, namespace, workload)

    def ceilings() -> Mapping[str, str | None]:
        pods = read(cluster, namespace, "pods")["items"]
        return {_owner(each): maxmemory_of(each["spec"]["containers"][0]) for each in pods}

    kinds = ("DaemonSet", "Job", "Redis", "ReplicaSet", "ReplicationController", "StatefulSet")
    eventually(lambda: ceilings().keys() >= {*kinds}, what="a Pod of each")
    assert ceilings() == dict.fromkeys(kinds, CEILING)


def test_a_pod_with_a_generated_name_that_is_bound_by_hand_runs_with_its_ceiling(
    guard: Guard, namespace: str, redis_image: str
) -> None:
    cluster = guard.cluster
    manifest = pod("cart", container(image=redis_image), schedulerName="nobody")
    manifest["metadata"] = {"generateName": "cart-"}
    create = ("create", f"--namespace={namespace}", "--filename=-", "--output=name")
    name = cluster.kubectl(*create, stdin=json.dumps(manifest)).stdout.strip().split("/")[1]

    _bind(cluster, namespace, name)

    wait_ready(cluster, namespace, name)
    ceiling = execute(cluster, namespace, name, "redis-cli", "config", "get", "maxmemory")
    assert ceiling.split() == ["maxmemory", CEILING]


def test_a_static_pod_runs_as_it_is_and_its_mirror_is_admitted(
    guard: Guard, namespace: str, redis_image: str, static_pods: Path
) -> None:
    manifest = pod("cart", container(image=redis_image, limit=None))
    manifest["metadata"]["namespace"] = namespace

    (static_pods / "cart.json").write_text(json.dumps(manifest))

    name = f"cart-{NODE}"
    created = ("wait", f"--namespace={namespace}", "--for=create", f"pod/{name}")
    guard.cluster.kubectl(*created, "--timeout=60s")
    wait_ready(guard.cluster, namespace, name)
    annotations = read(guard.cluster, namespace, f"pod/{name}")["metadata"]["annotations"]
    assert "kubernetes.io/config.mirror" in annotations
    assert "redis-memory-guard.dev/injected" not in annotations
    ceiling = execute(guard.cluster, namespace, name, "redis-cli", "config", "get", "maxmemory")
    assert ceiling.split() == ["maxmemory", "0"]


def test_pods_have_no_other_doors(resources: Sequence[tuple[str, Any]]) -> None:
    written = {
        resource["name"]
        for _, resource in resources
        if resource["name"].split("/")[0] == "pods" or resource["kind"] == "Pod"
        if {"create", "update", "patch"} & {*resource["verbs"]}
    }

    # Called for, or exempt with a reason, or nothing that says what a Pod runs.
    evaluated = {"pods", "pods/resize"}
    exempt = {"pods/ephemeralcontainers"}
    others = ("attach", "binding", "eviction", "exec", "portforward", "proxy", "status")
    assert written == evaluated | exempt | {f"pods/{name}" for name in others}


def test_pods_and_workloads_have_one_version_each(resources: Sequence[tuple[str, Any]]) -> None:
    kinds = ("cronjobs", "daemonsets", "deployments", "jobs", "pods", "statefulsets")

    versions = {(each["name"], version) for version, each in resources if each["name"] in kinds}

    groups = ("batch/v1", "apps/v1", "apps/v1", "batch/v1", "v1", "apps/v1")
    assert versions == set(zip(kinds, groups, strict=True))


def test_a_pod_has_no_other_lists_of_containers(guard: Guard) -> None:
    raw = guard.cluster.kubectl("get", "--raw=/openapi/v3/api/v1").stdout
    schemas = json.loads(raw)["components"]["schemas"]

    lists = {
        name: _element(field)
        for name, field in schemas["io.k8s.api.core.v1.PodSpec"]["properties"].items()
        if _element(field).endswith("Container")
    }

    assert lists == {
        "containers": "Container",
        "initContainers": "Container",
        "ephemeralContainers": "EphemeralContainer",
    }


def _workloads() -> Iterator[Json]:
    """One of each kind that makes Pods by itself; none of them is ever scheduled."""
    template = pod("cart", schedulerName="nobody")
    labelled = {"metadata": {"labels": {"app": "cart"}}, "spec": template["spec"]}
    once = {**labelled, "spec": {**template["spec"], "restartPolicy": "Never"}}
    by_labels = {"selector": {"matchLabels": {"app": "cart"}}, "template": labelled}
    yield _workload("apps/v1", "ReplicaSet", by_labels)
    yield _workload("apps/v1", "DaemonSet", by_labels)
    yield _workload("apps/v1", "StatefulSet", {**by_labels, "serviceName": "cart"})
    yield _workload("batch/v1", "Job", {"template": once})
    yield _workload("v1", "ReplicationController", {"template": labelled})


def _workload(version: str, kind: str, spec: Json) -> Json:
    metadata = {"name": f"cart-{kind.lower()}"}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _owned_pod() -> Json:
    """A Pod as an operator makes it of its own kind, which is not installed here."""
    owner = {
        "apiVersion": "databases.example.com/v1",
        "kind": "Redis",
        "name": "cart",
        "uid": "7f7ad4b4-63b2-4a3c-9a1b-0d6d4e5f0a11",
        "controller": True,
    }
    owned = {"name": "cart-operated", "ownerReferences": [owner]}
    return pod("cart-operated", metadata=owned, schedulerName="nobody")


def _owner(made: Any) -> str:
    (owner,) = made["metadata"]["ownerReferences"]
    kind: str = owner["kind"]
    return kind


def _bind(cluster: Cluster, namespace: str, name: str) -> None:
    nodes = cluster.kubectl("get", "nodes", "--output=name").stdout.split()
    binding = {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": name, "namespace": namespace},
        "target": {"apiVersion": "v1", "kind": "Node", "name": nodes[0].removeprefix("node/")},
    }
    path = f"--raw=/api/v1/namespaces/{namespace}/pods/{name}/binding"
    cluster.kubectl("create", path, "--filename=-", stdin=json.dumps(binding))


def _element(field: Any) -> str:
    """The kind of what a field is a list of; empty for one that is none."""
    items = field.get("items", {})
    reference = items.get("$ref") or next((each["$ref"] for each in items.get("allOf", ())), "")
    return str(reference).rpartition(".")[2]
