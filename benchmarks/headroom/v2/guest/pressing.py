"""A load under way: its clients, turn by turn, in one process with whoever looks at the memory."""

import time
from collections.abc import Iterator
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from typing import Self

from benchmarks.headroom.v2.guest.case import Load
from benchmarks.headroom.v2.guest.clients import Client, Reader, Repeater, Tally, Writer
from benchmarks.headroom.v2.guest.commands import Words, command
from benchmarks.headroom.v2.guest.server import Address

_READ_SECONDS = 0.1
_REPEAT_SECONDS = 0.5


class Pressure:
    """Clients that write to a server, and read from it from half of the bytes on."""

    def __init__(self, load: Load, address: Address) -> None:
        self._load = load
        self._address = address
        self._selector = DefaultSelector()
        self._words = Words(load, seed=1)
        self._tally = Tally()
        self._writers: list[Writer] = []
        self._readers: list[Reader] = []
        self._repeater: Repeater | None = None
        self._due = {"read": 0.0, "repeat": 0.0}

    @property
    def written(self) -> int:
        """Give the bytes of commands that were answered."""
        return self._tally.written

    @property
    def refused(self) -> int:
        """Give how many writes the server refused."""
        return sum(writer.refused for writer in self._writers)

    @property
    def forks(self) -> int:
        """Give how many snapshots or rewrites were begun."""
        return self._repeater.accepted if self._repeater else 0

    @property
    def is_halfway(self) -> bool:
        """Tell whether half of the bytes are written: the server is full."""
        return 2 * self.written >= self._load.enough

    @property
    def is_over(self) -> bool:
        """Tell whether everything asked for has happened."""
        return self.written >= self._load.enough and self.forks >= self._load.forks_enough

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self._selector.close()

    def connect(self) -> None:
        """Let the clients begin; raises OSError where the server takes no more of them."""
        for _ in range(self._load.clients):
            writer = Writer(
                self._selector, self._address, self._load, self._words, tally=self._tally
            )
            self._writers.append(writer)
        self._repeater = self._repeat()

    def turn(self, seconds: float) -> bool:
        """Serve whoever can go on, waiting at most so long; tells whether anybody could.

        A lost connection is given up.
        """
        found = self._selector.select(seconds)
        for key, events in found:
            client: Client = key.data
            try:
                if events & EVENT_WRITE:
                    client.writable()
                if events & EVENT_READ:
                    client.readable()
            except BlockingIOError:
                continue
            except OSError:
                client.close()
        with suppress(OSError):
            self._tick(time.monotonic())
        return bool(found)

    @property
    def _clients(self) -> Iterator[Client]:
        yield from self._writers
        yield from self._readers
        if self._repeater is not None:
            yield self._repeater

    def _tick(self, now: float) -> None:
        if self._repeater is not None and self._is_due("repeat", now, _REPEAT_SECONDS):
            self._repeater.tick()
        if self._load.readers and not self._readers and self.is_halfway:
            self._readers = [
                Reader(self._selector, self._address, self._load, self._words)
                for _ in range(self._load.readers)
            ]
        if self._readers and self._is_due("read", now, _READ_SECONDS):
            for reader in self._readers:
                reader.tick()

    def _is_due(self, what: str, now: float, seconds: float) -> bool:
        if now < self._due[what]:
            return False
        self._due[what] = now + seconds
        return True

    def _repeat(self) -> Repeater | None:
        if not self._load.repeatedly:
            return None
        words = (word.encode() for word in self._load.repeatedly.split())
        return Repeater(self._selector, self._address, command(*words))
