"""What a run in the machine came to, as a line of CSV that later runs skip."""

import csv
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from pathlib import Path

from cattrs import Converter

from benchmarks.headroom.cases import Guard
from benchmarks.headroom.v2.cases import Case
from benchmarks.headroom.v2.guest.case import Report
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes


class Fate(StrEnum):
    """What became of a server; one that stalled lives at its limit, and answers nobody."""

    SURVIVED = "survived"
    OOM_KILLED = "OOM-killed"
    STALLED = "stalled"
    FORK_FAILED = "fork failed"
    ENDED = "ended"
    NOT_FILLED = "not filled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One run; sizes in bytes, the rest as in Case and Report.

    `small_buffers` is 1 where the Pod's sysctls keep the sockets small.
    """

    day: str
    kernel_release: str
    server: str
    version: str
    limit: int
    workload: str
    guard: str
    small_buffers: int
    repetition: int
    maxmemory: int
    eviction_policy: str
    fate: str
    seconds: int
    written: int
    peak: int
    need: int
    anon: int
    sock: int
    kernel: int
    file: int
    oom_kills: int
    evictions: int
    refused: int
    forks: int

    @property
    def case(self) -> Case:
        """What was run."""
        return Case(
            server=self.server,
            limit=self.limit,
            workload=self.workload,
            guard=Guard(self.guard),
            small_buffers=bool(self.small_buffers),
            repetition=self.repetition,
        )

    @property
    def sentence(self) -> str:
        """One line for people."""
        buffers = ", small buffers" if self.small_buffers else ""
        return (
            f"{self.server} {format_bytes(self.limit)} {self.workload} {self.guard}{buffers}: "
            f"{self.fate} after {self.seconds} s, needed {format_mebibytes(self.need)}, "
            f"of it sockets {format_mebibytes(self.sock)}"
        )


def make_result(case: Case, report: Report, *, today: date) -> Result:
    """Sum a report up."""
    return Result(
        day=today.isoformat(),
        kernel_release=report.release,
        server=case.server,
        version=report.server,
        limit=case.limit,
        workload=case.workload,
        guard=case.guard,
        small_buffers=int(case.small_buffers),
        repetition=case.repetition,
        maxmemory=report.maxmemory or case.maxmemory,
        eviction_policy=report.eviction_policy,
        fate=_fate(report),
        seconds=report.seconds,
        written=report.written,
        peak=report.peak,
        need=report.need,
        anon=report.anon,
        sock=report.sock,
        kernel=report.kernel,
        file=report.file,
        oom_kills=report.oom_kills,
        evictions=report.evictions,
        refused=report.refused,
        forks=report.forks,
    )


def read_results(path: Path) -> tuple[Result, ...]:
    """Read the results of earlier runs; none where there is no file."""
    if not path.exists():
        return ()
    converter = Converter()
    with path.open(newline="") as file:
        return tuple(converter.structure(row, Result) for row in csv.DictReader(file))


def append_result(path: Path, result: Result) -> None:
    """Add a line to the file, with a heading where it is new."""
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Result)], lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(asdict(result))


def _fate(report: Report) -> Fate:
    if report.oom_kills:
        return Fate.OOM_KILLED
    if report.ended:
        return Fate.ENDED
    if report.stalled:
        return Fate.STALLED
    if report.fork_failed:
        return Fate.FORK_FAILED
    return Fate.SURVIVED if report.evictions or report.refused else Fate.NOT_FILLED
