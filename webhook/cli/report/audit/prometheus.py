"""The audit as metrics in the text format, for node_exporter's textfile collector."""

from collections.abc import Iterator, Mapping

from webhook.cli.report.audit.gauges import CountedServers, counted_servers
from webhook.cli.report.audit.report import AuditReport


def render_prometheus(report: AuditReport) -> str:
    """Write the counts by namespace, and when they were taken."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: AuditReport) -> Iterator[str]:
    for gauge in counted_servers(report):
        counts = {_labels(gauge, values): count for values, count in gauge.counts.items()}
        yield from _metric(gauge.name, gauge.documentation, counts)
    yield from _metric(
        "redis_memory_guard_audit_last_success_timestamp_seconds",
        "When a whole audit was last taken.",
        {} if report.gaps else {"": int(report.taken_at.timestamp())},
    )
    yield from _metric(
        "redis_memory_guard_audit_gaps",
        "What the audit could not read.",
        {"": len(report.gaps)},
    )


def _labels(gauge: CountedServers, values: tuple[str, ...]) -> str:
    return ",".join(f'{label}="{value}"' for label, value in zip(gauge.labels, values, strict=True))


def _metric(name: str, what: str, values: Mapping[str, int]) -> Iterator[str]:
    yield f"# HELP {name} {what}"
    yield f"# TYPE {name} gauge"
    for labels, value in sorted(values.items()):
        yield f"{name}{{{labels}}} {value}" if labels else f"{name} {value}"
