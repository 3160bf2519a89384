"""What is measured on v2: servers x limits x workloads x what is injected."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from benchmarks.headroom.cases import Guard
from benchmarks.headroom.v2.guest.case import GuestCase
from benchmarks.headroom.v2.workloads import (
    FORKING,
    MIB,
    ORDINARY,
    REPLICAS,
    SOCKETS,
    WORKLOADS,
    Workload,
)
from webhook.domain.kubernetes.quantity import format_bytes
from webhook.trials.pods import Manifest, guard

SECONDS = 1200
"""A load is over long before; without what it waits for, at the latest then."""

IMAGES: Mapping[str, str] = {
    "redis-6.2": "redis:6.2",
    "redis-7.0": "redis:7.0",
    "redis-8.2": "redis:8.2",
    "valkey-9.1": "valkey/valkey:9.1",
}
"""The images that the servers stand for: their default is no configuration file, too."""

SMALL_BUFFERS: Mapping[str, str] = {
    "net.ipv4.tcp_rmem": "4096 16384 65536",
    "net.ipv4.tcp_wmem": "4096 16384 65536",
}
"""The Pod's sysctls of the remedy: both are safe ones since Kubernetes 1.32."""


_THOROUGH = ("redis-7.0",)
_OTHERS = tuple(server for server in IMAGES if server not in _THOROUGH)
_HARD_SOCKETS = ("many-10k", "many-100k", "many-1m", "stalled-readers")
_UNDER_64 = ("set-100b", "collections", "huge", *REPLICAS)
_LIKE_V1 = ("set-100b", "sessions", "collections", "huge", "probes")
"""What tells no server from another here: v2 charges for sockets, and these hold 2 MiB at most.

A probe's memory is its own program's.
"""
_SURPASSED = (
    *("many-1k", "slow-readers", "bgsave", "aof-rewrite"),
    *("replica", "stalled-replica-bounded"),
)
"""What is milder than something that every server is put to.

A thousand clients with 1 KB fill half of what 500 with 10 KB do, slow readers a third of what
stalled ones do. Snapshots are taken of values of random sizes, and an append-only file with values
of 100 KB is rewritten at 64 MB. A replica that stalls has followed until then, and unbounded it
holds more than bounded.
"""
_REMEDIES = (
    *(("redis-7.0", 128, workload) for workload in _HARD_SOCKETS),
    ("redis-7.0", 256, "many-100k"),
    *(("redis-7.0", 64, workload) for workload in ("many-10k", "many-100k")),
    *((server, 128, "many-100k") for server in ("redis-6.2", "redis-8.2", "valkey-9.1")),
)
"""A server, a limit in MiB, and a workload that fills the sockets."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Case:
    """One run; `limit` in bytes, `workload` a name of WORKLOADS.

    With `small_buffers`, the Pod's sysctls keep the sockets small.
    """

    server: str
    limit: int
    workload: str
    guard: Guard
    small_buffers: bool = False
    repetition: int = 1

    @property
    def pod(self) -> Manifest:
        """The Pod that the server stands for, before anything is injected."""
        return _pod(IMAGES[self.server], self.limit, WORKLOADS[self.workload])

    @property
    def options(self) -> tuple[str, ...]:
        """The server's options as the webhook would have them."""
        policy = self.guard.policy
        guarded = self.pod if policy is None else guard(self.pod, policy).manifest
        (server,) = guarded["spec"]["containers"]
        arguments = tuple(server.get("args", ()))
        # The images' entry points put the server in front where options come first.
        return arguments if arguments[:1] and arguments[0].startswith("-") else arguments[1:]

    @property
    def maxmemory(self) -> int:
        """The ceiling in bytes, 0 where there is none."""
        options = dict(zip(self.options, self.options[1:], strict=False))
        return int(options.get("--maxmemory", 0))

    def for_guest(self, name: str) -> GuestCase:
        """Make what the machine runs; without a ceiling it takes more to fill a limit."""
        load = WORKLOADS[self.workload].load(self.limit)
        if self.guard is Guard.NONE:
            load = replace(load, enough=2 * load.enough)
        return GuestCase(
            name=name,
            server=self.server,
            options=self.options,
            limit=self.limit,
            seconds=SECONDS,
            load=load,
            sysctls=dict(SMALL_BUFFERS) if self.small_buffers else {},
        )


def full_matrix(repetitions: int) -> Iterator[Case]:
    """Give every workload on Redis 7.0, and on the others what tells them apart."""
    for repetition in range(1, repetitions + 1):
        for server, limit, workload, chosen in dict.fromkeys(_rows()):
            yield Case(
                server=server,
                limit=limit * MIB,
                workload=workload,
                guard=chosen,
                repetition=repetition,
            )
        for server, limit, workload in _REMEDIES:
            yield Case(
                server=server,
                limit=limit * MIB,
                workload=workload,
                guard=Guard.INJECTED,
                small_buffers=True,
                repetition=repetition,
            )


def quick_matrix() -> Iterator[Case]:
    """Give a spread of the matrix for continuous integration: a few minutes."""
    for server, limit, workload, chosen in (
        ("redis-7.0", 64, "set-1k", Guard.NONE),
        ("valkey-9.1", 128, "set-100k", Guard.NONE),
        ("redis-7.0", 64, "set-1k", Guard.INJECTED),
        ("redis-7.0", 64, "sessions", Guard.INJECTED),
        ("redis-8.2", 128, "random-size", Guard.INJECTED),
        ("valkey-9.1", 128, "probes", Guard.INJECTED),
        ("redis-7.0", 512, "many-100k", Guard.INJECTED),
        ("redis-7.0", 64, "bgsave", Guard.INJECTED),
        ("redis-7.0", 64, "aof-rewrite", Guard.INJECTED),
    ):
        yield Case(server=server, limit=limit * MIB, workload=workload, guard=chosen)


Row = tuple[str, int, str, Guard]
"""A server, a limit in MiB, a workload, what is injected."""


def _rows() -> Iterator[Row]:
    """Rows under 128Mi, where v2 is hard and runs are short; the slow ones are under 64Mi."""
    yield "redis-7.0", 128, "set-1k", Guard.NONE
    yield from ((server, 128, "set-100k", Guard.NONE) for server in IMAGES)
    yield from _injected(IMAGES, 512, ("many-100k",))
    for limit, workloads in ((128, set(WORKLOADS) - set(_UNDER_64)), (64, set(_UNDER_64))):
        yield from _injected(_THOROUGH, limit, (each for each in WORKLOADS if each in workloads))
        told_apart = workloads - {*_LIKE_V1, *_SURPASSED}
        yield from _injected(_OTHERS, limit, (each for each in WORKLOADS if each in told_apart))
    yield from _injected(_THOROUGH, 256, _HARD_SOCKETS)
    yield from _injected(_THOROUGH, 512, (*_HARD_SOCKETS, "random-size", "bgsave-random-size"))
    yield from _injected(_THOROUGH, 64, ("many-10k", "many-100k", "set-1k", "random-size"))
    yield from _injected(_THOROUGH, 64, ("bgsave", "aof-rewrite"))
    yield "redis-7.0", 128, "bgsave", Guard.CACHE


def _injected(servers: Iterable[str], limit: int, workloads: Iterable[str]) -> Iterator[Row]:
    for workload, server in product(workloads, servers):
        yield server, limit, workload, Guard.INJECTED


def is_covered(case: Case) -> bool:
    """Tell whether the rule covers a case: its server has to survive, or the rule is wrong.

    Sockets are ordinary from 512Mi on; below they, and a replica, are gaps that docs/headroom.md
    names. Redis 6.2 is one with values of random sizes.
    """
    if case.guard is not Guard.INJECTED:
        return False
    if case.server == "redis-6.2" and "random-size" in case.workload:
        return False
    is_roomy = case.limit >= 512 * MIB and case.workload in SOCKETS
    return is_roomy or case.workload in ORDINARY or case.workload in FORKING


def _pod(image: str, limit: int, workload: Workload) -> Manifest:
    server: dict[str, object] = {
        "name": "redis",
        "image": image,
        "resources": {"limits": {"memory": format_bytes(limit)}},
    }
    spec: dict[str, object] = {"containers": [server]}
    if workload.options:
        server["args"] = list(workload.options)
    if workload.on_volume:
        server["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
        spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "headroom"}, "spec": spec}
