"""How many connections fit under the limit of open files, so that it is never met.

At that limit accepting fails for both ports, and so does reading a renewed certificate.
"""

import resource
from dataclasses import dataclass
from pathlib import Path

from webhook.observability.logs import EventLog

# reads of ConfigMaps, of a certificate, of a module that is imported late, and both ports' bursts
_RESERVED_FILES = 32
_PROBES = 16
_FEWEST = 4

_LOG = EventLog("redis-memory-guard")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCaps:
    """How many connections each port may have open."""

    reviews: int
    probes: int


def connections_within(wanted: int) -> ConnectionCaps:
    """Give the caps for so many wanted connections of reviews; fewer, with a warning, if need be.

    Raises the process's own limit as far as it may.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard == resource.RLIM_INFINITY:
        return ConnectionCaps(reviews=wanted, probes=_PROBES)
    opened = sum(1 for _ in Path("/proc/self/fd").iterdir())
    caps = divide_files(wanted, free=hard - opened)
    if caps.reviews < wanted:
        _LOG.warning("fewer connections than set", limit=hard, connections=caps.reviews)
    return caps


def divide_files(wanted: int, *, free: int) -> ConnectionCaps:
    """Divide so many files that may still be opened: a quarter at most is for probes."""
    usable = max(0, free - _RESERVED_FILES)
    probes = max(_FEWEST, min(_PROBES, usable // 4))
    return ConnectionCaps(reviews=max(_FEWEST, min(wanted, usable - probes)), probes=probes)
