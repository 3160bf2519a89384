"""The record of what durable servers were seen to hold: bounded, and forgotten with time."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from webhook.domain.policy.floors import Floors, ServerName

MOST_SERVERS = 500
"""Servers that a record names at most; with all their days they take a third of a ConfigMap."""

COUNTS = timedelta(hours=48)
"""How long after it was last seen a server's floor counts: an audit that ended floors nothing."""

REMEMBERED = timedelta(days=14)
"""How long the most that a server held is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one server was seen to hold: the most bytes of each day (UTC), and when it was last."""

    seen: datetime
    days: Mapping[date, int] = field(default_factory=dict)

    @property
    def most(self) -> int:
        """The most bytes of all days."""
        return max(self.days.values(), default=0)


Record = Mapping[ServerName, Held]

NOTHING: Record = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A durable server that tells what it holds: `used` bytes; its rule gives `computed`."""

    name: ServerName
    used: int
    computed: int


def floors_at(record: Record, now: datetime) -> Floors:
    """Give the floors that count at a time: those of servers seen within 48 hours before it."""
    return {name: held.most for name, held in record.items() if abs(now - held.seen) <= COUNTS}


def remember(record: Record, sightings: Iterable[Sighting], now: datetime) -> Record:
    """Bring a record up to date.

    A server stays for as long as the most it held in 14 days is over its rule's ceiling; one that
    is not seen any more goes when its floor has ceased to count. Of more than MOST_SERVERS, those
    that hold the most in their namespace stay, so that one namespace cannot drive out the others.
    """
    kept = dict(record)
    for sighting in sightings:
        held = _seen(kept.pop(sighting.name, Held(seen=now)), sighting.used, now)
        if held.most > sighting.computed:
            kept[sighting.name] = held
    counting = {name: held for name, held in kept.items() if now - held.seen <= COUNTS}
    return _bounded(counting)


def _seen(held: Held, used: int, now: datetime) -> Held:
    today = now.date()
    days = {day: most for day, most in held.days.items() if today - day < REMEMBERED}
    return Held(seen=now, days={**days, today: max(days.get(today, 0), used)})


def _bounded(record: Record) -> Record:
    if len(record) <= MOST_SERVERS:
        return record
    largest = sorted(record, key=lambda name: -record[name].most)
    before: Counter[str] = Counter()
    ranks: dict[ServerName, int] = {}
    for name in largest:
        ranks[name] = before[name.namespace]
        before[name.namespace] += 1
    return {name: record[name] for name in sorted(largest, key=ranks.__getitem__)[:MOST_SERVERS]}
