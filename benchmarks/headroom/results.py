"""What a run came to, as a line of CSV that later runs skip."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from pathlib import Path

from cattrs import structure

from benchmarks.headroom.cases import Case, Guard
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.trials.history import History


class Fate(StrEnum):
    """What became of a server."""

    SURVIVED = "survived"
    OOM_KILLED = "OOM-killed"
    FORK_FAILED = "fork failed"
    ENDED = "ended"
    NOT_FILLED = "not filled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One run; sizes in bytes, `cgroup` the node's version.

    `peak` is the most of resident and copied memory, looked at twice a second: the limit, when
    killed.
    `lived` is the seconds until the kill or the end; `forks` the snapshots and rewrites begun.
    """

    day: str
    image: str
    server: str
    cgroup: int
    kernel: str
    limit: int
    workload: str
    guard: str
    repetition: int
    maxmemory: int
    eviction_policy: str
    fate: str
    peak: int
    lived: int
    evictions: int
    refused: int
    forks: int

    @property
    def case(self) -> Case:
        """What was run."""
        return Case(
            image=self.image,
            limit=self.limit,
            workload=self.workload,
            guard=Guard(self.guard),
            repetition=self.repetition,
        )

    @property
    def sentence(self) -> str:
        """One line for people."""
        limit, peak = format_bytes(self.limit), format_mebibytes(self.peak)
        return (
            f"{self.server} {limit} {self.workload} {self.guard}: {self.fate} "
            f"after {self.lived} s, peak {peak}"
        )


def make_result(case: Case, history: History, *, today: date) -> Result:
    """Sum a history up. Raises ValueError when its server never answered."""
    latest, node = history.latest, history.node
    if latest is None or node is None:
        raise ValueError(f"{case}: no sample")
    kills = history.oom_kills
    return Result(
        day=today.isoformat(),
        image=case.image,
        server=latest.version,
        cgroup=node.cgroup,
        kernel=node.kernel,
        limit=case.limit,
        workload=case.workload,
        guard=case.guard,
        repetition=case.repetition,
        maxmemory=latest.maxmemory,
        eviction_policy=latest.eviction_policy,
        fate=_fate(history),
        peak=history.peak,
        lived=round(history.seconds_of(kills[0]) if kills else history.samples[-1].at),
        evictions=history.evictions,
        refused=history.end.refused if history.end else 0,
        forks=max(server.forks for server in history.servers),
    )


def read_results(path: Path) -> tuple[Result, ...]:
    """Read the results of earlier runs; none where there is no file."""
    if not path.exists():
        return ()
    with path.open(newline="") as file:
        return tuple(structure(row, Result) for row in csv.DictReader(file))


def append_results(path: Path, results: Iterable[Result]) -> None:
    """Add lines to the file, with a heading where it is new."""
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Result)], lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerows(map(asdict, results))


def _fate(history: History) -> Fate:
    if history.oom_kills:
        return Fate.OOM_KILLED
    if history.fork_failed:
        return Fate.FORK_FAILED
    if not history.survived:
        return Fate.ENDED
    is_full = history.evictions or (history.end and history.end.refused)
    return Fate.SURVIVED if is_full else Fate.NOT_FILLED
