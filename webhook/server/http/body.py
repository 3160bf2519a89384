"""Reading a request's body: in steps, within its bound, and within what all bodies may hold."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import gevent
from gevent import Greenlet
from werkzeug.exceptions import ClientDisconnected

from webhook.server.http.held_bodies import HeldBodies

STEP = 64 * 1024
"""Bytes that are read of a body before others have their turn."""
_POLL_SECONDS = 0.01


class Stream(Protocol):
    """What a body is read from; fewer bytes than asked for are its end."""

    def read(self, size: int, /) -> bytes:
        """Read so many bytes, or all that are left."""
        ...


class BodyReader:
    """Reads bodies into a shared allowance of memory.

    Where it is used up, a request waits, and the greenlet of one whose peer stalls is closed, which
    `evicted` is told of.
    """

    def __init__(self, *, evicted: Callable[[], None]) -> None:
        self._bodies: HeldBodies[Greenlet] = HeldBodies()
        self._evicted = evicted

    @contextmanager
    def read(self, stream: Stream, length: int) -> Iterator[bytes]:
        """Read a body of that length, whose bytes stay accounted for until the context ends.

        Raises ClientDisconnected when it ends early.
        """
        me = gevent.getcurrent()
        self._bodies.begin(me)
        try:
            yield self._read(me, stream, length)
        finally:
            self._bodies.leave(me)

    def _read(self, me: Greenlet, stream: Stream, length: int) -> bytes:
        pieces: list[bytes] = []
        try:
            for left in range(length, 0, -STEP):
                step = min(STEP, left)
                self._await_room(me, step)
                pieces.append(stream.read(step))
                if len(pieces[-1]) < step:
                    raise ClientDisconnected("the body ended early")
                if left > step:
                    gevent.sleep(0)
            self._bodies.complete(me)
            return b"".join(pieces)
        finally:
            # The traceback of a closed greenlet lives on in a cycle until it is collected.
            pieces.clear()

    def _await_room(self, me: Greenlet, size: int) -> None:
        while not self._bodies.take(me, size, now=time.monotonic()):
            stalled = self._bodies.give_up(now=time.monotonic())
            if stalled is not None:
                stalled.kill(block=False)
                self._evicted()
            gevent.sleep(_POLL_SECONDS)
