"""Pods as the API server sends them, and what the core makes of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from webhook.admission.handling import ReadConfigMaps
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Evaluation, Outcome
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.kubernetes.pod import Container
from webhook.domain.policy.floors import NO_FLOORS, Floors, ServerName
from webhook.domain.policy.settings import Policy
from webhook.domain.reasons import Reason

Json = dict[str, Any]
Files = Mapping[str, Mapping[str, str]]

BUILT_IN = Policy()
NO_FILES: Files = {}
MEBI = 2**20
FULL = ("--maxmemory", "419430400", "--maxmemory-policy", "allkeys-lru", "--save", "")
"""What a bare cache under 512Mi gets."""
FULL_TEXT = '--maxmemory 419430400 --maxmemory-policy allkeys-lru --save ""'
"""The same as it stands in shell text."""
PERSISTENT = ("--maxmemory", "209715200", "--maxmemory-policy", "allkeys-lru")
"""What a server that forks gets under 512Mi, where nothing of its data outlives the Pod."""
DURABLE = ("--maxmemory", "209715200", "--maxmemory-policy", "volatile-lru")
"""The same where a volume may keep its data."""


def a_container(
    *, name: str = "redis", image: str = "redis:7", limit: object = "512Mi", **fields: object
) -> Json:
    """A container; `limit` None leaves it without, further fields are the API's own."""
    container: Json = {"name": name, "image": image, **fields}
    if limit is not None:
        container["resources"] = {"limits": {"memory": limit}}
    return container


def a_pod(*containers: Json, annotations: Mapping[str, str] | None = None, **spec: object) -> Json:
    """A Pod of the namespace shop; without containers it has one bare Redis."""
    metadata: Json = {"name": "cart", "namespace": "shop"}
    if annotations is not None:
        metadata["annotations"] = {
            f"redis-memory-guard.dev/{name}": value for name, value in annotations.items()
        }
    return {
        "metadata": metadata,
        "spec": {"containers": list(containers or [a_container()]), **spec},
    }


def a_claim(name: str = "data") -> Json:
    """A volume that outlives the Pod."""
    return {"name": name, "persistentVolumeClaim": {"claimName": name}}


def a_config_map(name: str = "settings") -> Json:
    """A volume made of the ConfigMap of the same name."""
    return {"name": name, "configMap": {"name": name}}


def a_mount(path: str, name: str = "data", **fields: object) -> Json:
    """A mount of a volume."""
    return {"name": name, "mountPath": path, **fields}


def evaluated(
    pod: Json,
    policy: Policy = BUILT_IN,
    files: Files = NO_FILES,
    floors: Floors = NO_FLOORS,
) -> Evaluation:
    """The evaluation of a Pod."""
    return evaluate(parse_pod(pod), policy, files, floors=floors)


def the_outcome(
    pod: Json,
    policy: Policy = BUILT_IN,
    files: Files = NO_FILES,
    floors: Floors = NO_FLOORS,
) -> Outcome:
    """The outcome of a Pod's only container."""
    (only,) = evaluated(pod, policy, files, floors).outcomes
    return only


def owned(pod: Json, *, kind: str = "StatefulSet", name: str = "cart") -> Json:
    """The same Pod, made by a workload of the kind and name."""
    owner = {"kind": kind, "name": name, "controller": True}
    return {**pod, "metadata": {**pod["metadata"], "ownerReferences": [owner]}}


def holding(amount: int, *, kind: str = "StatefulSet", name: str = "cart") -> Floors:
    """That the server of such a Pod was seen to hold so many bytes."""
    return {ServerName(namespace="shop", kind=kind, name=name, container="redis"): amount}


def outcome_of(
    files: Files = NO_FILES,
    policy: Policy = BUILT_IN,
    volumes: Sequence[Json] = (),
    **fields: object,
) -> Outcome:
    """The outcome of a container of these fields, alone in its Pod."""
    return the_outcome(a_pod(a_container(**fields), volumes=list(volumes)), policy, files)  # type: ignore[arg-type]


def maxmemory(outcome: Outcome) -> int:
    """The ceiling of an outcome, in bytes; the rest of its limit is the headroom."""
    assert outcome.sizing is not None
    assert outcome.sizing.headroom == outcome.sizing.limit - outcome.sizing.maxmemory
    return outcome.sizing.maxmemory


def warned(outcome: Outcome, reason: Reason) -> list[str]:
    """What an outcome warns of for a reason."""
    return [each.message for each in outcome.warnings if each.reason is reason]


def launch_of(
    container: Container | None,
) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, str | None]]:
    """A container's command, args and literal variables."""
    assert container is not None, "the container stays as it is"
    return container.command, container.args, {each.name: each.value for each in container.env}


def a_review(
    pod: Json, *, operation: str = "CREATE", groups: Sequence[str] = (), **request: object
) -> bytes:
    """An AdmissionReview of a Pod as the API server sends it."""
    return json.dumps(
        {
            "apiVersion": "admission.k8s.io/v1",
            "kind": "AdmissionReview",
            "request": {
                "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
                "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "namespace": "shop",
                "operation": operation,
                "userInfo": {"username": "kim", "groups": list(groups)},
                "object": pod,
                **request,
            },
        }
    ).encode()


def reading(config_maps: Mapping[str, Mapping[str, str]]) -> ReadConfigMaps:
    """Give what reads these ConfigMaps, in any namespace."""
    return lambda _, names: {name: config_maps[name] for name in names if name in config_maps}
