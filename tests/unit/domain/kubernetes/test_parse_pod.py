"""Parsing a Pod: what is read of it, and each error with its field path."""

from types import MappingProxyType

import pytest

from tests.harness.builders import Json, a_container, a_pod
from webhook.domain.kubernetes.fields import PodError
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.kubernetes.pod import (
    ConfigMapFiles,
    Container,
    ContainerList,
    EnvironmentSource,
    EnvironmentVariable,
    KeyReference,
    Owner,
    Pod,
    ResourceReference,
    Volume,
    VolumeKind,
    VolumeMount,
)


@pytest.mark.parametrize(
    ("kind", "name", "label", "owner"),
    [
        ("StatefulSet", "orders", "", Owner(kind="StatefulSet", name="orders")),
        ("ReplicaSet", "cart-5d8f", "5d8f", Owner(kind="Deployment", name="cart")),
        ("ReplicaSet", "cart-5d8f", "other", Owner(kind="ReplicaSet", name="cart-5d8f")),
        ("ReplicaSet", "cart-", "", Owner(kind="ReplicaSet", name="cart-")),
        ("Redis", "cart-5d8f", "5d8f", Owner(kind="Redis", name="cart-5d8f")),
    ],
)
def test_its_controller_makes_it_anew_and_a_deployment_through_its_replica_set(
    kind: str, name: str, label: str, owner: Owner
):
    pod = a_pod()
    pod["metadata"]["labels"] = {"pod-template-hash": label}
    pod["metadata"]["ownerReferences"] = [
        {"kind": "Node", "name": "node"},
        {"kind": kind, "name": name, "controller": True},
    ]

    assert parse_pod(pod).owner == owner


@pytest.mark.parametrize("references", [None, [], [{"kind": "Node", "name": "node"}]])
def test_a_pod_without_a_controller_has_no_owner(references: object):
    pod = a_pod()
    pod["metadata"]["ownerReferences"] = references

    assert parse_pod(pod).owner is None


def test_everything_that_decides_is_read():
    pod = parse_pod(
        {
            "apiVersion": "v1",
            "metadata": {
                "name": "cart",
                "namespace": "shop",
                "annotations": {"a": "b"},
                "labels": {"c": None},
            },
            "spec": {
                "restartPolicy": "OnFailure",
                "resources": {"limits": {"memory": "1Gi"}},
                "initContainers": [{"name": "proxy", "restartPolicy": "Always"}],
                "ephemeralContainers": [{"name": "debug"}],
                "containers": [
                    {
                        "name": "redis",
                        "image": "redis:7",
                        "command": ["redis-server"],
                        "args": ["--port", "7000"],
                        "workingDir": "/data",
                        "env": [
                            {"name": "A", "value": "1"},
                            {"name": "B"},
                            {"name": "C", "valueFrom": {"secretKeyRef": {"name": "s"}}},
                            {
                                "name": "R",
                                "valueFrom": {
                                    "resourceFieldRef": {
                                        "containerName": "x",
                                        "resource": "limits.memory",
                                        "divisor": "1Mi",
                                    }
                                },
                            },
                            {
                                "name": "D",
                                "valueFrom": {
                                    "configMapKeyRef": {"name": "m", "key": "k", "optional": True}
                                },
                            },
                        ],
                        "envFrom": [
                            {"configMapRef": {"name": "m", "optional": True}, "prefix": "P_"},
                            {"secretRef": {"name": "s"}},
                        ],
                        "volumeMounts": [
                            {"name": "v", "mountPath": "/v", "subPath": "s", "readOnly": True},
                            {"name": "w", "mountPath": "/w", "subPathExpr": "$(A)"},
                        ],
                        "resources": {
                            "limits": {"memory": "512Mi"},
                            "requests": {"memory": "0.5"},
                        },
                        "newField": {"of": ["the", "future"]},
                    }
                ],
                "volumes": [
                    {"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
                    {"name": "w", "emptyDir": {}},
                    {
                        "name": "x",
                        "configMap": {"name": "m", "items": [{"key": "k", "path": "p"}]},
                    },
                    {
                        "name": "p",
                        "projected": {"sources": [{"configMap": {"name": "n"}}, {"secret": {}}]},
                    },
                    {"name": "e", "ephemeral": {}},
                    {"name": "y", "secret": {"secretName": "s"}},
                    {"name": "i", "image": {"reference": "redis:7"}},
                    {"name": "z", "persistentVolumeClaim": {"claimName": "z"}},
                ],
            },
        }
    )

    assert pod == Pod(
        namespace="shop",
        name="cart",
        annotations={"a": "b"},
        labels={"c": ""},
        memory_limit=2**30,
        runs_to_completion=True,
        entries=71,
        containers=(
            Container(
                name="redis",
                image="redis:7",
                command=("redis-server",),
                args=("--port", "7000"),
                working_dir="/data",
                env=(
                    EnvironmentVariable(name="A", value="1"),
                    EnvironmentVariable(name="B", value=""),
                    EnvironmentVariable(name="C"),
                    EnvironmentVariable(
                        name="R",
                        resource=ResourceReference(
                            container="x", resource="limits.memory", divisor=2**20
                        ),
                    ),
                    EnvironmentVariable(
                        name="D", config_map=KeyReference(name="m", key="k", optional=True)
                    ),
                ),
                env_from=(
                    EnvironmentSource(prefix="P_", config_map="m", optional=True),
                    EnvironmentSource(),
                ),
                mounts=(
                    VolumeMount(name="v", path="/v", sub_path="s", read_only=True),
                    VolumeMount(name="w", path="/w", sub_path="$(A)"),
                ),
                memory_limit=2**29,
                memory_request=1,
            ),
            Container(list=ContainerList.INIT_CONTAINERS, name="proxy", restartable=True),
            Container(list=ContainerList.EPHEMERAL_CONTAINERS, name="debug"),
        ),
        volumes=(
            Volume(name="v", kind=VolumeKind.MEMORY, size_limit=2**20),
            Volume(name="w", kind=VolumeKind.EMPTY_DIR),
            Volume(
                name="x",
                kind=VolumeKind.CONFIG_MAP,
                config_maps=(ConfigMapFiles(name="m", items=(("k", "p"),)),),
            ),
            Volume(name="p", kind=VolumeKind.READ_ONLY, config_maps=(ConfigMapFiles(name="n"),)),
            Volume(name="e", kind=VolumeKind.EPHEMERAL),
            Volume(name="y", kind=VolumeKind.READ_ONLY),
            Volume(name="i", kind=VolumeKind.READ_ONLY),
            Volume(name="z", kind=VolumeKind.OTHER),
        ),
    )


@pytest.mark.parametrize("manifest", [None, {}, {"metadata": None, "spec": None}, {"spec": {}}])
def test_an_empty_pod(manifest: object):
    assert parse_pod(manifest, namespace="shop") == Pod(
        namespace="shop", annotations={}, labels={}, containers=()
    )


def test_the_pods_own_namespace_and_its_generated_name():
    pod = parse_pod({"metadata": {"namespace": "a", "generateName": "b-"}}, namespace="c")

    assert (pod.namespace, pod.name) == ("a", "b-")


def test_nulls_are_what_is_left_out():
    container: Json = dict.fromkeys(
        ("command", "args", "env", "envFrom", "volumeMounts", "resources", "workingDir", "image")
    )

    pod = parse_pod({"spec": {"containers": [container | {"name": "a"}], "volumes": None}})

    assert pod.containers == (Container(name="a"),)


@pytest.mark.parametrize(
    ("pod", "message"),
    [
        ([], "Pod: must be an object, not a list"),
        ("x", "Pod: must be an object, not a string"),
        ({"metadata": 1}, "metadata: must be an object, not a number"),
        ({"spec": 1.5}, "spec: must be an object, not a number"),
        ({"spec": True}, "spec: must be an object, not a boolean"),
        (
            {"metadata": {"labels": {"a": 1}}},
            "metadata.labels: a value: must be a string, not a number (quote it)",
        ),
        (
            {"metadata": {"annotations": {1: "x"}}},
            "metadata.annotations: a key: must be a string, not a number (quote it)",
        ),
        ({"spec": {"containers": {}}}, "spec.containers: must be a list, not an object"),
        ({"spec": {"containers": "x"}}, "spec.containers: must be a list, not a string"),
        (
            {"spec": {"containers": ["x"]}},
            "spec.containers[0]: must be an object, not a string",
        ),
        (a_pod(a_container(args=[None])), "spec.containers[0].args[0]: must be a string, not null"),
        (
            a_pod(a_container(), a_container(args=["--port", 7000])),
            "spec.containers[1].args[1]: must be a string, not a number (quote it)",
        ),
        (
            a_pod(a_container(env=[{"name": "A", "value": True}])),
            "spec.containers[0].env[0].value: must be a string, not a boolean (quote it)",
        ),
        (
            a_pod(a_container(env=[{"name": "A", "valueFrom": {"configMapKeyRef": []}}])),
            "spec.containers[0].env[0].valueFrom.configMapKeyRef: must be an object, not a list",
        ),
        (
            a_pod(a_container(limit="1GB")),
            "spec.containers[0].resources.limits.memory: not a quantity: '1GB' "
            "(did you mean 1G or 1Gi?)",
        ),
        (
            a_pod(volumes=[{"name": "v", "emptyDir": {"sizeLimit": "-1"}}]),
            "spec.volumes[0].emptyDir.sizeLimit: a quantity of memory is never negative: '-1'",
        ),
        (
            a_pod(volumes=[{"name": "v", "configMap": {"items": [{"key": []}]}}]),
            "spec.volumes[0].configMap.items[0].key: must be a string, not a list",
        ),
    ],
)
def test_an_error_names_its_field(pod: object, message: str):
    with pytest.raises(PodError) as error:
        parse_pod(pod)

    assert str(error.value) == message
    assert f"{error.value.path}: {error.value.problem}" == message


def test_mappings_and_sequences_of_other_types_are_read_too():
    manifest = MappingProxyType({"spec": MappingProxyType({"containers": ({"name": "a"},)})})

    assert parse_pod(manifest).containers == (Container(name="a"),)


@pytest.mark.parametrize(
    "container",
    [
        a_container(args=["--requirepass", 12345678]),
        a_container(env=[{"name": "PASSWORD", "value": 12345678}]),
        a_container(command=[12345678]),
    ],
)
def test_no_value_is_echoed(container: Json):
    with pytest.raises(PodError) as error:
        parse_pod(a_pod(container))

    assert "12345678" not in str(error.value)
