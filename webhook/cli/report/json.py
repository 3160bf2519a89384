"""The report as one JSON or YAML object: docs/check-output.md, check-output.schema.json."""

from dataclasses import asdict
from typing import assert_never

from webhook.cli.report.finding import FileLocation, Finding, Location, ObjectLocation, Report
from webhook.cli.report.text import json_text, yaml_text

SCHEMA_VERSION = 1
"""Raised together with the schema, when a field comes, goes or changes its meaning."""


def render_json(report: Report) -> str:
    """Write the report as indented JSON with a line end."""
    return json_text(encode_report(report))


def render_yaml(report: Report) -> str:
    """Write the report as YAML in the same order."""
    return yaml_text(encode_report(report))


def encode_report(report: Report) -> dict[str, object]:
    """Give the object that is written."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "findings": [_encode_finding(finding) for finding in report.findings],
        "unread": [asdict(each) for each in report.unread],
        "summary": {
            "sources": report.sources,
            "workloads": report.workloads,
            "containers": len(report.findings),
            "servers": len(report.servers),
            "refused": len(report.denied),
            "badInput": len(report.problems),
            "verdicts": {str(verdict): count for verdict, count in report.verdicts.items()},
        },
    }


def _encode_finding(finding: Finding) -> dict[str, object]:
    return {**encode_location(finding.location), **encode_outcome(finding)}


def encode_location(location: Location) -> dict[str, object]:
    """Give the keys that say where a finding is."""
    match location:
        case FileLocation(source=source, document=document):
            found: dict[str, object] = {"source": source, "document": document}
        case ObjectLocation(cluster=cluster, api_version=version):
            found = {"cluster": cluster, "apiVersion": version}
        case _:
            assert_never(location)
    return found | {
        "kind": location.kind,
        "namespace": location.namespace,
        "name": location.name,
    }


def encode_outcome(finding: Finding) -> dict[str, object]:
    """Give the keys that say what was found there."""
    outcome, sizing = finding.outcome, finding.outcome.sizing
    return {
        "container": outcome.container.name,
        "image": outcome.container.image,
        "server": outcome.server,
        "verdict": outcome.verdict,
        "reason": outcome.reason,
        "message": outcome.message,
        "remedy": "\n".join(filter(None, (outcome.remedy, outcome.chart_settings))) or None,
        "limitBytes": finding.limit,
        "headroomBytes": sizing.headroom if sizing else None,
        "maxmemoryBytes": sizing.maxmemory if sizing else None,
        "evictionPolicy": outcome.eviction_policy,
        "profile": sizing.profile if sizing else None,
        "snapshots": outcome.snapshots,
        "patch": list(finding.patch),
        "warnings": [
            {"reason": warning.reason, "message": warning.message} for warning in finding.warnings
        ],
        "refused": outcome.denied,
    }
