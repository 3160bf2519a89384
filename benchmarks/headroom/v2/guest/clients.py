"""The clients of a load: some write and wait for their replies, some read slowly or not at all."""

import socket
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
from typing import Protocol

from benchmarks.headroom.v2.guest.case import Load
from benchmarks.headroom.v2.guest.commands import Words, batches, get
from benchmarks.headroom.v2.guest.replies import Replies
from benchmarks.headroom.v2.guest.server import Address

_CHUNK = 256 * 1024


class Client(Protocol):
    """Somebody with a connection; both raise OSError once it is lost."""

    def readable(self) -> None:
        """Take what has arrived."""

    def writable(self) -> None:
        """Send more of what is due."""

    def close(self) -> None:
        """Leave, whatever is under way."""


class Outgoing:
    """A connection with bytes that are due, which a selector is told of while there are any."""

    def __init__(
        self, selector: BaseSelector, client: Client, address: Address, *, reads: bool
    ) -> None:
        self.socket = socket.create_connection(address, timeout=30)
        self.socket.settimeout(0)
        self._selector = selector
        self._client = client
        self._due = memoryview(b"")
        self._events = EVENT_READ if reads else 0
        self._is_registered = False
        self._register()

    def send(self, data: bytes) -> None:
        """Send bytes, now or as soon as there is room."""
        self._due = memoryview(bytes(self._due) + data if self._due else data)
        self.flush()

    def close(self) -> None:
        """Leave, whatever is under way."""
        if self._is_registered:
            self._selector.unregister(self.socket)
            self._is_registered = False
        self.socket.close()

    def flush(self) -> None:
        """Send what there is room for."""
        try:
            while self._due:
                self._due = self._due[self.socket.send(self._due) :]
        except BlockingIOError:
            pass
        self._register()

    def _register(self) -> None:
        events = self._events | (EVENT_WRITE if self._due else 0)
        if not events:
            if self._is_registered:
                self._selector.unregister(self.socket)
        elif not self._is_registered:
            self._selector.register(self.socket, events, self._client)
        elif self._selector.get_key(self.socket).events != events:
            self._selector.modify(self.socket, events, self._client)
        self._is_registered = bool(events)


class Tally:
    """What all writers have written so far, in bytes: asked for too often to be summed up."""

    def __init__(self) -> None:
        self.written = 0


class Writer:
    """One that sends a batch of writes and waits for all of the replies, and adds to a tally."""

    def __init__(
        self, selector: BaseSelector, address: Address, load: Load, words: Words, *, tally: Tally
    ) -> None:
        self._tally = tally
        self._depth = load.depth
        self._batches = batches(load, words)
        self._replies = Replies()
        self._owed = 0
        self._batch = b""
        self._outgoing = Outgoing(selector, self, address, reads=True)
        self._next()

    @property
    def refused(self) -> int:
        """Give how many writes the server refused."""
        return self._replies.errors

    def readable(self) -> None:
        """Count replies; the last one is followed by the next batch."""
        data = self._outgoing.socket.recv(_CHUNK)
        if not data:
            raise ConnectionResetError
        self._owed -= self._replies.feed(data)
        if self._owed <= 0:
            self._tally.written += len(self._batch)
            self._next()

    def writable(self) -> None:
        """Send more of the batch."""
        self._outgoing.flush()

    def close(self) -> None:
        """Leave, whatever is under way."""
        self._outgoing.close()

    def _next(self) -> None:
        self._owed = self._depth
        self._batch = self._batches()
        self._outgoing.send(self._batch)


class Reader:
    """One that asks for values, and takes some bytes of them at each tick: none, if stalled."""

    def __init__(self, selector: BaseSelector, address: Address, load: Load, words: Words) -> None:
        self._load = load
        self._words = words
        self._replies = Replies()
        self._outgoing = Outgoing(selector, self, address, reads=False)
        self._outgoing.send(get(words, load.read_depth))

    def tick(self) -> None:
        """Read a little; each whole reply is followed by another question."""
        if not self._load.read_bytes:
            return
        try:
            data = self._outgoing.socket.recv(self._load.read_bytes)
        except BlockingIOError:
            return
        if done := self._replies.feed(data):
            self._outgoing.send(get(self._words, done))

    def readable(self) -> None:
        """Do nothing: it reads when it is its time."""

    def writable(self) -> None:
        """Send more of the questions."""
        self._outgoing.flush()

    def close(self) -> None:
        """Leave, whatever is under way."""
        self._outgoing.close()


class Repeater:
    """One that sends the same command again and again; `accepted` counts the replies but errors."""

    def __init__(self, selector: BaseSelector, address: Address, command: bytes) -> None:
        self.accepted = 0
        self._command = command
        self._replies = Replies()
        self._is_waiting = False
        self._outgoing = Outgoing(selector, self, address, reads=True)

    def tick(self) -> None:
        """Send it, unless the last one is not answered yet."""
        if not self._is_waiting:
            self._is_waiting = True
            self._outgoing.send(self._command)

    def readable(self) -> None:
        """Count the reply."""
        before = self._replies.errors
        done = self._replies.feed(self._outgoing.socket.recv(_CHUNK))
        self.accepted += done - (self._replies.errors - before)
        self._is_waiting = not done

    def writable(self) -> None:
        """Send the rest of the command."""
        self._outgoing.flush()

    def close(self) -> None:
        """Leave, whatever is under way."""
        self._outgoing.close()
