"""What a run on a cluster came to."""

from dataclasses import dataclass
from datetime import date

from benchmarks.headroom.cases import Case, Guard
from benchmarks.headroom.fates import Fate
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.trials.history import History


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


def _fate(history: History) -> Fate:
    if history.oom_kills:
        return Fate.OOM_KILLED
    if history.fork_failed:
        return Fate.FORK_FAILED
    if not history.survived:
        return Fate.ENDED
    is_full = history.evictions or (history.end and history.end.refused)
    return Fate.SURVIVED if is_full else Fate.NOT_FILLED
