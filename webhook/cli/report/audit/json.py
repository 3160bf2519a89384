"""The audit as one JSON or YAML object: docs/audit.md explains every field."""

from collections.abc import Mapping

from webhook.audit.fate import fate_of, is_unguarded
from webhook.audit.live import LiveServer
from webhook.audit.risks import risks_of
from webhook.audit.server import AuditedServer, RunningServer
from webhook.cli.report.audit.report import AuditReport, finding_of
from webhook.cli.report.json import encode_location, encode_outcome
from webhook.cli.report.text import json_text, yaml_text

SCHEMA_VERSION = 1
"""Raised when a field comes, goes or changes its meaning."""


def render_json(report: AuditReport) -> str:
    """Write the audit as indented JSON with a line end."""
    return json_text(encode_audit(report))


def render_yaml(report: AuditReport) -> str:
    """Write the audit as YAML in the same order."""
    return yaml_text(encode_audit(report))


def encode_audit(report: AuditReport) -> Mapping[str, object]:
    """Give the object that is written."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "cluster": {"name": report.cluster, "version": report.version},
        "policy": {"source": report.policy_source, "mode": report.policy.defaults.mode},
        "assumed": report.assumed,
        "takenAt": report.taken_at.isoformat(timespec="seconds"),
        "incomplete": [
            {"namespace": gap.namespace, "what": gap.what, "why": gap.why} for gap in report.gaps
        ],
        "findings": [_encode_server(server, report) for server in report.servers],
        "summary": {
            "servers": len(report.all_servers),
            "workloads": report.workloads,
            "namespaces": report.namespaces,
            "pods": report.pods_seen,
            "fates": {str(fate): count for fate, count in report.fates.items()},
            "risks": {str(risk): count for risk, count in report.risks.items()},
        },
    }


def _encode_server(server: AuditedServer, report: AuditReport) -> Mapping[str, object]:
    finding = finding_of(server, report.cluster)
    owner = server.owner
    return {
        **encode_location(finding.location),
        **encode_outcome(finding),
        "owner": None if owner is None else {"kind": owner.kind, "name": owner.name},
        "fate": fate_of(server),
        "risks": list(risks_of(server)),
        "unguarded": is_unguarded(server),
        "replicas": server.replicas,
        "suspended": server.is_suspended,
        "usedBytes": server.used,
        "peakBytes": server.peak,
        "pods": [_encode_pod(pod) for pod in server.pods],
    }


def _encode_pod(pod: RunningServer) -> Mapping[str, object]:
    oom = pod.state.oom_killed_at
    return {
        "name": pod.pod,
        "node": pod.node,
        "created": None if pod.created is None else pod.created.isoformat(timespec="seconds"),
        "running": pod.state.is_running,
        "restarts": pod.state.restarts,
        "oomKilledAt": None if oom is None else oom.isoformat(timespec="seconds"),
        "exit137": pod.state.was_killed,
        "ceilingBytes": pod.ceiling,
        "evictionPolicy": pod.eviction_policy,
        "drifted": pod.is_drifted or pod.is_changed_at_run_time,
        "live": _encode_live(pod),
    }


def _encode_live(pod: RunningServer) -> object:
    live = pod.live
    if live is None or not isinstance(live, LiveServer):
        return None if live is None else str(live)
    return {
        "version": live.version,
        "role": live.role,
        "maxmemoryBytes": live.maxmemory,
        "evictionPolicy": live.eviction_policy,
        "usedBytes": live.used,
        "peakBytes": live.peak,
        "residentBytes": live.resident,
        "evictedKeys": live.evicted,
        "keys": live.keys,
        "expiringKeys": live.expiring,
        "appendOnly": live.appends,
        "save": live.saves,
    }
