"""Accepting connections: bounded in number, without letting the silent keep out the others."""

import time
from collections.abc import Callable

from gevent import Greenlet
from gevent.pool import Pool
from gevent.server import StreamServer
from gevent.socket import socket as Socket  # noqa: N812 - it is a class

from webhook.server.gunicorn.connections import Connections

# So many connections are accepted before any of them is looked at, so the pool has that much room
# beyond the cap; it is full, and accepting stops, only while as many requests are at work. gevent's
# own 100 would be more than a low limit of open files allows.
_BURST = 8


class CappedServer(StreamServer):  # type: ignore[misc]  # gevent has no types
    """Hands each new connection to a greenlet of its own.

    Over `cap` open connections, the one that was silent for longest is closed first.
    """

    max_accept = _BURST

    def __init__(
        self,
        listener: Socket,
        handle: Callable[..., None],
        *,
        cap: int,
        connections: Connections[Greenlet],
        evicted: Callable[[], None],
    ) -> None:
        super().__init__(listener, handle, spawn=Pool(cap + _BURST))
        self._cap = cap
        self._connections = connections
        self._evicted = evicted

    def do_handle(self, *args: object) -> None:
        """Take in an accepted connection."""
        if len(self.pool) >= self._cap:
            self._close_one()
        super().do_handle(*args)

    def keep_cap(self) -> None:
        """Close what may be closed over the cap; called also while accepting has stopped."""
        excess = len(self.pool) - self._cap
        while excess > 0 and self._close_one():
            excess -= 1

    def finish(self, *, seconds: float) -> None:
        """Stop accepting, close the silent connections, give the others `seconds` to end."""
        self.close()
        while (silent := self._connections.give_up_silent()) is not None:
            silent.kill(block=False)
        self.pool.join(timeout=seconds)
        self.pool.kill(timeout=1)

    def _close_one(self) -> bool:
        chosen = self._connections.give_up(now=time.monotonic())
        if chosen is None:
            return False
        chosen.kill(block=False)
        self._evicted()
        return True
