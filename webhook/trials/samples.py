"""What a loader says in its log, line by line."""

from dataclasses import dataclass
from typing import TypeAlias

_FAILED = "err"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Where a loader runs: the kernel, its cgroup version, and when it began (Unix seconds)."""

    kernel: str
    cgroup: int
    began: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSample:
    """A server by its own INFO; sizes in bytes.

    `resident` is used_memory_rss, `copied` what a running snapshot or rewrite has made the kernel
    copy, `last_copied` what the last one had by its end: a child tells of it once a second only.
    `evicted` and `forks`, the snapshots and rewrites begun, count since it started. `fork_failed`
    tells that the last of them did not end well: its child may have been killed for memory.
    """

    version: str
    maxmemory: int
    eviction_policy: str
    used: int
    resident: int
    copied: int
    last_copied: int
    evicted: int
    keys: int
    uptime: int
    forks: int
    fork_failed: bool

    @property
    def memory(self) -> int:
        """What the server and its fork hold of the memory limit."""
        return self.resident + self.copied

    @property
    def need(self) -> int:
        """What they hold at most, with a fork like the last one."""
        return self.resident + max(self.copied, self.last_copied)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look at a server, `at` seconds from the beginning; None when it did not answer."""

    number: int
    at: float
    server: ServerSample | None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The loader is through: rounds of a second, writes that the server accepted and refused.

    Writes that a kill cut off are neither.
    """

    rounds: int
    accepted: int
    refused: int


Line: TypeAlias = Node | Sample | End


def parse_line(text: str) -> Line | None:
    """Parse a line of the log; None for one that is none of ours, or cut off."""
    kind, _, rest = text.partition(" ")
    fields = dict(word.split("=", 1) for word in rest.split() if "=" in word)
    try:
        match kind:
            case "node":
                return Node(
                    kernel=fields["kernel"],
                    cgroup=int(fields["cgroup"]),
                    began=int(fields["began"]),
                )
            case "sample":
                return _sample(fields)
            case "end":
                return End(
                    rounds=int(fields["rounds"]),
                    accepted=int(fields["accepted"]),
                    refused=int(fields["refused"]),
                )
            case _:
                return None
    except (KeyError, ValueError):
        return None


def _sample(fields: dict[str, str]) -> Sample:
    return Sample(
        number=int(fields["number"]),
        at=int(fields["at"]) / 100,
        server=None if "down" in fields else _server(fields),
    )


def _server(fields: dict[str, str]) -> ServerSample:
    statuses = (fields.get("rdb_last_bgsave_status"), fields.get("aof_last_bgrewrite_status"))
    return ServerSample(
        version=_version(fields),
        maxmemory=int(fields["maxmemory"]),
        eviction_policy=fields["maxmemory_policy"],
        used=int(fields["used_memory"]),
        resident=int(fields["used_memory_rss"]),
        copied=int(fields.get("current_cow_size", 0)),
        last_copied=max(
            int(fields.get("rdb_last_cow_size", 0)), int(fields.get("aof_last_cow_size", 0))
        ),
        evicted=int(fields["evicted_keys"]),
        keys=int(fields.get("keys", 0)),
        uptime=int(fields["uptime_in_seconds"]),
        # Redis counts both from 7.0 on.
        forks=int(fields.get("rdb_saves", 0)) + int(fields.get("aof_rewrites", 0)),
        fork_failed=_FAILED in statuses,
    )


def _version(fields: dict[str, str]) -> str:
    if "valkey_version" in fields:
        return f"Valkey {fields['valkey_version']}"
    return f"Redis {fields['redis_version']}"
