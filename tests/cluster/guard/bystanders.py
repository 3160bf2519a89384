"""Pods that are no Redis, however much they speak of it."""

from collections.abc import Sequence

from tests.harness.manifests import Json, container, pod

_IMAGES = (
    "nginx:1.27",
    "oliver006/redis_exporter:v1.62.0",
    "quay.io/opstree/redis-exporter:1.44",
    "redis/redisinsight:2.60",
    "rediscommander/redis-commander:latest",
    "quay.io/opstree/redis-operator:v0.20",
    "quay.io/spotahome/redis-operator:v1.2.4",
    "registry.example.com/shop/app:redis-7",
    "redis.example.com:5000/shop/app:1.0",
    "registry.example.com/redis/worker:2",
    "ghcr.io/example/predis-app:1",
    "malexer/twemproxy:0.5",
    "envoyproxy/envoy:v1.34",
    "bitnami/redis-sentinel:7.2",
)
_ARGS = (
    ("--redis-url", "redis://redis-server:6379/0"),
    ("--cache=redis://:secret@valkey-server.shop.svc:6379",),
    ("--redis.addr=redis-master:6379", "--redis-password-file=/etc/redis-password"),
    ("sh", "-c", "until nc -z redis-master 6379; do sleep 1; done; exec ./app --redis-db 1"),
)
_ENVIRONMENTS = (
    {"REDIS_URL": "redis://redis-server:6379", "REDIS_HOST": "redis-server"},
    {"REDIS_ARGS": "--maxmemory 1gb", "COMMAND": "redis-server /etc/redis.conf"},
)


def bystanders() -> Sequence[Json]:
    """Each image plain, and each way to speak of Redis in args and environment."""
    plain = (container(name="redis", image=image, limit=None) for image in _IMAGES)
    by_args = (container(image="registry.example.com/app:1", args=list(args)) for args in _ARGS)
    by_environment = (
        container(
            image="registry.example.com/app:1",
            env=[{"name": name, "value": value} for name, value in each.items()],
        )
        for each in _ENVIRONMENTS
    )
    return [
        pod("bystander", each, metadata={"name": None, "generateName": "redis-server-"})
        for each in (*plain, *by_args, *by_environment)
    ]
