"""The metrics of the audit in the cluster: those of its last look, and how looking goes."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from webhook.cli.report.audit.gauges import counted_servers
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
    for gauge in counted_servers(report):
        family = GaugeMetricFamily(gauge.name, gauge.documentation, labels=gauge.labels)
        for labels, count in gauge.counts.items():
            family.add_metric(labels, count)
        yield family
    yield GaugeMetricFamily(
        "redis_memory_guard_audit_duration_seconds", "How long that took.", value=seconds
    )
