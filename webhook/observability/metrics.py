"""The metrics of one serving process; every label has a closed set of values, none a tenant's.

The process has exactly one worker (see webhook.server.gunicorn.config), so plain in-memory metrics
are complete, and no shared directory for several processes is needed.
"""

import platform
from collections.abc import Callable, Iterator
from enum import StrEnum
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

# 5 ms and 25 ms are the targets for p50 and p99; kube-apiserver's own limit for us is 3 s
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 3.0)


WEBHOOKS = ("mutate", "validate", "advise")
"""The values of the label `webhook`."""


class HandshakeFailure(StrEnum):
    """Why a TLS handshake came to nothing."""

    NO_CERTIFICATE = "no-certificate"
    NOT_TLS = "not-tls"
    REFUSED_BY_PEER = "refused-by-peer"
    CLIENT_REFUSED = "client-refused"
    UNFINISHED = "unfinished"
    OTHER = "other"


class WebhookMetrics:
    """What is counted, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's gap
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._decisions = self._counter(
            "decisions", "Evaluations of Redis servers, dry runs left out.",
            "webhook", "verdict", "reason", "mode",
        )  # fmt: skip
        self._warnings = self._counter(
            "warnings", "Warnings about Redis servers, dry runs left out.", "webhook", "reason"
        )
        self._reviews = self._counter(
            "reviews", "Reviews that were answered.", "webhook", "allowed", "dry_run"
        )
        self._client_errors = self._counter(
            "refused_requests", "Requests that were no review: 4xx.", "webhook", "status"
        )
        self._malformed = self._counter(
            "malformed_reviews", "Bodies that were no review: 400.", "webhook"
        )
        self._errors = self._counter(
            "internal_errors", "Reviews that ended in a bug: 500.", "webhook"
        )
        self._handshakes = self._counter(
            "tls_handshake_failures", "TLS handshakes that came to nothing.", "cause"
        )
        self._evictions = self._counter(
            "evicted_connections", "Silent connections closed to make room for new ones."
        )
        self._seconds = Histogram(
            "redis_memory_guard_review_duration_seconds",
            "Time to evaluate a review and encode the answer, without reading and sending.",
            ("webhook",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._build_info()
        self._begin_at_zero()

    def admitted(self, webhook: str, admitted: Admitted, *, seconds: float) -> None:
        """Count one answered review and, unless it is a dry run, the evaluations in it."""
        request = admitted.request
        self._reviews.labels(webhook, _flag(admitted.allowed), _flag(request.dry_run)).inc()
        self._seconds.labels(webhook).observe(seconds)
        if admitted.evaluation is None or request.dry_run:
            return
        for outcome in admitted.evaluation.servers:
            labels = (webhook, outcome.verdict, outcome.reason, admitted.mode)
            self._decisions.labels(*labels).inc()
            for warning in outcome.warnings:
                self._warnings.labels(webhook, warning.reason).inc()

    def client_error(self, webhook: str, *, status: int) -> None:
        """Count a request that was answered with a 4xx before anything was evaluated."""
        self._client_errors.labels(webhook, str(status)).inc()

    def malformed(self, webhook: str) -> None:
        """Count a body that was no AdmissionReview."""
        self._malformed.labels(webhook).inc()

    def internal_error(self, webhook: str) -> None:
        """Count a bug."""
        self._errors.labels(webhook).inc()

    def handshake_failed(self, cause: HandshakeFailure) -> None:
        """Count a connection that never spoke TLS with us."""
        self._handshakes.labels(cause).inc()

    def evicted(self) -> None:
        """Count a silent connection that was closed to make room."""
        self._evictions.inc()

    def watch_certificate(self, expiry: Callable[[], float | None]) -> None:
        """Show the certificate's end as seconds since the epoch; nothing while there is none."""
        self.registry.register(_CertificateExpiry(expiry))

    def watch_connections(self, count: Callable[[], int]) -> None:
        """Show how many connections are open, whatever they are doing."""
        gauge = Gauge(
            "redis_memory_guard_connections",
            "Open connections to the webhook port.",
            registry=self.registry,
        )
        gauge.set_function(count)

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(f"redis_memory_guard_{name}", documentation, labels, registry=self.registry)

    def _begin_at_zero(self) -> None:
        """Show what has a handful of children from the start, so that a first increase is one."""
        for webhook in WEBHOOKS:
            self._malformed.labels(webhook)
            self._errors.labels(webhook)
            for allowed, dry_run in product(("true", "false"), repeat=2):
                self._reviews.labels(webhook, allowed, dry_run)
        for cause in HandshakeFailure:
            self._handshakes.labels(cause)

    def _build_info(self) -> None:
        gauge = Gauge(
            "redis_memory_guard_build_info",
            "Always 1; says what is running.",
            ("version", "python"),
            registry=self.registry,
        )
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
