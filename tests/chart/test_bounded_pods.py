"""What the API server lets go as provably bounded, `/validate` would allow."""

import copy
import os
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.harness.builders import a_review
from tests.harness.cel_conditions import conditions_over
from webhook.admission.bounded_condition import bounded_pod, whole_share
from webhook.admission.handling import handle, read_nothing
from webhook.admission.match_conditions import (
    match_condition,
    may_run_server,
    validating_condition,
)
from webhook.admission.namespace_condition import Handling
from webhook.admission.validate import validate
from webhook.domain.policy.settings import Images, Policy

Json = dict[str, Any]

COUNT = int(os.environ.get("BOUNDED_PODS", "20000"))
"""How many random Pods are tried; more by BOUNDED_PODS=500000."""

BUILT_IN = Policy()
_SHARE = whole_share(BUILT_IN.headroom.explicit_share)
assert _SHARE is not None
BOUNDED = bounded_pod(may_run_server(Images()), _SHARE)
CONDITION = validating_condition(BUILT_IN, Handling.ENFORCED)
assert CONDITION is not None

IMAGES = (
    "redis", "redis:7", "redis:7.0.1", "docker.io/library/redis:8", "valkey/valkey:8",
    "valkey/valkey", "bitnami/redis:7.2", "ghcr.io/corp/redis", "busybox", "corp/cache:1",
    "registry.example.com/library/redis", "redis/redis-stack-server:7.4.0-v0", "redis:3.2",
)  # fmt: skip
LIMITS = ("512Mi", "1Gi", "64Mi", "1e9", "0.5Gi", "512m", "100M", "9E", "0", "1500m", "33Mi", None)
ELEMENTS = (
    "--maxmemory", "0", "1", "419430400", "456340275", "456340276", "536870912", "10gb", "-1",
    "--maxmemory-policy", "allkeys-lru", "noeviction", "--save", "", "--port", "6379", "--",
    "-", "$(OPTIONS)", "--requirepass", "$(PASSWORD)", "--requirepass $(PASSWORD)", "it's",
    "--sentinel", "--version", "/etc/redis/redis.conf", "redis-server", "--include", "--dir",
    "--maxmemory 0", "--MAXMEMORY", "--appendonly", "yes", "9" * 30, "0419430400", "\n", "é",
    "--replicaof", "master 6379", "sh", "-c", "exec redis-server",
)  # fmt: skip
VARIABLES = (
    {"name": "VALKEY_EXTRA_FLAGS", "value": "--maxmemory 0"},
    {"name": "REDIS_EXTRA_FLAGS", "value": "--maxmemory 0"},
    {"name": "OPTIONS", "value": "--maxmemory"},
    {"name": "PASSWORD", "value": "--x"},
    {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
)
VOLUMES = (
    {"name": "data", "emptyDir": {}},
    {"name": "fast", "emptyDir": {"medium": "Memory"}},
    {"name": "fast", "emptyDir": {"medium": "Memory", "sizeLimit": "100Mi"}},
    {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
)
MOUNTS = ({"name": "data", "mountPath": "/data"}, {"name": "fast", "mountPath": "/fast"})


def bounded_container(draw: random.Random, name: str = "redis") -> Json:
    tail = ["--maxmemory", "419430400"]
    if draw.random() < 0.7:
        tail += ["--maxmemory-policy", draw.choice(("allkeys-lru", "volatile-lru", "noeviction"))]
    if draw.random() < 0.5:
        tail += ["--save", ""]
    head = draw.choice(([], ["redis-server"], ["redis-server", "/etc/redis.conf"], ["--port", "7"]))
    container: Json = {
        "name": name,
        "image": draw.choice(IMAGES[:6]),
        "args": [*head, *tail],
        "resources": {"limits": {"memory": "512Mi"}},
    }
    if draw.random() < 0.3:
        container["command"] = [draw.choice(("redis-server", "valkey-server"))]
    return container


def _changes_args(draw: random.Random, container: Json) -> None:
    args = container["args"]
    at = draw.randrange(len(args) + 1)
    match draw.randrange(5):
        case 0:
            args.insert(at, draw.choice(ELEMENTS))
        case 1 if args:
            del args[min(at, len(args) - 1)]
        case 2 if args:
            args[min(at, len(args) - 1)] = draw.choice(ELEMENTS)
        case 3 if args:
            args.append(args.pop(min(at, len(args) - 1)))
        case _ if len(args) > 1:
            at = min(at, len(args) - 2)
            args[at : at + 2] = [" ".join(args[at : at + 2])]


def _changes_limit(draw: random.Random, container: Json) -> None:
    limit = draw.choice(LIMITS)
    container["resources"] = {"limits": {"memory": limit}} if limit else {}


def _changes_surroundings(draw: random.Random, container: Json) -> None:
    match draw.randrange(6):
        case 0:
            container["env"] = draw.sample(VARIABLES, draw.randrange(1, 4))
        case 1:
            container["envFrom"] = [{"secretRef": {"name": "secret"}}]
        case 2:
            container["image"] = draw.choice(IMAGES)
        case 3:
            container["command"] = draw.choice(
                (["redis-server"], ["sh", "-c", "exec redis-server"], ["redis-server", "--port"])
            )
        case 4:
            container["volumeMounts"] = list(draw.sample(MOUNTS, draw.randrange(1, 3)))
        case _:
            container["args"] = draw.choices(ELEMENTS, k=draw.randrange(6))


CHANGES: tuple[Callable[[random.Random, Json], None], ...] = (
    _changes_args,
    _changes_args,
    _changes_limit,
    _changes_surroundings,
)


def random_pods(seed: int, count: int) -> Iterator[Json]:
    draw = random.Random(seed)  # noqa: S311 - reproducible, not secret
    for _ in range(count):
        containers = [bounded_container(draw, f"c{at}") for at in range(draw.choice((1, 1, 2)))]
        for _ in range(draw.choice((0, 1, 1, 2, 3))):
            draw.choice(CHANGES)(draw, draw.choice(containers))
        spec: Json = {"containers": containers}
        if draw.random() < 0.2:
            spec["volumes"] = list(draw.sample(VOLUMES, draw.randrange(1, 4)))
        if draw.random() < 0.1:
            spec["resources"] = {"limits": {"memory": draw.choice(("512Mi", "400Mi"))}}
        if draw.random() < 0.15:
            extra = bounded_container(draw, "init")
            draw.choice(CHANGES)(draw, extra)
            spec["initContainers"] = [extra | draw.choice(({}, {"restartPolicy": "Always"}))]
        yield {"metadata": {"name": "pod", "namespace": "shop"}, "spec": spec}


def is_allowed(pod: Json) -> bool:
    review = a_review(copy.deepcopy(pod))
    return handle(review, validate, policy=BUILT_IN, read_config_maps=read_nothing).allowed


def test_whatever_is_called_bounded_the_webhook_would_allow():
    pods = list(random_pods(20261125, COUNT))
    expressions = {"bounded": BOUNDED, "asked": CONDITION.expression}

    results = conditions_over(expressions, pods)

    errors = {each["error"] for said in results for each in said.values() if each.get("error")}
    assert errors == set()
    bounded = [pod for pod, said in zip(pods, results, strict=True) if said["bounded"]["value"]]
    unasked = [pod for pod, said in zip(pods, results, strict=True) if not said["asked"]["value"]]
    assert [pod for pod in (*bounded, *unasked) if not is_allowed(pod)] == []
    assert COUNT // 10 < len(bounded) < COUNT


def a_pod_of(container: Mapping[str, Any], **spec: Any) -> Json:
    return {"metadata": {"name": "pod"}, "spec": {"containers": [dict(container)], **spec}}


GUARDED = {
    "name": "redis",
    "image": "redis:7",
    "args": ["redis-server", "--maxmemory", "419430400", "--maxmemory-policy", "allkeys-lru"],
    "resources": {"limits": {"memory": "512Mi"}},
}
LARGE = ["x"] * 50_000


def test_what_is_injected_into_args_is_bounded_and_what_it_is_made_of_is_asked_about():
    pods = {
        "guarded": a_pod_of(GUARDED),
        "snapshots off": a_pod_of(GUARDED | {"args": [*GUARDED["args"], "--save", ""]}),
        "by command": a_pod_of(GUARDED | {"image": "corp/cache", "command": ["redis-server"]}),
        "plain": a_pod_of({"name": "redis", "image": "redis:7"}),
        "at the share": a_pod_of(GUARDED | {"args": ["--maxmemory", "456340275"]}),
        "over the share": a_pod_of(GUARDED | {"args": ["--maxmemory", "456340276"]}),
        "value of another option": a_pod_of(
            GUARDED | {"args": ["--requirepass", "--maxmemory", "419430400"]}
        ),
        "volume in memory": a_pod_of(
            GUARDED, volumes=[{"name": "m", "emptyDir": {"medium": "Memory"}}]
        ),
        "application": a_pod_of({"name": "api", "image": "corp/api", "args": ["redis://redis"]}),
    }

    said = dict(
        zip(pods, conditions_over({"asked": CONDITION.expression}, pods.values()), strict=True)
    )

    assert {name: each["asked"]["value"] for name, each in said.items()} == {
        "guarded": False,
        "snapshots off": False,
        "by command": False,
        "plain": True,
        "at the share": False,
        "over the share": True,
        "value of another option": True,
        "volume in memory": True,
        "application": False,
    }


def test_the_largest_pods_cost_no_more_than_the_api_server_allows():
    pods = [
        a_pod_of(GUARDED | {"args": [*LARGE, "--maxmemory", "419430400"]}),
        a_pod_of(GUARDED | {"env": [{"name": f"V{at}", "value": "x"} for at in range(30_000)]}),
        a_pod_of(GUARDED | {"args": ["redis-server", "-server" * 200_000]}),
        a_pod_of(GUARDED | {"args": ["sh", "-c", "true; " * 233_000 + "redis-server"]}),
        a_pod_of(
            {"name": "api", "image": "corp/api", "args": ["true; " * 233_000 + "redis-server"]}
        ),
        {
            "spec": {
                "containers": [
                    {"name": f"c{at}", "image": "corp/api", "args": ["redis-server " * 19] * 64}
                    for at in range(16)
                ]
            }
        },
        {
            "metadata": {},
            "spec": {"containers": [GUARDED | {"name": f"c{n}"} for n in range(3000)]},
        },
        a_pod_of(GUARDED, volumes=[{"name": f"v{n}", "emptyDir": {}} for n in range(30_000)]),
    ]

    said = conditions_over({"asked": CONDITION.expression}, pods)

    assert [each["asked"].get("error") for each in said] == [None] * len(pods)


def test_the_prefilter_alone_says_the_same_of_an_application():
    application = a_pod_of({"name": "api", "image": "corp/api", "args": ["--redis=redis://redis"]})

    (said,) = conditions_over({"may": match_condition(Images()).expression}, [application])

    assert said["may"]["value"] is False
