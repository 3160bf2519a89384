"""What Prometheus has seen of servers: used and peak memory, evictions, kills for memory."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from webhook.audit.server import AuditedServer, Usage

Query = Callable[[str], Sequence[tuple[Mapping[str, str], float]]]
"""Evaluates an expression: the labels and the value of each series."""

DAYS = 30

_BY_CONTAINER = "max by (namespace, pod, container)"
_BY_POD = "max by (namespace, pod)"
_WORKING_SET = 'container_memory_working_set_bytes{container!=""}'
_OOM_REASON = 'kube_pod_container_status_last_terminated_reason{reason="OOMKilled"}'
_EXPRESSIONS = {
    # An exporter knows what the server itself counts; the kubelet's cAdvisor sees its whole memory.
    "counted": (f"{_BY_POD} (redis_memory_used_bytes)",),
    "used": (f"{_BY_CONTAINER} ({_WORKING_SET})",),
    "peak": (
        f"{_BY_POD} (max_over_time(redis_memory_used_bytes[{DAYS}d]))",
        f"{_BY_CONTAINER} (max_over_time({_WORKING_SET}[{DAYS}d]))",
    ),
    "evicted": (f"{_BY_POD} (increase(redis_evicted_keys_total[{DAYS}d]))",),
    "oom_kills": (
        f"{_BY_CONTAINER} (increase(container_oom_events_total[{DAYS}d]))",
        f"{_BY_CONTAINER} (max_over_time({_OOM_REASON}[{DAYS}d]))",
    ),
}
"""For each field the expressions that tell it, the best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    namespace: str
    pod: str
    container: str
    value: int


def with_usage(servers: Iterable[AuditedServer], query: Query) -> Sequence[AuditedServer]:
    """Give the servers with what Prometheus has seen of their Pods, those of before included."""
    known = {
        field: [_series(query(expression)) for expression in expressions]
        for field, expressions in _EXPRESSIONS.items()
    }
    return [replace(server, usage=_usage(server, known)) for server in servers]


def _series(samples: Iterable[tuple[Mapping[str, str], float]]) -> Sequence[_Series]:
    return [
        _Series(
            namespace=labels.get("namespace", ""),
            pod=labels.get("pod", ""),
            container=labels.get("container", ""),
            value=round(value),
        )
        for labels, value in samples
        if value == value and abs(value) != float("inf")  # noqa: PLR0124 - NaN is not itself
    ]


def _usage(server: AuditedServer, known: Mapping[str, Sequence[Sequence[_Series]]]) -> Usage | None:
    pods, name = _pod_names(server), server.outcome.container.name
    found: dict[str, int | None] = {}
    for field, sources in known.items():
        values = (_highest(series, server.workload.namespace, pods, name) for series in sources)
        found[field] = next((value for value in values if value is not None), None)
    if found["counted"] is not None:
        found["used"] = found["counted"]
    return None if set(found.values()) == {None} else Usage(**found)


def _highest(
    series: Iterable[_Series], namespace: str, pods: re.Pattern[str], container: str
) -> int | None:
    values = [
        each.value
        for each in series
        if each.namespace == namespace
        and each.container in ("", container)
        and pods.fullmatch(each.pod)
    ]
    return max(values, default=None)


def _pod_names(server: AuditedServer) -> re.Pattern[str]:
    """Make the pattern of the workload's Pods, of now and of before, by how they are named."""
    name = re.escape(server.workload.name)
    suffixes = {
        "Deployment": r"-[a-z0-9]+-[a-z0-9]{5}",
        "StatefulSet": r"-[0-9]+",
        "CronJob": r"-[0-9]+-[a-z0-9]{5}",
    }
    suffix = suffixes.get(server.workload.kind, r"-[a-z0-9]{5}")
    now = "|".join(re.escape(each.pod) for each in server.pods)
    return re.compile(f"{name}{suffix}|{now}" if now else f"{name}{suffix}")
