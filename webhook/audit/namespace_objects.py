"""The objects of one namespace that may run Redis, joined: who makes which Pod anew."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webhook.audit.ownership import ObjectReference, controller_of, reference_to

Item = Mapping[str, Any]

_API_VERSIONS = {
    "Pod": "v1",
    "ReplicationController": "v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
}
_FINISHED_PHASES = ("Succeeded", "Failed")
_FINISHED_CONDITIONS = ("Complete", "Failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedPods:
    """What makes Pods anew, and the Pods of it that run.

    `template` is the object whose Pod template counts, None where there is none to be read: the
    Pod itself then tells, and `name` is its controller's or its own.
    """

    name: ObjectReference
    owner: ObjectReference | None = None
    template: Item | None = None
    template_kind: str = ""
    pods: tuple[Item, ...] = ()
    is_bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceObjects:
    """What was kept of a namespace: objects by kind and name, and Pods that have not finished."""

    objects: Mapping[tuple[str, str], Item] = field(default_factory=dict)
    pods: Sequence[Item] = ()

    def missing_owners(self) -> Sequence[ObjectReference]:
        """Name the owners of Pods that Kubernetes knows the kind of and that were not kept."""
        wanted: dict[ObjectReference, None] = {}
        for pod in self.pods:
            *_, last = self._chain(pod)
            controller = controller_of(last)
            if controller is not None and controller.is_built_in:
                wanted[controller] = None
        return tuple(wanted)

    def workloads(self) -> Sequence[OwnedPods]:
        """Join Pods and objects: each workload once, sorted by kind and name."""
        owned: dict[tuple[str, str], list[Item]] = defaultdict(list)
        others: dict[ObjectReference, list[Item]] = defaultdict(list)
        found: list[OwnedPods] = []
        for pod in self.pods:
            *_, last = self._chain(pod)
            if last is not pod:
                owned[_kind(last), last["metadata"]["name"]].append(pod)
                continue
            controller = controller_of(pod)
            if controller is None or controller.kind == "Node":
                name = reference_to(pod, kind="Pod", api_version="v1")
                found.append(OwnedPods(name=name, pods=(pod,), is_bare=True))
            else:
                others[controller].append(pod)
        found += [OwnedPods(name=name, pods=tuple(pods)) for name, pods in others.items()]
        found += self._with_templates(owned)
        return sorted(found, key=lambda each: (each.name.kind, each.name.name))

    def _chain(self, item: Item) -> Iterator[Item]:
        """Give an item and what controls it, as far as that was kept."""
        yield item
        controller = controller_of(item)
        while controller is not None and controller.is_built_in:
            above = self.objects.get((controller.kind, controller.name))
            if above is None:
                return
            yield above
            controller = controller_of(above)

    def _with_templates(
        self, owned: Mapping[tuple[str, str], Sequence[Item]]
    ) -> Iterator[OwnedPods]:
        by_owner: dict[ObjectReference, list[tuple[str, str]]] = defaultdict(list)
        for key, item in self.objects.items():
            controller = controller_of(item)
            if controller is not None and controller.is_built_in:
                continue  # the controller's template counts, or it is gone and this goes too
            if controller is not None and key[0] == "ReplicaSet":
                by_owner[controller].append(key)
            elif not _is_finished(item) or key in owned:
                yield self._workload(key, owned, controller)
        for controller, keys in by_owner.items():
            # An operator's ReplicaSets are revisions: the one in use, or the newest, tells.
            chosen = max(keys, key=lambda key: self._rank(key, owned))
            pods = tuple(pod for key in keys for pod in owned.get(key, ()))
            item = self.objects[chosen]
            yield OwnedPods(name=controller, template=item, template_kind="ReplicaSet", pods=pods)

    def _workload(
        self,
        key: tuple[str, str],
        owned: Mapping[tuple[str, str], Sequence[Item]],
        owner: ObjectReference | None,
    ) -> OwnedPods:
        kind, item = key[0], self.objects[key]
        version = _API_VERSIONS.get(kind, "apps/v1")
        return OwnedPods(
            name=reference_to(item, kind=kind, api_version=version),
            owner=owner,
            template=item,
            template_kind=kind,
            pods=tuple(owned.get(key, ())),
        )

    def _rank(
        self, key: tuple[str, str], owned: Mapping[tuple[str, str], Sequence[Item]]
    ) -> tuple[bool, bool, str]:
        item = self.objects[key]
        replicas = (item.get("spec") or {}).get("replicas") or 0
        return replicas > 0, key in owned, str(item["metadata"].get("creationTimestamp", ""))


def with_objects(objects: NamespaceObjects, more: Iterable[tuple[str, Item]]) -> NamespaceObjects:
    """Add objects by their kind."""
    added = {(kind, item["metadata"]["name"]): slim(item, kind) for kind, item in more}
    return NamespaceObjects(objects={**objects.objects, **added}, pods=objects.pods)


def slim(item: Item, kind: str) -> Item:
    """Keep of an object what is looked at; the items of a list do not say their kind."""
    metadata = {k: v for k, v in item["metadata"].items() if k != "managedFields"}
    return {**item, "kind": kind, "metadata": metadata}


def is_over(pod: Item) -> bool:
    """Tell whether a Pod has finished, so that nothing of it runs."""
    return (pod.get("status") or {}).get("phase") in _FINISHED_PHASES


def _kind(item: Item) -> str:
    return str(item["kind"])


def _is_finished(item: Item) -> bool:
    """Tell whether a Job is through: nothing starts it again."""
    if _kind(item) != "Job":
        return False
    conditions = (item.get("status") or {}).get("conditions") or ()
    return any(
        each.get("type") in _FINISHED_CONDITIONS and each.get("status") == "True"
        for each in conditions
    )
