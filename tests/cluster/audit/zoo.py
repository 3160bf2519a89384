"""Thirty workloads as they are found in clusters, each with what becomes of its next Pod."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.harness.builders import MEBI
from tests.harness.manifests import container, pod

Json = dict[str, Any]

CACHE = 36 * MEBI
"""The ceiling of a cache under 64Mi, the limit of all but a few."""

PERSISTENT = 18 * MEBI
UNKNOWN_IMAGE = "registry.example.com/own/redis:1"
_FROM_STDIN = "echo 'port 6379' | redis-server -"
_MASTER_ADDRESS = "10.96.0.77"
"""Of the Service of the master, for which no Pod of the node has a name."""

_FILL = ("redis-benchmark", "-q", "-t", "set", "-d", "10000", "-r", "1000000", "-c", "1")
_OWN_CEILING = ["--maxmemory", "40mb", "--maxmemory-policy", "noeviction"]
_SLEEP = ("python3", "-c", "import time; time.sleep(1000000)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One workload: its manifest, what the audit has to say, and how its next Pod is made.

    `ceiling` is the maxmemory of its next Pod in bytes, 0 for none, None where no Pod is made.
    `before` is run in its first container before the audit looks.
    """

    manifest: Json
    fate: str
    ceiling: int | None
    risks: frozenset[str] = field(default=frozenset())
    name: str = ""
    before: Sequence[str] = ()

    @property
    def kind(self) -> str:
        kind: str = self.manifest["kind"]
        return kind


def zoo() -> Sequence[Workload]:
    """All of them, for one namespace; WITH_IT names what has to be there before."""
    return (
        _cache(_workload("Deployment", "bare-cache", container())),
        _cache(_workload("DaemonSet", "everywhere", container())),
        _cache(_workload("StatefulSet", "stateful", container())),
        _cache(_workload("ReplicaSet", "replicated", container())),
        _cache(_workload("Deployment", "valkey", container(image="valkey/valkey:8"))),
        _cache(_workload("Deployment", "in-a-shell", _shell("exec redis-server --port 6379"))),
        _cache(_workload("Deployment", "beside-an-app", _app(), container())),
        _cache(_workload("Deployment", "scaled-down", container(), replicas=0)),
        _cache(_with_init_server("starts-first")),
        _cache(_too_high()),
        Workload(
            manifest=_workload("StatefulSet", "bitnami", _bitnami()),
            fate="ceiling",
            ceiling=PERSISTENT,
            risks=frozenset({"image-moved"}),
        ),
        Workload(
            manifest=_workload(
                "Deployment",
                "queue",
                container(args=["--maxmemory-policy", "noeviction", "--save", ""]),
            ),
            fate="ceiling",
            ceiling=CACHE,
        ),
        Workload(manifest=_durable("durable"), fate="ceiling", ceiling=PERSISTENT),
        Workload(
            manifest=_durable("master"),
            fate="ceiling",
            ceiling=PERSISTENT,
            risks=frozenset({"data-over-ceiling", "maybe-queue"}),
            before=(*_FILL, "-n", "2500"),
        ),
        Workload(
            manifest=_replica("replica"),
            fate="respected",
            ceiling=10 * MEBI,
            risks=frozenset({"data-over-ceiling", "replica-over-limit"}),
        ),
        Workload(
            manifest=_workload("Deployment", "jobs", container()),
            fate="ceiling",
            ceiling=CACHE,
            risks=frozenset({"maybe-queue"}),
            before=("redis-cli", "SET", "job", "1"),
        ),
        Workload(
            manifest=_workload("Deployment", "sized-by-a-vpa", container()),
            fate="ceiling",
            ceiling=CACHE,
            risks=frozenset({"vpa"}),
        ),
        Workload(
            manifest=_workload("Deployment", "no-limit", container(limit=None)),
            fate="refused",
            ceiling=None,
            risks=frozenset({"refused"}),
        ),
        Workload(
            manifest=_workload(
                "CronJob", "suspended", container(limit=None), restartPolicy="Never"
            ),
            fate="refused",
            ceiling=None,
            risks=frozenset({"refused"}),
        ),
        Workload(
            manifest=_workload("StatefulSet", "respected", container(args=_OWN_CEILING)),
            fate="respected",
            ceiling=40 * MEBI,
        ),
        Workload(
            manifest=_workload("StatefulSet", "set-at-run-time", container(args=_OWN_CEILING)),
            fate="respected",
            ceiling=40 * MEBI,
            risks=frozenset({"drifted"}),
            before=("redis-cli", "CONFIG", "SET", "maxmemory", "0"),
        ),
        Workload(manifest=_from_config_map(), fate="respected", ceiling=30 * MEBI),
        Workload(
            manifest=_from_secret(),
            fate="ceiling",
            ceiling=PERSISTENT,
            risks=frozenset({"hidden"}),
        ),
        Workload(
            manifest=_workload("Deployment", "out-of-reach", _shell(_FROM_STDIN)),
            fate="unreachable",
            ceiling=0,
            risks=frozenset({"unenforceable"}),
        ),
        Workload(
            manifest=_workload("Deployment", "unknown", container(image=UNKNOWN_IMAGE)),
            fate="unreachable",
            ceiling=0,
            risks=frozenset({"unenforceable"}),
        ),
        Workload(
            manifest=_workload("Deployment", "tiny", container(limit="24Mi")),
            fate="unreachable",
            ceiling=0,
            risks=frozenset({"unenforceable"}),
        ),
        Workload(
            manifest=pod("nobodys", container()),
            fate="ceiling",
            ceiling=CACHE,
            risks=frozenset({"bare-pod"}),
        ),
        Workload(
            manifest=_operated(),
            name="kept-by-an-operator",
            fate="ceiling",
            ceiling=CACHE,
            risks=frozenset({"operator"}),
        ),
    )


def others() -> Sequence[Json]:
    """What is no Redis server, and is not to be listed."""
    return (
        _workload("Deployment", "exporter", _app(name="redis-exporter")),
        _workload("Deployment", "client-only", container(command=["redis-cli", "--version"])),
        _workload("Deployment", "talks-to-redis", _app(args=["redis://cache:6379"])),
    )


def with_it() -> Sequence[Json]:
    """What some of the workloads need."""
    settings = "maxmemory 30mb\nmaxmemory-policy noeviction\nsave ''\n"
    return (
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "settings"},
            "data": {"redis.conf": settings},
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "settings"},
            "stringData": {"redis.conf": "maxmemory-policy allkeys-lfu\n"},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "master"},
            "spec": {
                "clusterIP": _MASTER_ADDRESS,
                "selector": {"app": "master"},
                "ports": [{"port": 6379}],
            },
        },
        {
            "apiVersion": "autoscaling.k8s.io/v1",
            "kind": "VerticalPodAutoscaler",
            "metadata": {"name": "sized-by-a-vpa"},
            "spec": {
                "targetRef": {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "name": "sized-by-a-vpa",
                }
            },
        },
    )


def name_of(workload: Workload) -> str:
    """The name under which the audit lists it."""
    name: str = workload.manifest["metadata"]["name"]
    return workload.name or name


def documents(manifests: Sequence[Mapping[str, Any]]) -> str:
    """Several manifests as one for kubectl."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})


def _cache(manifest: Json) -> Workload:
    return Workload(manifest=manifest, fate="ceiling", ceiling=CACHE)


def _workload(kind: str, name: str, *containers: Json, replicas: int = 1, **spec: object) -> Json:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"terminationGracePeriodSeconds": 1, "containers": list(containers), **spec},
    }
    groups = {"Deployment": "apps/v1", "DaemonSet": "apps/v1", "StatefulSet": "apps/v1"}
    inner: Json = {"selector": {"matchLabels": {"app": name}}, "template": template}
    if kind != "DaemonSet":
        inner["replicas"] = replicas
    if kind == "CronJob":
        inner = {
            "schedule": "0 0 1 1 *",
            "suspend": True,
            "jobTemplate": {"spec": {"template": template, "backoffLimit": 0}},
        }
    version = "batch/v1" if kind == "CronJob" else groups.get(kind, "apps/v1")
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": inner}


def _shell(text: str) -> Json:
    return container(command=["sh", "-c", text])


def _app(name: str = "app", args: Sequence[str] = ()) -> Json:
    """A container that is no Redis, of an image that is on the node."""
    return {
        "name": name,
        "image": "redis-memory-guard:test",
        "imagePullPolicy": "Never",
        "command": [*_SLEEP, *args],
    }


def _bitnami() -> Json:
    return container(
        image="bitnami/redis:7.0", env=[{"name": "ALLOW_EMPTY_PASSWORD", "value": "yes"}]
    )


def _too_high() -> Json:
    own = container(args=["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru", "--save", ""])
    return _workload("Deployment", "too-high", own)


def _durable(name: str) -> Json:
    server = container(
        args=["--appendonly", "yes"], volumeMounts=[{"name": "data", "mountPath": "/data"}]
    )
    return _workload("StatefulSet", name, server, volumes=[{"name": "data", "emptyDir": {}}])


def _replica(name: str) -> Json:
    """A server of 10 MiB that gets what its master holds, however much that is."""
    replication = ["--replicaof", _MASTER_ADDRESS, "6379"]
    limits = ["--maxmemory", "10mb", "--maxmemory-policy", "noeviction"]
    return _workload("StatefulSet", name, container(args=[*replication, *limits]))


def _with_init_server(name: str) -> Json:
    server = container(restartPolicy="Always")
    return _workload("Deployment", name, _app(), initContainers=[server])


def _from_config_map() -> Json:
    server = container(
        args=["/conf/redis.conf"], volumeMounts=[{"name": "conf", "mountPath": "/conf"}]
    )
    volume = {"name": "conf", "configMap": {"name": "settings"}}
    return _workload("StatefulSet", "configured", server, volumes=[volume])


def _from_secret() -> Json:
    server = container(
        args=["/conf/redis.conf"], volumeMounts=[{"name": "conf", "mountPath": "/conf"}]
    )
    volume = {"name": "conf", "secret": {"secretName": "settings"}}
    return _workload("StatefulSet", "configured-in-secret", server, volumes=[volume])


def _operated() -> Json:
    """A Pod of a kind that no API server knows, so that nobody collects it."""
    owner = {
        "apiVersion": "databases.example.com/v1",
        "kind": "Redis",
        "name": "kept-by-an-operator",
        "uid": "7f7ad4b4-63b2-4a3c-9a1b-0d6d4e5f0a11",
        "controller": True,
    }
    name = "kept-by-an-operator-0"
    return pod(name, container(), metadata={"name": name, "ownerReferences": [owner]})
