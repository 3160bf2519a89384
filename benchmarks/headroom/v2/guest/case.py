"""What the machine is told to run, and what it tells of it: the two ends of the wire.

A case crosses it as JSON on the disk, a report as one line of JSON on the serial console.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

MARK = "@report "
"""What a report's line begins with: the kernel may write between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is written and read from outside the container.

    `clients` send `depth` commands at a time and wait for all of the replies; values have `least`
    to `most` bytes, over `keys` keys. It is over once `enough` bytes were written, and
    `forks_enough` forks begun. Then at half of the bytes come `readers`, each with `read_depth`
    GETs under way, of which it takes `read_bytes` a tenth of a second. `repeatedly` is a command
    that the server is sent twice a second. `replica` is a second server that follows; one that is
    `stalled` is stopped at half of the bytes. `probed` runs an exec probe once a second.
    """

    kind: str
    clients: int
    depth: int
    least: int
    most: int
    keys: int
    enough: int
    readers: int = 0
    read_depth: int = 0
    read_bytes: int = 0
    repeatedly: str = ""
    forks_enough: int = 0
    replica: str = ""
    probed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestCase:
    """One run: a server with its options, under a memory limit in bytes, for at most `seconds`.

    `sysctls` are those of the Pod, by their names.
    """

    name: str
    server: str
    options: tuple[str, ...]
    limit: int
    seconds: int
    load: Load
    sysctls: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The figures of a case; sizes in bytes.

    `peak` is memory.peak. `need` is what could not have been reclaimed, `anon`, `sock`, `kernel`
    and `file` are out of memory.stat: each the most that was seen. The last values are the
    server's own, and empty or 0 when it did not answer. `replica_halfway` and `replica_after` are
    the state of its replica at half of the bytes, when one that stalls is stopped, and in the end.
    """

    oom_kills: int
    seconds: int
    written: int
    peak: int
    need: int
    anon: int
    sock: int
    kernel: int
    file: int
    forks: int
    refused: int
    maxmemory: int = 0
    eviction_policy: str = ""
    evictions: int = 0
    replica_halfway: str = ""
    replica_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Measured):
    """What became of a case.

    `ended` tells that the server did, `stalled` that it answered nobody for a minute, in the end.
    `server` and `fork_failed` are the server's own words. `curve` is the need over the seconds.
    """

    name: str
    release: str
    ended: bool
    stalled: bool
    server: str = ""
    fork_failed: bool = False
    curve: tuple[tuple[float, int], ...] = ()


def decode_report(values: dict[str, Any]) -> Report:
    """Read a report; raises TypeError for another program's."""
    curve = tuple((float(at), int(need)) for at, need in values.get("curve", ()))
    return Report(**{**values, "curve": curve})


def encode_case(case: GuestCase) -> dict[str, Any]:
    """Give a case as JSON's values."""
    return asdict(case)


def decode_case(values: dict[str, Any]) -> GuestCase:
    """Read a case; raises TypeError and KeyError for another program's."""
    load = Load(**values["load"])
    return GuestCase(**{**values, "load": load, "options": tuple(values["options"])})
