"""What a run in the machine came to."""

from dataclasses import dataclass, fields
from datetime import date

from benchmarks.headroom.cases import Guard
from benchmarks.headroom.fates import Fate
from benchmarks.headroom.v2.cases import Case
from benchmarks.headroom.v2.guest.case import Measured, Report
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Measured):
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
    fate: str

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
    figures = {field.name: getattr(report, field.name) for field in fields(Measured)}
    # One that was killed can no longer be asked.
    figures["maxmemory"] = report.maxmemory or case.maxmemory
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
        fate=_fate(report),
        **figures,
    )


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
