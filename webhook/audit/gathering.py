"""The reading of one namespace: what may run Redis is kept, everything else only counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from webhook.admission.prefilter import Prefilter
from webhook.audit.namespace_objects import Item, NamespaceObjects, is_over, slim, with_objects
from webhook.audit.ownership import BUILT_IN_KINDS, ObjectReference
from webhook.cluster.connection import ClusterError
from webhook.cluster.reading import Listed

Kept = TypeVar("Kept")


class Reader(Protocol):
    """Reads a cluster; all methods raise ClusterError."""

    def collect(
        self, kind: str, namespace: str, keep: Callable[[Item], Kept | None]
    ) -> Listed[Kept]:
        """List a kind in a namespace and keep what `keep` makes of each object."""

    def get(self, kind: str, namespace: str, name: str) -> Item | None:
        """Read one object; None where there is none."""

    def custom_objects(
        self, group: str, version: str, plural: str, namespace: str
    ) -> Sequence[Item]:
        """List objects of a custom kind; none where it is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be read, or not be evaluated, and why."""

    namespace: str
    what: str
    why: str

    def __str__(self) -> str:
        """Give `shop: pods: why`."""
        return ": ".join(part for part in (self.namespace, self.what, self.why) if part)


@dataclass(slots=True, kw_only=True)
class NamespaceReading:
    """Reads one namespace and notes what it may not read.

    All methods raise ClusterError where the cluster does not answer any more.
    """

    namespace: str
    reader: Reader
    prefilter: Prefilter
    gaps: list[Gap] = field(default_factory=list)
    pods_seen: int = 0
    _config_maps: dict[str, Mapping[str, str] | None] = field(default_factory=dict)

    def objects(self) -> NamespaceObjects:
        """Read Pods and workloads, and the owners of Pods that say nothing of Redis themselves."""
        pods = self._collect("Pod", self._keep_pod)
        self.pods_seen = pods.seen
        kept = [
            (kind, item)
            for kind in BUILT_IN_KINDS
            for item in self._collect(kind, self._keep_template(kind)).kept
        ]
        objects = with_objects(NamespaceObjects(pods=pods.kept), kept)
        while more := [each for each in map(self._owner, objects.missing_owners()) if each]:
            objects = with_objects(objects, more)
        return objects

    def limit_ranges(self) -> Sequence[Item]:
        """Read the LimitRanges."""
        return self._collect("LimitRange", lambda item: item).kept

    def vpa_targets(self) -> frozenset[tuple[str, str]]:
        """Name what VerticalPodAutoscalers size, by kind and name; none without their CRD."""
        try:
            found = self.reader.custom_objects(
                "autoscaling.k8s.io", "v1", "verticalpodautoscalers", self.namespace
            )
        except ClusterError as error:
            self._note("VerticalPodAutoscalers", error)
            return frozenset()
        targets = ((each.get("spec") or {}).get("targetRef") or {} for each in found)
        return frozenset((str(each.get("kind")), str(each.get("name"))) for each in targets)

    def config_maps(self, _namespace: str, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Read ConfigMaps, each once; the answer lacks what is not there or not to be read."""
        found = {name: self._config_map(name) for name in names}
        return {name: data for name, data in found.items() if data is not None}

    def _config_map(self, name: str) -> Mapping[str, str] | None:
        if name not in self._config_maps:
            try:
                found = self.reader.get("ConfigMap", self.namespace, name)
            except ClusterError as error:
                self._note(f"ConfigMap {name}", error)
                found = None
            self._config_maps[name] = None if found is None else found.get("data") or {}
        return self._config_maps[name]

    def _collect(self, kind: str, keep: Callable[[Item], Kept | None]) -> Listed[Kept]:
        try:
            return self.reader.collect(kind, self.namespace, keep)
        except ClusterError as error:
            self._note(f"{kind}s", error)
            return Listed(kept=(), seen=0)

    def _owner(self, owner: ObjectReference) -> tuple[str, Item] | None:
        """Read an owner that the lists did not give: its template says nothing of Redis."""
        try:
            item = self.reader.get(owner.kind, self.namespace, owner.name)
        except ClusterError as error:
            self._note(str(owner), error)
            return None
        return None if item is None else (owner.kind, item)

    def _keep_pod(self, pod: Item) -> Item | None:
        takes = self.prefilter.takes(pod["spec"]) and not is_over(pod)
        return slim(pod, "Pod") if takes else None

    def _keep_template(self, kind: str) -> Callable[[Item], Item | None]:
        def keep(item: Item) -> Item | None:
            return slim(item, kind) if self.prefilter.takes(template_of(item, kind)) else None

        return keep

    def _note(self, what: str, error: ClusterError) -> None:
        """Note what cannot be read; a cluster that does not answer ends the look."""
        if error.status is None:
            raise error
        self.gaps.append(Gap(namespace=self.namespace, what=what, why=str(error)))


def template_of(item: Item, kind: str) -> object:
    """Give the Pod spec of an object's template, as far as there is one."""
    spec = item.get("spec") or {}
    if kind == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    return (spec.get("template") or {}).get("spec")
