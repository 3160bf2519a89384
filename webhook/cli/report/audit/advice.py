"""The sentences under an audit's table: the counts, what changes when, and what to do first."""

from collections.abc import Iterator, Sequence

from webhook.audit.fate import Fate, fate_of
from webhook.audit.risks import AT_RISK, SENTENCES, Risk, risks_of
from webhook.audit.server import AuditedServer
from webhook.cli.report.audit.report import AuditReport
from webhook.domain.evaluation.remedies import remedies
from webhook.domain.kubernetes.quantity import format_mebibytes
from webhook.domain.policy.settings import Mode

_RESTARTED = ("Deployment", "StatefulSet", "DaemonSet")
_CHART_VALUES = {
    "argocd-redis": "redis.resources of the argo-cd chart",
    "harbor-redis": "redis.internal.resources of the Harbor chart",
}
"""What is known to ship without a memory limit, and where its chart takes one."""


def header(report: AuditReport) -> str:
    """Say what was looked at, and by which policy."""
    mode = report.policy.defaults.mode
    assumed = "" if mode is report.assumed else f" · evaluated as {report.assumed}"
    return (
        f"cluster {report.cluster} ({report.version}) · policy {report.policy_source}, "
        f"mode {mode}{assumed}"
    )


def summary(report: AuditReport) -> str:
    """Count the servers by what becomes of them."""
    fates, count = report.fates, len(report.all_servers)
    told = {
        Fate.CEILING: "would get a ceiling",
        Fate.RESPECTED: "are respected",
        Fate.REFUSED: "refused",
        Fate.UNREACHABLE: "cannot be reached",
        Fate.EXEMPT: "exempt",
    }
    parts = [f"{fates[fate]} {words}" for fate, words in told.items() if fates[fate]]
    over = report.risks[Risk.DATA_OVER_CEILING]
    others = report.pods_seen - sum(len(each.pods) for each in report.all_servers)
    return (
        f"{_count(count, 'Redis server')} in {_count(report.workloads, 'workload')} of "
        f"{_count(report.namespaces, 'namespace')} ({others:,} other Pods)"
        + (f": {', '.join(parts)}" if parts else "")
        + (f". {over} hold more than their next ceiling" if over else "")
        + "."
    )


def advice(report: AuditReport) -> Iterator[str]:
    """Say that nothing changes by itself, how a change is made, and what comes before enforce."""
    changed = (
        each for each in report.servers if fate_of(each) is Fate.CEILING and not risks_of(each)
    )
    restart = next((text for each in changed if (text := restart_command(each))), "")
    if report.all_servers:
        yield (
            "Nothing changes for what runs. A container that restarts keeps what it has; a new Pod "
            f"is evaluated{f':  {restart}' if restart else '.'}"
        )
    steps = list(before_enforce(report.all_servers))
    if steps and report.assumed is Mode.ENFORCE:
        yield "Before enforce:"
        yield from (f"  {number}. {step}" for number, step in enumerate(steps, 1))


def before_enforce(servers: Sequence[AuditedServer]) -> Iterator[str]:
    """Say for each server that is at risk what it needs, the worst first."""
    for risk in (each for each in Risk if each in AT_RISK):
        for server in servers:
            if risk in risks_of(server):
                yield f"{_name(server)}: {_need(server, risk)}"


def restart_command(server: AuditedServer) -> str:
    """Give the command that makes the Pods anew; empty where kubectl has none."""
    workload = server.workload
    if server.owner is not None or workload.kind not in _RESTARTED:
        return ""
    return (
        f"kubectl rollout restart -n {workload.namespace} {workload.kind.lower()}/{workload.name}"
    )


def incomplete(report: AuditReport) -> Iterator[str]:
    """Say what is missing in the report."""
    if report.gaps:
        yield "INCOMPLETE: this is a part of what was asked for. Not read:"
        yield from (f"  {gap}" for gap in report.gaps)


def _need(server: AuditedServer, risk: Risk) -> str:
    chart = next(
        (text for name, text in _CHART_VALUES.items() if server.workload.name.endswith(name)), ""
    )
    match risk:
        case Risk.REFUSED if chart:
            return f"needs resources.limits.memory ({chart})"
        case Risk.REFUSED:
            return "needs resources.limits.memory"
        case Risk.DATA_OVER_CEILING:
            used, ceiling = server.used or 0, server.next_ceiling or 0
            return (
                f"holds {format_mebibytes(used)}, and its next ceiling is "
                f"{format_mebibytes(ceiling)}: raise its memory limit"
            )
        case Risk.UNENFORCEABLE:
            return " ".join(next(remedies(server.outcome), server.outcome.message).split())
        case _:
            return SENTENCES[risk]


def _name(server: AuditedServer) -> str:
    return f"{server.workload.namespace}/{server.workload.name}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
