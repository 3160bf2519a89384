"""The commands of a load, in the protocol of Redis."""

import os
import random
from collections.abc import Callable, Mapping

from benchmarks.headroom.v2.guest.case import Load

Command = Callable[["Words"], bytes]

_POOL_BYTES = 4 * 2**20
_TWO_WEEKS = b"1209600"
_MEMBERS = 100
"""A collection has about as many members."""


class Words:
    """The words of commands: keys, and values that cannot be compressed."""

    def __init__(self, load: Load, seed: int) -> None:
        self._load = load
        self._random = random.Random(seed)  # noqa: S311 - data, no secret
        self._pool = os.urandom(_POOL_BYTES)
        self._sent = 0

    def key(self) -> bytes:
        """Give any key of the key space."""
        return b"key:%010d" % int(self._random.random() * self._load.keys)

    def fresh(self) -> bytes:
        """Give a name that was never given."""
        self._sent += 1
        return b"sess:%012d" % self._sent

    def member(self) -> bytes:
        """Give the name of a member of a collection."""
        return b"%06d" % int(self._random.random() * _MEMBERS * 4)

    def number(self, below: int) -> int:
        """Give any number from 0 on."""
        return int(self._random.random() * below)

    def value(self) -> bytes:
        """Give a value of one of the load's sizes."""
        size = self._load.least + self.number(self._load.most - self._load.least + 1)
        at = self.number(_POOL_BYTES - size)
        return self._pool[at : at + size]


def command(*words: bytes) -> bytes:
    """Write one command."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


class Sets:
    """Batches of SETs with values of one size: only their keys differ, so that they cost little.

    A value is as good as any other: what is compressed is compressed by itself.
    """

    def __init__(self, kind: str, words: Words, depth: int) -> None:
        self._words = words
        one = KINDS[kind](words)
        self._batch = bytearray(one * depth)
        first = one.index(b"key:") + len(b"key:")
        self._keys = range(first, len(self._batch), len(one))

    def __call__(self) -> bytes:
        """Give the next batch."""
        key = self._words.key
        for at in self._keys:
            self._batch[at : at + 10] = key()[4:]
        return bytes(self._batch)


def batches(load: Load, words: Words) -> Callable[[], bytes]:
    """Give what makes a load's batches, one after another."""
    if load.kind in ("set", "expiring") and load.least == load.most:
        return Sets(load.kind, words, load.depth)
    write = KINDS[load.kind]
    return lambda: b"".join(write(words) for _ in range(load.depth))


def get(words: Words, depth: int) -> bytes:
    """Write as many GETs."""
    return b"".join(command(b"GET", words.key()) for _ in range(depth))


def _set(words: Words) -> bytes:
    key, value = words.key(), words.value()
    return b"*3\r\n$3\r\nSET\r\n$14\r\n%b\r\n$%d\r\n%b\r\n" % (key, len(value), value)


def _expiring(words: Words) -> bytes:
    """Write a SET of what volatile-lru may evict."""
    return command(b"SET", words.key(), words.value(), b"EX", _TWO_WEEKS)


def _session(words: Words) -> bytes:
    return command(b"SET", words.fresh(), words.value(), b"EX", _TWO_WEEKS)


def _huge(words: Words) -> bytes:
    """Write a member that was never there before: a collection grows until it is evicted."""
    if words.number(2):
        return command(b"HSET", b"h" + words.key(), words.fresh(), words.value())
    return command(b"ZADD", b"z" + words.key(), b"%d" % words.number(9999), words.value())


def _collection(words: Words) -> bytes:
    return _COLLECTIONS[words.number(len(_COLLECTIONS))](words)


_COLLECTIONS: tuple[Command, ...] = (
    lambda words: command(b"HSET", b"h" + words.key(), words.member(), words.value()),
    lambda words: command(b"ZADD", b"z" + words.key(), b"%d" % words.number(9999), words.value()),
    lambda words: command(b"RPUSH", b"l" + words.key(), words.value()),
    lambda words: command(b"SADD", b"s" + words.key(), words.value()),
    lambda words: command(b"XADD", b"x" + words.key(), b"*", words.member(), words.value()),
)

KINDS: Mapping[str, Command] = {
    "set": _set,
    "expiring": _expiring,
    "sessions": _session,
    "collections": _collection,
    "huge": _huge,
}
