"""Keeps the serving certificate the newest good one, and says what becomes of it."""

from collections.abc import Callable
from datetime import UTC, datetime

from webhook.observability.logs import EventLog
from webhook.server.tls.serving_certificate import Certificates

_LOG = EventLog("redis-memory-guard")


class CertificateWatch:
    """Looks at the files when it is told to, off the path of any handshake.

    `ready` is called when the first certificate is there.
    """

    def __init__(self, certificates: Certificates, *, ready: Callable[[], None]) -> None:
        self._certificates = certificates
        self._ready = ready
        self._said = ""

    def look(self) -> None:
        """Take over a new pair; log what changed since the last look, once."""
        first = self._certificates.current is None
        taken = self._certificates.refresh()
        problem = self._certificates.problem
        if problem and problem != self._said:
            _LOG.warning("certificate not usable", problem=problem, serving=not first)
        self._said = problem
        if not taken or self._certificates.expiry is None:
            return
        expires = datetime.fromtimestamp(self._certificates.expiry, UTC).isoformat()
        _LOG.info("certificate loaded", expires=expires)
        if first:
            self._ready()
