"""Writes OpenReports: those of the namespaces that were looked at become what they should be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from kubernetes import client

from webhook.cluster.connection import ClusterError, call, call_patiently, is_missing

Json = Mapping[str, Any]

_GROUP, _VERSION, _PLURAL = "openreports.io", "v1alpha1", "reports"
_MANAGED = "app.kubernetes.io/managed-by=redis-memory-guard"
_COMPARED = ("scope", "source", "summary", "results")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many Reports were created, replaced and deleted."""

    created: int = 0
    replaced: int = 0
    deleted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChanges:
    """The Reports to create, to replace, and to delete by namespace and name."""

    created: tuple[Json, ...]
    replaced: tuple[Json, ...]
    deleted: tuple[tuple[str, str], ...]


def publish_reports(
    api: client.ApiClient, wanted: Sequence[Json], looked_at: Iterable[str]
) -> Written | None:
    """Make the Reports in the namespaces that were looked at what they should be.

    None where the kind is not installed. Raises ClusterError.
    """
    objects = client.CustomObjectsApi(api)
    existing = _list(objects)
    if existing is None:
        return None
    changes = plan_reports(existing, wanted, looked_at)
    for report in changes.created:
        call(objects.create_namespaced_custom_object, *_place(_key(report)[0]), report)
    for report in changes.replaced:
        namespace, name = _key(report)
        call(objects.replace_namespaced_custom_object, *_place(namespace), name, report)
    for namespace, name in changes.deleted:
        call(objects.delete_namespaced_custom_object, *_place(namespace), name)
    return Written(
        created=len(changes.created), replaced=len(changes.replaced), deleted=len(changes.deleted)
    )


def plan_reports(
    existing: Iterable[Json], wanted: Sequence[Json], looked_at: Iterable[str]
) -> ReportChanges:
    """Compare what there is with what should be; a Report that says the same is left alone.

    One that is not wanted any more goes, unless its namespace was not looked at.
    """
    old = {_key(each): each for each in existing}
    homes = frozenset(looked_at)
    kept = {_key(each) for each in wanted}
    return ReportChanges(
        created=tuple(each for each in wanted if _key(each) not in old),
        replaced=tuple(
            _replacing(old[_key(each)], each)
            for each in wanted
            if _key(each) in old and _differs(old[_key(each)], each)
        ),
        deleted=tuple(key for key in old if key not in kept and key[0] in homes),
    )


def _list(objects: client.CustomObjectsApi) -> Sequence[Json] | None:
    """List our Reports; None where the API server does not know the kind."""
    place = (_GROUP, _VERSION, _PLURAL)
    try:
        body = call_patiently(objects.list_cluster_custom_object, *place, label_selector=_MANAGED)
    except ClusterError as error:
        if is_missing(error):
            return None
        raise
    return orjson.loads(body).get("items") or ()


def _place(namespace: str) -> tuple[str, str, str, str]:
    return _GROUP, _VERSION, namespace, _PLURAL


def _differs(old: Json, new: Json) -> bool:
    return any(old.get(name) != new.get(name) for name in _COMPARED)


def _replacing(old: Json, new: Json) -> Json:
    version = old["metadata"].get("resourceVersion")
    return {**new, "metadata": {**new["metadata"], "resourceVersion": version}}


def _key(report: Json) -> tuple[str, str]:
    metadata = report["metadata"]
    return metadata["namespace"], metadata["name"]
