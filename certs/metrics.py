"""The metrics of the certificate process; every label has a closed set of values."""

from datetime import datetime
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics

from certs.actions import Write
from certs.objects import ErrorCode
from certs.state import Authorities, Serving, State

_PREFIX = "redis_memory_guard_certs"


class Metrics:
    """What is counted and measured, in a registry of its own."""

    def __init__(self) -> None:
        # A second series beside every counter, which no query of ours needs.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._not_after = Gauge(
            f"{_PREFIX}_not_after_timestamp_seconds",
            "When a certificate stops being valid; 0 when there is none that can be used.",
            ("certificate",),
            registry=self.registry,
        )
        self._authorities = Gauge(
            f"{_PREFIX}_trusted_authorities",
            "Authorities in the caBundle: more than one while the CA rotates.",
            registry=self.registry,
        )
        self._last_success = Gauge(
            f"{_PREFIX}_last_success_timestamp_seconds",
            "When everything was last found, or brought, in order.",
            registry=self.registry,
        )
        self._writes = Counter(
            f"{_PREFIX}_writes", "Writes to the cluster.", ("action",), registry=self.registry
        )
        self._errors = Counter(
            f"{_PREFIX}_errors",
            "Attempts that ended in an error.",
            ("error",),
            registry=self.registry,
        )
        # From the start, so that a first increase is one: a rate needs the zero before it.
        for action in get_args(Write):
            self._writes.labels(action.code)
        for error in ErrorCode:
            self._errors.labels(error)

    def saw(self, state: State) -> None:
        """Show what is stored."""
        authorities, serving = state.authorities, state.serving
        signer_until = serving_until = trusted = 0.0
        if isinstance(authorities, Authorities):
            signer_until = authorities.signer.certificate.not_after.timestamp()
            trusted = 1 + len(authorities.previous)
        if isinstance(serving, Serving):
            serving_until = serving.pair.certificate.not_after.timestamp()
        self._not_after.labels("authority").set(signer_until)
        self._not_after.labels("serving").set(serving_until)
        self._authorities.set(trusted)

    def wrote(self, action: Write) -> None:
        """Count one write."""
        self._writes.labels(action.code).inc()

    def succeeded(self, now: datetime) -> None:
        """Note that everything is in order."""
        self._last_success.set(now.timestamp())

    def failed(self, error: ErrorCode) -> None:
        """Count one attempt that failed."""
        self._errors.labels(error).inc()
