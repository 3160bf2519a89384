"""What a loader writes, and how its server is configured by whoever deployed it."""

from collections.abc import Mapping
from dataclasses import dataclass

_DEFAULT_SAVE_POINTS = ("--save", "3600 1 300 100 60 10000")
_TWO_WEEKS = 14 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadWorkload:
    """A way to fill a server.

    `writes` is one round in awk, for load.sh: `send(n, word, …)` sends a command of n words,
    `value(size)` makes one that cannot be compressed, `any()` is a key out of the key space,
    `fresh()` a name that was never used, `round` counts within a second. `bytes_a_key` is about
    what a key holds. `options` are the user's own for the server; `on_volume` gives it a volume at
    /data; `repeatedly` is a command that the server is sent all the time.
    """

    summary: str
    writes: str
    bytes_a_key: int
    options: tuple[str, ...] = ()
    on_volume: bool = False
    repeatedly: str = ""


_OVERWRITE = 'send(3, "SET", any(), value(1024))'
# A server with a volume is given volatile-lru: without a TTL it would refuse to be overwritten.
_EXPIRING = f'send(5, "SET", any(), value(1024), "EX", "{_TWO_WEEKS}")'
_LARGEST = 64 * 1024

WORKLOADS: Mapping[str, LoadWorkload] = {
    "set-1k": LoadWorkload(
        summary="SET of 1 KB, random keys",
        writes=_OVERWRITE,
        bytes_a_key=1024,
    ),
    "random-size": LoadWorkload(
        summary="SET of 10 B to 64 KB, random keys",
        writes=f'send(3, "SET", any(), value(10 + int(rand() * {_LARGEST - 10})))',
        bytes_a_key=_LARGEST // 2,
    ),
    "sessions": LoadWorkload(
        summary="sessions with a TTL of two weeks, 0.3 to 3 KB, always new",
        writes=(
            'send(5, "SET", "sess:" fresh(), value(300 + int(rand() * 2700)), "EX", '
            f'"{_TWO_WEEKS}")'
        ),
        bytes_a_key=1650,
    ),
    "default-snapshots": LoadWorkload(
        summary="the image's own save points, 1 KB overwritten at random",
        writes=_OVERWRITE,
        bytes_a_key=1024,
    ),
    "bgsave": LoadWorkload(
        summary="save points on a volume, BGSAVE back to back, 1 KB overwritten at random",
        writes=_EXPIRING,
        bytes_a_key=1024,
        options=_DEFAULT_SAVE_POINTS,
        on_volume=True,
        repeatedly="BGSAVE",
    ),
    "aof-rewrite": LoadWorkload(
        summary="append-only file on a volume, rewritten back to back, 1 KB overwritten at random",
        writes=_EXPIRING,
        bytes_a_key=1024,
        options=("--appendonly", "yes", "--save", ""),
        on_volume=True,
        repeatedly="BGREWRITEAOF",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A bounded fill: at most `seconds` times `bytes_a_second` are written, over `keys` keys."""

    workload: LoadWorkload
    seconds: int
    bytes_a_second: int
    keys: int


def load_beyond(limit: int, workload: LoadWorkload, *, seconds: int, bytes_a_second: int) -> Load:
    """Make a load whose key space holds twice as much as a memory limit in bytes."""
    keys = max(2 * limit // workload.bytes_a_key, 1)
    return Load(workload=workload, seconds=seconds, bytes_a_second=bytes_a_second, keys=keys)
