"""A cluster as far as an audit reads it: objects by kind, with what is not to be read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from webhook.cluster.connection import ClusterError
from webhook.cluster.reading import Listed

Kept = TypeVar("Kept")
Json = dict[str, Any]


@dataclass
class FakeCluster:
    """Holds objects of one namespace. `refused` kinds answer 403, `silent` ones nothing."""

    objects: list[Json] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    autoscalers: Sequence[Json] = ()
    read: list[tuple[str, str]] = field(default_factory=list)

    def collect(
        self, kind: str, _namespace: str, keep: Callable[[Mapping[str, Any]], Kept | None]
    ) -> Listed[Kept]:
        self._check(kind)
        found = [each for each in self.objects if each["kind"] == kind]
        bare = [
            {k: v for k, v in each.items() if k not in ("kind", "apiVersion")} for each in found
        ]
        kept = tuple(each for item in bare if (each := keep(item)) is not None)
        return Listed(kept=kept, seen=len(found))

    def get(self, kind: str, _namespace: str, name: str) -> Json | None:
        self._check(kind)
        self.read.append((kind, name))
        named = (each for each in self.objects if each["kind"] == kind)
        return next((each for each in named if each["metadata"]["name"] == name), None)

    def custom_objects(
        self, _group: str, _version: str, _plural: str, _namespace: str
    ) -> Sequence[Json]:
        self._check("VerticalPodAutoscaler")
        return self.autoscalers

    def _check(self, kind: str) -> None:
        if kind in self.refused:
            raise ClusterError(f"the API server answers 403: {kind} is forbidden", status=403)
        if kind in self.silent:
            raise ClusterError("the API server cannot be reached: timed out")


_TYPE = ("kind", "apiVersion")
CREATED = "2026-03-01T10:00:00Z"


def an_object(kind: str, name: str, owner: Json | None = None, **rest: object) -> Json:
    """An object of the namespace shop; `owner` is the object that controls it."""
    metadata: Json = {"name": name, "namespace": "shop", "creationTimestamp": CREATED}
    if owner is not None:
        metadata["ownerReferences"] = [
            {
                "apiVersion": owner.get("apiVersion", "apps/v1"),
                "kind": owner["kind"],
                "name": owner["metadata"]["name"],
                "controller": True,
            }
        ]
    return {"kind": kind, "metadata": metadata, **rest}


def a_workload(kind: str, name: str, spec: Json, owner: Json | None = None, **more: object) -> Json:
    """A workload whose template has this Pod spec."""
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    inner = {"template": template, **more}
    if kind == "CronJob":
        inner = {"jobTemplate": {"spec": {"template": template}}, **more}
    return an_object(kind, name, owner, spec=inner)


def a_running_pod(name: str, spec: Json, owner: Json | None = None, **status: object) -> Json:
    """A Pod in which every container of the spec runs."""
    statuses = [
        {"name": each["name"], "state": {"running": {}}, "restartCount": 0, **status}
        for each in spec["containers"]
    ]
    node = {**spec, "nodeName": "node-1"}
    state = {"phase": "Running", "containerStatuses": statuses}
    return an_object("Pod", name, owner, spec=node, status=state)
