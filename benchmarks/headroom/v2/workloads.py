"""What the servers are put to, as far as v2 may tell it from v1."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.headroom.v2.guest.case import Load

KIB = 1024
MIB = 1024 * KIB
_DEFAULT_SAVE_POINTS = ("--save", "3600 1 300 100 60 10000")
_APPEND_ONLY = ("--appendonly", "yes", "--save", "")
_FORKS = 3
_LARGEST = 64 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A way to fill a server and to use it; see Load for the rest of the words.

    `turnover` says how often a limit's worth is written, `spread` how often the key space would
    fill it. `options` are the user's own, a server with `on_volume` has a volume at /data.
    """

    summary: str
    clients: int
    depth: int
    least: int
    most: int
    kind: str = "set"
    turnover: float = 1.0
    spread: float = 4.0
    options: tuple[str, ...] = ()
    on_volume: bool = False
    readers: int = 0
    read_depth: int = 0
    read_bytes: int = 0
    repeatedly: str = ""
    replica: str = ""
    probed: bool = False

    def load(self, limit: int) -> Load:
        """Make the load in proportion to a memory limit in bytes."""
        size = (self.least + self.most) // 2
        return Load(
            kind=self.kind,
            clients=self.clients,
            depth=self.depth,
            least=self.least,
            most=self.most,
            keys=max(int(self.spread * limit) // size, 1),
            enough=int(self.turnover * limit),
            readers=self.readers,
            read_depth=self.read_depth,
            read_bytes=self.read_bytes,
            repeatedly=self.repeatedly,
            forks_enough=_FORKS if self.repeatedly else 0,
            replica=self.replica,
            probed=self.probed,
        )


def _sized(summary: str, clients: int, depth: int, size: int, *, turnover: float = 1.0) -> Workload:
    return Workload(
        summary=summary, clients=clients, depth=depth, least=size, most=size, turnover=turnover
    )


def _random_size(summary: str, *, probed: bool = False) -> Workload:
    return Workload(
        summary=summary,
        clients=50,
        depth=1,
        least=10,
        most=_LARGEST,
        # Until the holes are as bad as they get.
        turnover=1.5,
        probed=probed,
    )


def _readers(summary: str, *, depth: int, read_bytes: int) -> Workload:
    return Workload(
        summary=summary,
        clients=4,
        depth=1,
        least=20 * KIB,
        most=20 * KIB,
        turnover=1.2,
        # What they ask for shall be there.
        spread=0.9,
        readers=200,
        read_depth=depth,
        read_bytes=read_bytes,
    )


def _persistent(
    summary: str,
    *,
    options: tuple[str, ...],
    repeatedly: str = "",
    least: int = KIB,
    most: int = KIB,
    replica: str = "",
) -> Workload:
    return Workload(
        summary=summary,
        clients=50,
        depth=4,
        least=least,
        most=most,
        # The eviction policy that such a server is given spares keys without a TTL.
        kind="expiring",
        spread=2.0,
        options=options,
        on_volume=True,
        turnover=0.7,
        repeatedly=repeatedly,
        replica=replica,
    )


ORDINARY: Mapping[str, Workload] = {
    "set-100b": _sized("SET of 100 B, 50 clients, 16 deep", 50, 16, 100),
    "set-1k": _sized("SET of 1 KB, 50 clients, 16 deep", 50, 16, KIB),
    "set-100k": _sized("SET of 100 KB, 50 clients", 50, 1, 100 * KIB),
    "random-size": _random_size("SET of 10 B to 64 KB, 50 clients"),
    "sessions": Workload(
        summary="sessions with a TTL of two weeks, 0.3 to 3 KB, always new, 50 clients, 4 deep",
        clients=50,
        depth=4,
        least=300,
        most=3000,
        kind="sessions",
        turnover=1.2,
    ),
    "collections": Workload(
        summary="hashes, sorted sets, lists, sets, streams of 100 x 200 B, 50 clients, 4 deep",
        clients=50,
        depth=4,
        least=100,
        most=300,
        kind="collections",
        turnover=1.0,
        # Five kinds of a hundred members each.
        spread=1 / 250,
    ),
    "huge": Workload(
        summary="few huge hashes and sorted sets, members of 50 to 350 B, 50 clients, 16 deep",
        clients=50,
        depth=16,
        least=50,
        most=350,
        kind="huge",
        turnover=1.0,
        # Ten of them under 128Mi.
        spread=1 / 2**16,
    ),
    "probes": _random_size(
        "SET of 10 B to 64 KB, 50 clients, an exec probe each second", probed=True
    ),
}
"""What a cache is ordinarily put to."""

SOCKETS: Mapping[str, Workload] = {
    "many-1k": _sized("SET of 1 KB, 1,000 clients, 16 deep", 1000, 16, KIB),
    "many-10k": _sized("SET of 10 KB, 500 clients, 8 deep", 500, 8, 10 * KIB, turnover=2),
    "many-100k": _sized("SET of 100 KB, 200 clients, 4 deep", 200, 4, 100 * KIB, turnover=3),
    "many-1m": _sized("SET of 1 MB, 50 clients", 50, 1, MIB, turnover=3),
    "slow-readers": _readers(
        "GET of 20 KB, 200 clients, 8 deep, 10 KB/s each", depth=8, read_bytes=KIB
    ),
    "stalled-readers": _readers(
        "GET of 20 KB, 200 clients, 32 deep, who never read", depth=32, read_bytes=0
    ),
}
"""What v1 does not charge: sockets that fill."""

FORKING: Mapping[str, Workload] = {
    "bgsave": _persistent(
        "save points on a volume, BGSAVE back to back, expiring 1 KB overwritten at random",
        options=_DEFAULT_SAVE_POINTS,
        repeatedly="BGSAVE",
    ),
    "bgsave-random-size": _persistent(
        "save points on a volume, BGSAVE back to back, expiring 10 B to 64 KB overwritten",
        options=_DEFAULT_SAVE_POINTS,
        repeatedly="BGSAVE",
        least=10,
        most=_LARGEST,
    ),
    "aof-rewrite": _persistent(
        "append-only file on a volume, rewritten back to back, expiring 1 KB overwritten at random",
        options=_APPEND_ONLY,
        repeatedly="BGREWRITEAOF",
    ),
    "aof-100k": _persistent(
        "append-only file on a volume, expiring 100 KB overwritten at random",
        options=_APPEND_ONLY,
        least=100 * KIB,
        most=100 * KIB,
    ),
}
"""Snapshots and rewrites: a copy of the pages, and their files in the page cache."""

REPLICAS: Mapping[str, Workload] = {
    "replica": _persistent(
        "save points on a volume, a replica that follows, expiring 1 KB overwritten at random",
        options=_DEFAULT_SAVE_POINTS,
        replica="following",
    ),
    "stalled-replica": _persistent(
        "save points on a volume, a replica that stalls, expiring 1 KB overwritten at random",
        options=_DEFAULT_SAVE_POINTS,
        replica="stalled",
    ),
    "stalled-replica-bounded": _persistent(
        "the same, client-output-buffer-limit replica 8mb 4mb 10",
        # Each word an element: Redis 6.2 does not start with all of them in one.
        options=(
            *_DEFAULT_SAVE_POINTS,
            *("--client-output-buffer-limit", "replica", "8mb", "4mb", "10"),
        ),
        replica="stalled",
    ),
}
"""What no headroom covers, and its remedy."""

WORKLOADS: Mapping[str, Workload] = {**ORDINARY, **SOCKETS, **FORKING, **REPLICAS}
