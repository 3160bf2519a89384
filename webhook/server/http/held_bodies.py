"""What the bodies of all requests may hold of the memory, and who makes room in it.

A review is a few kilobytes, three mebibytes are read at most, and hundreds of those at once
would be more than the container has. So bodies share an allowance, and take of it as their bytes
come, not as they are announced: whoever announces much and sends little holds little. The oldest
may always go on, on a reserve of its own, so that bodies which wait for each other come to an end;
and while any waits, one whose peer stalls makes room.
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

from webhook.domain.kubernetes.budget import LIMITS, Work

Key = TypeVar("Key", bound=Hashable)

SHARED_BYTES = 5 * 1024 * 1024
"""What all bodies may hold together."""

LARGEST_BODY = LIMITS[Work.BYTES] + 1
"""What the oldest unfinished one may hold beyond that: as much as is read of any.

The last byte tells that a review is too large. kube-apiserver takes requests of 3 MiB, but what it
sends of one may be many times that: it writes `<` as six characters, and defaults into containers.
"""

STALL_SECONDS = 0.5
"""How long a peer may take for one step of its body while others wait for room."""


class HeldBodies(Generic[Key]):
    """The bytes held by bodies under a key of the caller's; `now` is any steady clock."""

    def __init__(self) -> None:
        self._held: dict[Key, int] = {}
        # oldest first
        self._unfinished: dict[Key, None] = {}
        # those whose peer is waited for, and since when
        self._receiving: dict[Key, float] = {}

    @property
    def held(self) -> int:
        """How many bytes are held altogether."""
        return sum(self._held.values())

    def begin(self, key: Key) -> None:
        """Note a body of which nothing is held yet."""
        self._held[key] = 0
        self._unfinished[key] = None

    def take(self, key: Key, size: int, *, now: float) -> bool:
        """Take room for so many more bytes, which its peer is now waited for; tell if there was."""
        is_oldest = next(iter(self._unfinished)) == key
        allowance = SHARED_BYTES + (LARGEST_BODY if is_oldest else 0)
        if self.held + size > allowance:
            self._receiving.pop(key, None)
            return False
        self._held[key] += size
        self._receiving[key] = now
        return True

    def complete(self, key: Key) -> None:
        """Note that all of a body is there; its bytes stay held."""
        self._unfinished.pop(key, None)
        self._receiving.pop(key, None)

    def leave(self, key: Key) -> None:
        """Give a body's bytes back; one that is not known is fine."""
        self.complete(key)
        self._held.pop(key, None)

    def give_up(self, *, now: float) -> Key | None:
        """Take out the body to close for room, once: the one that stalls for longest, if any."""
        stalled = min(self._receiving, key=lambda key: self._receiving[key], default=None)
        if stalled is None or now - self._receiving[stalled] < STALL_SECONDS:
            return None
        del self._receiving[stalled]
        return stalled
