"""Which open connections may be closed to make room.

A connection works for a few milliseconds and is then silent for up to two minutes: kube-apiserver
keeps up to 25 of them, some before they ever carried a byte. A cap alone would let whoever parks
enough connections lock the API server out. So the one silent for longest makes room, and one that
never carried a request goes before any that did.
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Connections(Generic[Key]):
    """The silent connections, each under a key of the caller's."""

    def __init__(self) -> None:
        # insertion order is the order of falling silent
        self._strangers: dict[Key, None] = {}
        self._regulars: dict[Key, None] = {}

    def arrive(self, key: Key) -> None:
        """Note a new connection; it is silent until it asks something."""
        self._strangers[key] = None

    def ask(self, key: Key) -> None:
        """Note that a request has begun: the connection is not closed while it lasts."""
        self._strangers.pop(key, None)
        self._regulars.pop(key, None)

    def rest(self, key: Key) -> None:
        """Note that a request was answered and the connection is silent again."""
        self._regulars[key] = None

    def leave(self, key: Key) -> None:
        """Forget a connection; one that is not known is fine."""
        self.ask(key)

    def give_up(self) -> Key | None:
        """Take out the connection to close for room; None when all are at work."""
        for silent in (self._strangers, self._regulars):
            for key in silent:
                del silent[key]
                return key
        return None
