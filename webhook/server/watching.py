"""Looking at mounted files again and again, off the path of any review."""

from collections.abc import Callable

import gevent

from webhook.observability.logs import EventLog

# the kubelet takes up to a minute to bring a change; two small reads a second cost nothing
_SECONDS = 1.0

_LOG = EventLog("redis-memory-guard")


def keep_looking(look: Callable[[], object], *, what: str) -> None:
    """Look once a second for as long as the process lives; a look that fails is logged."""
    while True:
        try:
            look()
        except Exception:  # noqa: BLE001 - the top of a greenlet: ending it would end every look
            _LOG.exception(f"{what} watch failed")
        gevent.sleep(_SECONDS)
