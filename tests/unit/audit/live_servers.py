"""Running servers, as they tell of themselves."""

from tests.harness.builders import MEBI
from webhook.audit.live import LiveServer


def live(**fields: object) -> LiveServer:
    """A master of Redis 7 that writes nothing to disk and holds 450Mi without a ceiling."""
    values: dict[str, object] = {
        "version": "7.0.15",
        "run_id": "a",
        "role": "master",
        "maxmemory": 0,
        "eviction_policy": "noeviction",
        "used": 450 * MEBI,
        "peak": 500 * MEBI,
        "resident": 510 * MEBI,
        "evicted": 0,
        "keys": 7,
        "expiring": 0,
        "appends": False,
        "saves": "",
        "uptime": 60,
        "settings": {},
    }
    return LiveServer(**{**values, **fields})  # type: ignore[arg-type]
