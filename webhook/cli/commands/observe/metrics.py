"""The metrics of the audit in the cluster: those of its last look, and how looking goes."""

from collections import Counter as Counts
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from webhook.audit.fate import fate_of
from webhook.audit.risks import risks_of
from webhook.cli.report.audit.report import AuditReport


class AuditMetrics(Collector):
    """Tells of the last report as a whole: no server that has gone leaves a number behind."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._report: AuditReport | None = None
        self._errors = 0
        self._seconds = 0.0
        self._succeeded: float | None = None
        registry.register(self)

    @property
    def has_report(self) -> bool:
        """Tell whether there was a look yet."""
        return self._report is not None

    def taken(self, report: AuditReport, seconds: float) -> None:
        """Note a look and how long it took; one with gaps counts as an error too."""
        self._report, self._seconds = report, seconds
        if report.gaps:
            self._errors += 1
        else:
            self._succeeded = report.taken_at.timestamp()

    def failed(self) -> None:
        """Note that a look could not be taken; the numbers stay those of the last one."""
        self._errors += 1

    def collect(self) -> Iterator[Metric]:
        """Give every metric; of an earlier look none."""
        errors = CounterMetricFamily(
            "redis_memory_guard_audit_errors", "Audits that failed or were incomplete."
        )
        errors.add_metric([], self._errors)
        yield errors
        if self._report is not None:
            yield from _of_report(self._report, self._seconds)
        if self._succeeded is not None:
            yield GaugeMetricFamily(
                "redis_memory_guard_audit_last_success_timestamp_seconds",
                "When the whole cluster was last looked at.",
                value=self._succeeded,
            )


def _of_report(report: AuditReport, seconds: float) -> Iterator[Metric]:
    servers = GaugeMetricFamily(
        "redis_memory_guard_servers",
        "Redis servers by what becomes of them in their next Pod.",
        labels=["namespace", "state"],
    )
    states = Counts((each.workload.namespace, str(fate_of(each))) for each in report.all_servers)
    for labels, count in sorted(states.items()):
        servers.add_metric(labels, count)
    yield servers
    risks = GaugeMetricFamily(
        "redis_memory_guard_servers_at_risk",
        "Redis servers by what may go wrong with them.",
        labels=["namespace", "risk"],
    )
    found = Counts(
        (each.workload.namespace, str(risk))
        for each in report.all_servers
        for risk in risks_of(each)
    )
    for labels, count in sorted(found.items()):
        risks.add_metric(labels, count)
    yield risks
    killed = GaugeMetricFamily(
        "redis_memory_guard_servers_oom_killed",
        "Redis servers whose last end was a kill for memory.",
        labels=["namespace"],
    )
    kills = Counts(
        each.workload.namespace
        for each in report.all_servers
        if any(pod.state.oom_killed_at for pod in each.pods)
    )
    for namespace, count in sorted(kills.items()):
        killed.add_metric([namespace], count)
    yield killed
    yield GaugeMetricFamily(
        "redis_memory_guard_audit_duration_seconds", "How long that took.", value=seconds
    )
