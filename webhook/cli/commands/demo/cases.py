"""The twelve Pods of the demonstration: what the webhook meets in a real cluster."""

from collections.abc import Mapping
from dataclasses import dataclass

Manifest = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One Pod and what it shows; `runs` tells that its server can be started here as it stands."""

    title: str
    pod: Manifest
    runs: bool = False


def _pod(
    *,
    image: str,
    limit: str | None = "512Mi",
    annotations: Mapping[str, str] | None = None,
    volumes: tuple[Manifest, ...] = (),
    **container: object,
) -> Manifest:
    resources = {"limits": {"memory": limit}} if limit else {}
    inner = {"name": "redis", "image": image, "resources": resources, **container}
    spec = {"containers": [inner], **({"volumes": list(volumes)} if volumes else {})}
    metadata = {"name": "demo", **({"annotations": dict(annotations)} if annotations else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


_CLAIM: Manifest = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}

CASES = (
    Case(title="the image's default", pod=_pod(image="redis:7"), runs=True),
    Case(
        title="a shell one-liner: args behind it would be lost",
        pod=_pod(
            image="redis:7-alpine",
            command=["sh", "-c", 'exec redis-server --requirepass "$PASSWORD" # the cache'],
        ),
    ),
    Case(
        title="Bitnami's image: options go through its variable",
        pod=_pod(
            image="bitnami/redis:7.2",
            env=[{"name": "REDIS_EXTRA_FLAGS", "value": "--hz 20"}],
        ),
    ),
    Case(
        title="Bitnami's chart: its script takes neither args nor variables",
        pod=_pod(
            image="docker.io/bitnami/redis:7.2",
            command=["/bin/bash"],
            args=["-c", "/opt/bitnami/scripts/start-scripts/start-master.sh"],
        ),
    ),
    Case(title="Valkey", pod=_pod(image="valkey/valkey:8", limit="1Gi")),
    Case(
        title="a Sentinel holds no data",
        pod=_pod(image="redis:7", limit=None, command=["redis-sentinel", "/etc/sentinel.conf"]),
    ),
    Case(
        title="an exporter is no server",
        pod=_pod(
            image="oliver006/redis_exporter:v1.55.0",
            limit=None,
            args=["--redis.addr=redis://redis-server:6379"],
        ),
    ),
    Case(title="no memory limit", pod=_pod(image="redis:7", limit=None)),
    Case(
        title="a ceiling as high as the limit",
        pod=_pod(image="redis:7", args=["redis-server", "--maxmemory", "512mb"]),
        runs=True,
    ),
    Case(
        title="a queue keeps its data: chosen by annotation",
        pod=_pod(
            image="redis:7",
            annotations={"redis-memory-guard.dev/eviction-policy": "noeviction"},
        ),
        runs=True,
    ),
    Case(
        title="persistent on a volume: half, for the fork",
        pod=_pod(
            image="redis:7",
            args=["redis-server", "--appendonly", "yes"],
            volumeMounts=[{"name": "data", "mountPath": "/data"}],
            volumes=(_CLAIM,),
        ),
        runs=True,
    ),
    Case(title="a limit too small for any ceiling", pod=_pod(image="redis:7", limit="24Mi")),
)
