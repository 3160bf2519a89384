"""The audit as metrics in the text format, for node_exporter's textfile collector."""

from collections import Counter
from collections.abc import Iterator, Mapping

from webhook.audit.fate import fate_of
from webhook.audit.risks import risks_of
from webhook.cli.report.audit.report import AuditReport


def render_prometheus(report: AuditReport) -> str:
    """Write the counts by namespace, and when they were taken."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: AuditReport) -> Iterator[str]:
    servers = report.all_servers
    states = Counter((each.workload.namespace, str(fate_of(each))) for each in servers)
    yield from _metric(
        "redis_memory_guard_servers",
        "Redis servers by what becomes of them in their next Pod.",
        {f'namespace="{name}",state="{state}"': count for (name, state), count in states.items()},
    )
    risks = Counter((each.workload.namespace, risk) for each in servers for risk in risks_of(each))
    yield from _metric(
        "redis_memory_guard_servers_at_risk",
        "Redis servers by what may go wrong with them.",
        {f'namespace="{name}",risk="{risk}"': count for (name, risk), count in risks.items()},
    )
    killed = Counter(
        each.workload.namespace
        for each in servers
        if any(pod.state.oom_killed_at for pod in each.pods)
    )
    yield from _metric(
        "redis_memory_guard_servers_oom_killed",
        "Redis servers whose last end was a kill for memory.",
        {f'namespace="{name}"': count for name, count in killed.items()},
    )
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


def _metric(name: str, what: str, values: Mapping[str, int]) -> Iterator[str]:
    yield f"# HELP {name} {what}"
    yield f"# TYPE {name} gauge"
    for labels, value in sorted(values.items()):
        yield f"{name}{{{labels}}} {value}" if labels else f"{name} {value}"
