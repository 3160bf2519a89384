"""The metrics of one serving process; every label has a closed set of values, none a tenant's.

The process has exactly one worker (see webhook.server.gunicorn.config), so plain in-memory metrics
are complete, and no shared directory for several processes is needed.
"""

import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from itertools import product

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from webhook import __version__
from webhook.admission.handling import Admitted
from webhook.domain.policy.settings import Mode, Policy
from webhook.observability.labels import (
    NO_WEBHOOK,
    STATUSES,
    WEBHOOKS,
    HandshakeFailure,
    ReadOutcome,
    decided,
    warnings,
)

# 5 ms and 25 ms are the targets for p50 and p99; kube-apiserver's own limit for us is 3 s
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 3.0)


class WebhookMetrics:
    """What is counted, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's gap
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._decisions = self._counters(
            "decisions", "Evaluations of Redis servers, dry runs left out.",
            "webhook", "verdict", "reason", "mode",
        )  # fmt: skip
        self._warnings = self._counters(
            "warnings", "Warnings about Redis servers, dry runs left out.", "webhook", "reason"
        )
        self._reviews = self._counters(
            "reviews", "Reviews that were answered.", "webhook", "allowed", "dry_run"
        )
        self._client_errors = self._counters(
            "refused_requests", "Requests that were no review: 4xx.", "webhook", "status"
        )
        self._malformed = self._counters(
            "malformed_reviews", "Bodies that were no review: 400.", "webhook"
        )
        self._errors = self._counters(
            "internal_errors", "Reviews that ended in a bug: 500.", "webhook"
        )
        self._handshakes = self._counters(
            "tls_handshake_failures", "TLS handshakes that came to nothing.", "cause"
        )
        self._evictions = self._counter(
            "evicted_connections", "Silent connections closed to make room for new ones."
        )
        self._reads = self._counters("config_map_reads", "Reads of ConfigMaps.", "outcome")
        self._read_seconds = self._histogram(
            "config_map_read_duration_seconds",
            "Time that a review waits for the ConfigMaps that it asks for at once.",
        )
        self._seconds = self._histograms(
            "review_duration_seconds",
            "Time to evaluate a review and encode the answer, without reading and sending.",
            "webhook",
        )
        self._in_flight = self._gauges(
            "reviews_in_flight",
            "Reviews that are being read, evaluated or waiting for ConfigMaps.",
            "webhook",
        )
        self._build_info()
        self._begin_at_zero()

    def admitted(self, webhook: str, admitted: Admitted, *, seconds: float) -> None:
        """Count one answered review and, unless it is a dry run, the evaluations in it."""
        request = admitted.request
        self._reviews(webhook, _flag(admitted.allowed), _flag(request.dry_run)).inc()
        self._seconds(webhook).observe(seconds)
        if admitted.evaluation is None or request.dry_run:
            return
        for outcome in admitted.evaluation.servers:
            labels = (webhook, outcome.verdict, outcome.reason, admitted.mode)
            self._decisions(*labels).inc()
            for warning in outcome.warnings:
                self._warnings(webhook, warning.reason).inc()

    def in_flight(self, webhook: str) -> AbstractContextManager[object]:
        """Count a review for as long as the context lasts."""
        return self._in_flight(webhook).track_inprogress()

    def read_config_maps(self, outcomes: Sequence[ReadOutcome], *, seconds: float) -> None:
        """Count the reads that a review had done at once, and how long it waited for them."""
        for outcome in outcomes:
            self._reads(outcome).inc()
        self._read_seconds.observe(seconds)

    def client_error(self, webhook: str, *, status: int) -> None:
        """Count a request that was answered with a 4xx before anything was evaluated."""
        self._client_errors(webhook, str(status)).inc()

    def malformed(self, webhook: str) -> None:
        """Count a body that was no AdmissionReview."""
        self._malformed(webhook).inc()

    def internal_error(self, webhook: str) -> None:
        """Count a bug."""
        self._errors(webhook).inc()

    def handshake_failed(self, cause: HandshakeFailure) -> None:
        """Count a connection that never spoke TLS with us."""
        self._handshakes(cause).inc()

    def evicted(self) -> None:
        """Count a silent connection that was closed to make room."""
        self._evictions.inc()

    def serves_policy(self, policy: Policy, *, sha256: str) -> None:
        """Tell which policy is in force; `sha256` is of its file, for replicas to be compared."""
        gauge = self._gauge(
            "policy_info",
            "Always 1; the policy in force: the digest of its file, its mode and number of rules.",
            "sha256", "mode", "rules",
        )  # fmt: skip
        gauge.labels(sha256, policy.defaults.mode, str(len(policy.rules))).set(1)

    def watch_readiness(
        self, is_ready: Callable[[], bool], is_draining: Callable[[], bool]
    ) -> None:
        """Show whether the process wants reviews, and whether it is on its way out."""
        ready = self._gauge("ready", "Whether /readyz says ready: 1 or 0.")
        ready.set_function(is_ready)
        draining = self._gauge("draining", "Whether the process is on its way out: 1 or 0.")
        draining.set_function(is_draining)

    def watch_certificate(self, expiry: Callable[[], float | None]) -> None:
        """Show the certificate's end as seconds since the epoch; nothing while there is none."""
        self.registry.register(_CertificateExpiry(expiry))

    def watch_connections(self, count: Callable[[], int]) -> None:
        """Show how many connections are open, whatever they are doing."""
        connections = self._gauge("connections", "Open connections to the webhook port.")
        connections.set_function(count)

    def _counters(self, name: str, documentation: str, *labels: str) -> Callable[..., Counter]:
        """Give what finds a counter by the values of its labels, which are closed sets."""
        return cache(self._counter(name, documentation, *labels).labels)

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(f"redis_memory_guard_{name}", documentation, labels, registry=self.registry)

    def _gauges(self, name: str, documentation: str, *labels: str) -> Callable[..., Gauge]:
        return cache(self._gauge(name, documentation, *labels).labels)

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(f"redis_memory_guard_{name}", documentation, labels, registry=self.registry)

    def _histograms(self, name: str, documentation: str, *labels: str) -> Callable[..., Histogram]:
        return cache(self._histogram(name, documentation, *labels).labels)

    def _histogram(self, name: str, documentation: str, *labels: str) -> Histogram:
        return Histogram(
            f"redis_memory_guard_{name}",
            documentation,
            labels,
            buckets=_SECONDS,
            registry=self.registry,
        )

    def _begin_at_zero(self) -> None:
        for webhook in WEBHOOKS:
            self._begin_webhook(webhook)
        self._errors(NO_WEBHOOK)
        for webhook, statuses in STATUSES.items():
            for status in statuses:
                self._client_errors(webhook, str(status))
        for cause in HandshakeFailure:
            self._handshakes(cause)
        for outcome in ReadOutcome:
            self._reads(outcome)

    def _begin_webhook(self, webhook: str) -> None:
        self._malformed(webhook)
        self._errors(webhook)
        self._seconds(webhook)
        self._in_flight(webhook)
        for allowed, dry_run in product(("true", "false"), repeat=2):
            self._reviews(webhook, allowed, dry_run)
        for (verdict, reason), mode in product(decided(), Mode):
            self._decisions(webhook, verdict, reason, mode)
        for reason in warnings():
            self._warnings(webhook, reason)

    def _build_info(self) -> None:
        gauge = self._gauge("build_info", "Always 1; says what is running.", "version", "python")
        gauge.labels(__version__, platform.python_version()).set(1)


class _CertificateExpiry(Collector):
    """The end of the serving certificate's life, absent while there is none."""

    def __init__(self, expiry: Callable[[], float | None]) -> None:
        self._expiry = expiry

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "redis_memory_guard_certificate_expiry_timestamp_seconds",
            "End of the serving certificate's life; absent while there is none.",
        )
        expiry = self._expiry()
        if expiry is not None:
            family.add_metric((), expiry)
        yield family


def _flag(value: bool) -> str:  # noqa: FBT001 - a label has one value, there is nothing to name
    return "true" if value else "false"
