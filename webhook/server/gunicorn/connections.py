"""Which open connections may be closed to make room.

A connection works for a few milliseconds and is then silent for up to two minutes: kube-apiserver
keeps up to 25 of them, some before they ever carried a byte. A cap alone would let whoever parks
enough connections lock the API server out. So the one silent for longest makes room, and one that
never carried a request goes before any that did; last come requests that nobody waits for any more.
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

# the webhooks' own timeoutSeconds: kube-apiserver has given up on an older request
PATIENCE_SECONDS = 3.0


class Connections(Generic[Key]):
    """The open connections by a key of the caller's; `now` is any steady clock, in seconds."""

    def __init__(self) -> None:
        # insertion order is the order of falling silent, or of asking
        self._new: dict[Key, None] = {}
        self._idle: dict[Key, None] = {}
        self._asking: dict[Key, float] = {}

    def arrive(self, key: Key) -> None:
        """Note a new connection; it is silent until it asks something."""
        self._new[key] = None

    def ask(self, key: Key, *, now: float) -> None:
        """Note that a request has begun: the connection is kept for as long as somebody waits."""
        self.leave(key)
        self._asking[key] = now

    def rest(self, key: Key) -> None:
        """Note that a request was answered and the connection is silent again."""
        self.leave(key)
        self._idle[key] = None

    def leave(self, key: Key) -> None:
        """Forget a connection; one that is not known is fine."""
        self._new.pop(key, None)
        self._idle.pop(key, None)
        self._asking.pop(key, None)

    def give_up(self, *, now: float) -> Key | None:
        """Take out the connection to close for room; None when all are at work."""
        silent = self.give_up_silent()
        if silent is not None:
            return silent
        for key, began in self._asking.items():
            if now - began < PATIENCE_SECONDS:
                return None
            del self._asking[key]
            return key
        return None

    def give_up_silent(self) -> Key | None:
        """Take out the connection that was silent for longest; None when none is."""
        for silent in (self._new, self._idle):
            for key in silent:
                del silent[key]
                return key
        return None
