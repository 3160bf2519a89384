"""Who makes a Pod anew: owner references followed to the object whose template is evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BUILT_IN_KINDS = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "CronJob",
    "Job",
)
"""The kinds whose Pod template stands in the object itself."""

_BUILT_IN = frozenset(
    {("apps", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")}
    | {("", "ReplicationController"), ("batch", "Job"), ("batch", "CronJob")}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectReference:
    """The name of one object of the cluster; `uid` tells it from one of the same name before."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str = field(default="", compare=False)

    @property
    def is_built_in(self) -> bool:
        """Tell whether Kubernetes itself knows the kind as one that makes Pods."""
        group = self.api_version.rpartition("/")[0]
        return (group, self.kind) in _BUILT_IN

    def __str__(self) -> str:
        """Give `Deployment cart`."""
        return f"{self.kind} {self.name}"


def reference_to(item: Mapping[str, Any], *, kind: str, api_version: str) -> ObjectReference:
    """Name an object; the items of a list do not say their kind."""
    metadata = item["metadata"]
    return ObjectReference(
        api_version=api_version,
        kind=kind,
        namespace=str(metadata.get("namespace", "")),
        name=str(metadata.get("name", "")),
        uid=str(metadata.get("uid", "")),
    )


def controller_of(item: Mapping[str, Any]) -> ObjectReference | None:
    """Find what controls an object: the owner that is its controller; None where nothing does."""
    metadata = item["metadata"]
    for owner in metadata.get("ownerReferences") or ():
        if owner.get("controller") is True:
            return ObjectReference(
                api_version=str(owner.get("apiVersion", "")),
                kind=str(owner.get("kind", "")),
                namespace=str(metadata.get("namespace", "")),
                name=str(owner.get("name", "")),
                uid=str(owner.get("uid", "")),
            )
    return None
