"""How often the API server called each webhook, and how long it waited: by its own metric."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_METRIC = "apiserver_admission_webhook_admission_duration_seconds"
_LINE = re.compile(rf'^{_METRIC}_(sum|count)\{{.*\bname="([^"]+)".*\}} (\S+)$', re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Calls of one webhook, and the seconds of all of them together."""

    count: int = 0
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        """Seconds a call; 0 where there was none."""
        return self.seconds / self.count if self.count else 0.0


def parse_calls(metrics: str) -> Mapping[str, Calls]:
    """Read all calls so far off the API server's metrics, by the webhook's name."""
    found: dict[str, Calls] = {}
    for part, name, value in _LINE.findall(metrics):
        so_far = found.get(name, Calls())
        found[name] = Calls(
            count=so_far.count + (int(value) if part == "count" else 0),
            seconds=so_far.seconds + (float(value) if part == "sum" else 0.0),
        )
    return found


def calls_between(before: Mapping[str, Calls], after: Mapping[str, Calls]) -> Mapping[str, Calls]:
    """Give the calls from one reading to a later one; webhooks without any are left out."""
    between = {}
    for name, calls in after.items():
        earlier = before.get(name, Calls())
        if calls.count > earlier.count:
            between[name] = Calls(
                count=calls.count - earlier.count, seconds=calls.seconds - earlier.seconds
            )
    return between
