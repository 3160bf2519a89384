"""Writes what an audit found into the cluster: OpenReports, and Events on workloads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
from kubernetes import client

from webhook.cluster.connection import ClusterError, call, is_missing

Json = Mapping[str, Any]

_GROUP, _VERSION, _PLURAL = "openreports.io", "v1alpha1", "reports"
_MANAGED = "app.kubernetes.io/managed-by=redis-memory-guard"
_COMPARED = ("scope", "source", "summary", "results")
_MOST_EVENTS = 50
"""Events of one audit: a cluster that is refused as a whole is told of by its metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many Reports were created, replaced and deleted."""

    created: int = 0
    replaced: int = 0
    deleted: int = 0


def publish_reports(
    api: client.ApiClient, wanted: Sequence[Json], looked_at: Iterable[str]
) -> Written | None:
    """Make the Reports in the namespaces that were looked at what they should be.

    One that says the same already is left alone. None where the kind is not installed. Raises
    ClusterError.
    """
    objects = client.CustomObjectsApi(api)
    try:
        listed = _decode(
            call(
                objects.list_cluster_custom_object,
                *(_GROUP, _VERSION, _PLURAL),
                label_selector=_MANAGED,
            )
        )
    except ClusterError as error:
        if is_missing(error):
            return None
        raise
    existing = {_key(each): each for each in listed.get("items") or ()}
    created = replaced = deleted = 0
    for report in wanted:
        old = existing.pop(_key(report), None)
        where = (_GROUP, _VERSION, report["metadata"]["namespace"], _PLURAL)
        if old is None:
            call(objects.create_namespaced_custom_object, *where, report)
            created += 1
        elif any(old.get(name) != report.get(name) for name in _COMPARED):
            call(
                objects.replace_namespaced_custom_object,
                *(*where, report["metadata"]["name"], _replacing(old, report)),
            )
            replaced += 1
    homes = set(looked_at)
    for namespace, name in existing:
        if namespace in homes:
            call(
                objects.delete_namespaced_custom_object,
                *(_GROUP, _VERSION, namespace, _PLURAL, name),
            )
            deleted += 1
    return Written(created=created, replaced=replaced, deleted=deleted)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadEvent:
    """One Event of the type Warning on a workload."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str
    reason: str
    message: str


def publish_events(api: client.ApiClient, events: Sequence[WorkloadEvent], now: datetime) -> int:
    """Create Events, each once for as long as the cluster keeps it; give how many were new.

    An Event's name is made of the workload's and the reason: one that is there stays, so that an
    hourly audit says nothing twice. Raises ClusterError.
    """
    core = client.CoreV1Api(api)
    created = 0
    for event in events[:_MOST_EVENTS]:
        try:
            call(core.create_namespaced_event, event.namespace, _encode(event, now))
            created += 1
        except ClusterError as error:
            if error.status not in (HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND):
                raise
    return created


def _encode(event: WorkloadEvent, now: datetime) -> Json:
    at = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    name = f"{event.name[:180]}.{event.kind.lower()}.{event.reason.lower()}"
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name[:253], "namespace": event.namespace},
        "involvedObject": {
            "apiVersion": event.api_version,
            "kind": event.kind,
            "namespace": event.namespace,
            "name": event.name,
            "uid": event.uid,
        },
        "type": "Warning",
        "reason": event.reason,
        "message": event.message[:1024],
        "source": {"component": "redis-memory-guard"},
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
    }


def _replacing(old: Json, new: Json) -> Json:
    version = old["metadata"].get("resourceVersion")
    return {**new, "metadata": {**new["metadata"], "resourceVersion": version}}


def _key(report: Json) -> tuple[str, str]:
    metadata = report["metadata"]
    return metadata["namespace"], metadata["name"]


def _decode(body: bytes) -> Any:
    return orjson.loads(body)
