"""Whoever undoes what we write is answered more and more slowly, and named.

A caBundle that somebody took away is published again at once. Somebody who takes it away each time
would otherwise make us write twenty times a second, for ever, and every API server read each of
these writes.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from certs.objects import Configuration, Secret
from certs.state import ErrorCode, Obstacle

_FIRST_PAUSE = timedelta(seconds=10)
# At most six writes an hour, and Redis Pods wait no longer than this once the fight is over.
LONGEST_PAUSE = timedelta(minutes=10)
# What was written last and stood for so long has not been undone by whoever fought before.
_PEACE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWrite:
    """What was written to an object last, and how often running writes were undone before it."""

    content: object = field(repr=False)
    undone: int
    at: datetime

    @property
    def again_at(self) -> datetime:
        """The first repair comes at once, each further one twice as late, up to a bound."""
        if not self.undone:
            return self.at
        # The exponent is bounded as well, or the product overflows after a night's fight.
        doubled: int = 2 ** min(self.undone - 1, 10)
        return self.at + min(_FIRST_PAUSE * doubled, LONGEST_PAUSE)

    def is_followed(self, *, found: object, content: object, now: datetime) -> "LastWrite":
        """Return what to remember once `content` has replaced `found`."""
        stood = found == self.content or now - self.at >= _PEACE
        return LastWrite(content=content, undone=0 if stood else self.undone + 1, at=now)


class WriteLog:
    """The last write of this process to each object; nothing that a plan is made from."""

    def __init__(self) -> None:
        self._last: dict[str, LastWrite] = {}

    def note(self, found: Secret | Configuration, content: object, now: datetime) -> None:
        """Note that `content` has replaced what was `found`."""
        last = self._last.get(found.where)
        self._last[found.where] = (
            LastWrite(content=content, undone=0, at=now)
            if last is None
            else last.is_followed(found=found.content, content=content, now=now)
        )

    def find_obstacle(self, found: Secret | Configuration, now: datetime) -> Obstacle | None:
        """Tell why what was `found` should not be written now: it has been undone too often."""
        last = self._last.get(found.where)
        if last is None or found.content == last.content or not last.at <= now < last.again_at:
            return None
        return Obstacle(
            error=ErrorCode.CONTESTED,
            reason=(
                f"{found.where} was changed by {found.rival or 'an unknown field manager'}, and"
                f" what is written there has been undone {last.undone + 1} times running: it is"
                f" written again at {last.again_at:%Y-%m-%dT%H:%M:%SZ}"
            ),
        )
