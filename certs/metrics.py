"""The metrics of the certificate process; every label has a closed set of values."""

from contextlib import suppress
from datetime import datetime
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics

from certs.actions import Write
from certs.certificate import Certificate
from certs.state import ErrorCode, Serving, State, TrustedCAs

_PREFIX = "redis_memory_guard_certs"


class Metrics:
    """What is counted and measured, in a registry of its own."""

    def __init__(self) -> None:
        # A second series beside every counter, which no query of ours needs.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._expiry = Gauge(
            f"{_PREFIX}_certificate_expiry_timestamp_seconds",
            "When a certificate stops being valid; absent when there is none that can be used.",
            ("certificate",),
            registry=self.registry,
        )
        self._trusted = Gauge(
            f"{_PREFIX}_trusted_cas",
            "CAs in the caBundle: more than one while the CA rotates.",
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
            "Attempts after which not everything was in order, by what stood in the way.",
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
        cas, serving = state.cas, state.serving
        signs = cas.signer.certificate if isinstance(cas, TrustedCAs) else None
        self._expires("ca", signs)
        self._expires("serving", serving.pair.certificate if isinstance(serving, Serving) else None)
        self._trusted.set(1 + len(cas.previous) if isinstance(cas, TrustedCAs) else 0)

    def wrote(self, action: Write) -> None:
        """Count one write."""
        self._writes.labels(action.code).inc()

    def succeeded(self, now: datetime) -> None:
        """Note that everything is in order."""
        self._last_success.set(now.timestamp())

    def failed(self, error: ErrorCode) -> None:
        """Count one attempt that failed."""
        self._errors.labels(error).inc()

    def _expires(self, name: Literal["ca", "serving"], certificate: Certificate | None) -> None:
        if certificate is not None:
            self._expiry.labels(name).set(certificate.not_after.timestamp())
            return
        with suppress(KeyError):  # never shown
            self._expiry.remove(name)
