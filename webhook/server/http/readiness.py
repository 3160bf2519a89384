"""Whether this replica should be sent reviews, and if not, why."""

from collections.abc import Sequence
from datetime import UTC, datetime

from webhook.server.tls.serving_certificate import Certificates


class Readiness:
    """What stands in the way of serving.

    A policy is always loaded: the process refuses to start without a good one.
    """

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates
        self._draining = False

    @property
    def draining(self) -> bool:
        """Whether the process is on its way out."""
        return self._draining

    def drain(self) -> None:
        """Be not ready from now on; for good, and safe in a signal handler."""
        self._draining = True

    def obstacles(self, *, now: datetime) -> Sequence[str]:
        """Say why no reviews should be sent here; nothing means ready."""
        draining = ("draining: the process is stopping",) if self._draining else ()
        return (*draining, *self._certificate_obstacles(now))

    def _certificate_obstacles(self, now: datetime) -> Sequence[str]:
        pair = self._certificates.current
        if pair is None:
            return (f"no serving certificate: {self._certificates.problem}",)
        if now.timestamp() < pair.expires:
            return ()
        expired = datetime.fromtimestamp(pair.expires, UTC).isoformat()
        problem = self._certificates.problem
        return (f"the serving certificate expired at {expired}" + (problem and f": {problem}"),)
