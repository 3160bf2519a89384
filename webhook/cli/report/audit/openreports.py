"""The audit as openreports.io/v1alpha1 Reports, one for each workload.

Source: https://github.com/openreports/reports-api, apis/openreports.io/v1alpha1.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import yaml

from webhook.audit.fate import Fate, fate_of
from webhook.audit.ownership import ObjectReference
from webhook.audit.risks import AT_RISK, risks_of
from webhook.audit.server import AuditedServer
from webhook.cli.report.audit.cells import now, when_recreated
from webhook.cli.report.audit.report import AuditReport

API_VERSION = "openreports.io/v1alpha1"
SOURCE = "redis-memory-guard"
_LONGEST_NAME = 253


def render_openreports(report: AuditReport) -> str:
    """Write the Reports as YAML documents, to be applied or kept."""
    text: str = yaml.safe_dump_all(
        encode_reports(report.servers), sort_keys=False, allow_unicode=True, explicit_start=True
    )
    return text


def encode_reports(servers: Iterable[AuditedServer]) -> list[Mapping[str, object]]:
    """Make one Report for each workload, in the order given."""
    grouped: dict[ObjectReference, list[AuditedServer]] = defaultdict(list)
    for server in servers:
        grouped[server.workload].append(server)
    return [_report(workload, own) for workload, own in grouped.items()]


def _report(workload: ObjectReference, servers: Iterable[AuditedServer]) -> Mapping[str, object]:
    results = [_result(server) for server in servers]
    counts = dict.fromkeys(("pass", "fail", "warn", "error", "skip"), 0)
    for result in results:
        counts[str(result["result"])] += 1
    return {
        "apiVersion": API_VERSION,
        "kind": "Report",
        "metadata": {
            "name": f"{SOURCE}-{workload.kind.lower()}-{workload.name}"[:_LONGEST_NAME],
            "namespace": workload.namespace,
            "labels": {"app.kubernetes.io/managed-by": SOURCE},
            **_owned_by(workload),
        },
        "source": SOURCE,
        "scope": {
            "apiVersion": workload.api_version,
            "kind": workload.kind,
            "namespace": workload.namespace,
            "name": workload.name,
        },
        "summary": counts,
        "results": results,
    }


def _owned_by(workload: ObjectReference) -> Mapping[str, object]:
    """Let the Report go with its workload."""
    if not workload.uid:
        return {}
    owner = {
        "apiVersion": workload.api_version,
        "kind": workload.kind,
        "name": workload.name,
        "uid": workload.uid,
    }
    return {"ownerReferences": [owner]}


def _result(server: AuditedServer) -> Mapping[str, object]:
    return {
        "source": SOURCE,
        "policy": SOURCE,
        "rule": str(server.outcome.reason),
        "result": _verdict(server),
        "scored": True,
        "message": f"container {server.outcome.container.name}: {server.outcome.message}",
        "properties": {
            "container": server.outcome.container.name,
            "now": now(server),
            "whenRecreated": when_recreated(server),
            "risks": ",".join(risks_of(server)),
        },
    }


def _verdict(server: AuditedServer) -> str:
    match fate_of(server):
        case Fate.EXEMPT:
            return "skip"
        case Fate.REFUSED:
            return "fail"
        case _:
            return "warn" if AT_RISK & {*risks_of(server)} else "pass"
