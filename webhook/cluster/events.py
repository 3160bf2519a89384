"""Creates Events on workloads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from kubernetes import client

from webhook.cluster.connection import ClusterError, call

_MOST_EVENTS = 50
"""Events of one audit: a cluster that is refused as a whole is told of by its metrics."""


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


def publish_events(api: client.ApiClient, events: Sequence[WorkloadEvent], now: datetime) -> None:
    """Create Events, each once for as long as the cluster keeps it.

    An Event's name is made of the workload's and the reason: one that is there stays, so that an
    hourly audit says nothing twice. Raises ClusterError.
    """
    core = client.CoreV1Api(api)
    for event in events[:_MOST_EVENTS]:
        try:
            call(core.create_namespaced_event, event.namespace, _encode(event, now))
        except ClusterError as error:
            if error.status not in (HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND):
                raise


def _encode(event: WorkloadEvent, now: datetime) -> Mapping[str, object]:
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
