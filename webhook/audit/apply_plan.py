"""Decide what CONFIG SET would give a running server the ceiling that its next Pod would have.

The cure without a restart: the same evaluation, of the Pod as it runs, within what the server holds
and does at this moment. It lasts until the container restarts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from webhook.audit.live import LiveServer, Silence
from webhook.audit.server import AuditedServer, RunningServer
from webhook.domain.ceiling.sizing import Limit, ProfileName, Sizing, size
from webhook.domain.ceiling.snapshots import SnapshotState
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.domain.policy.profile import Headroom

_NOEVICTION = "noeviction"
_ANY_KEY = "allkeys-"
_URGENT = 90
"""Percent of its limit from which on a server comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One directive: what it is, and what it is to be."""

    directive: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would be set on one server; `effects` say what comes of it, in words."""

    server: AuditedServer
    pod: RunningServer
    live: LiveServer
    settings: tuple[Setting, ...]
    effects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Untouched:
    """A server on which nothing would be set, and why."""

    server: AuditedServer
    pod: RunningServer
    why: str


Step: TypeAlias = Change | Untouched


def plan_apply(
    servers: Iterable[AuditedServer], headroom: Headroom, *, evicts: bool
) -> tuple[Step, ...]:
    """Plan for every running server, in the order in which it is to be done.

    Workloads with a server over 90 % of its limit come first, and masters before their replicas.
    `evicts` allows an evicting policy on data that is written to disk.
    """
    planned = [
        (server, [_step(server, pod, headroom, evicts=evicts) for pod in server.pods])
        for server in servers
    ]
    planned.sort(key=lambda each: all(_share(step.pod) < _URGENT for step in each[1]))
    return tuple(
        step for _, steps in planned for step in sorted(steps, key=lambda each: _order(each.pod))
    )


def _order(pod: RunningServer) -> tuple[bool, int]:
    is_replica = isinstance(pod.live, LiveServer) and pod.live.is_replica
    return is_replica, -_share(pod)


def _share(pod: RunningServer) -> int:
    """Give what a server takes of its limit, in whole percent; 0 where that is not known."""
    sizing = pod.anew.sizing
    if not isinstance(pod.live, LiveServer) or sizing is None:
        return 0
    return 100 * max(pod.live.used, pod.live.resident) // sizing.limit


def _step(server: AuditedServer, pod: RunningServer, headroom: Headroom, *, evicts: bool) -> Step:
    live, sizing = pod.live, pod.anew.sizing
    why = _obstacle(pod)
    if why or sizing is None or not isinstance(live, LiveServer):
        return Untouched(server=server, pod=pod, why=why)
    planning = _Planning(pod=pod, live=live, sizing=sizing, headroom=headroom, evicts=evicts)
    ceiling = planning.ceiling()
    if isinstance(ceiling, str):
        return Untouched(server=server, pod=pod, why=ceiling)
    settings = tuple(planning.settings(ceiling))
    if not settings:
        return Untouched(server=server, pod=pod, why="it has its ceiling already")
    effects = tuple(planning.effects(ceiling))
    return Change(server=server, pod=pod, live=live, settings=settings, effects=effects)


def _obstacle(pod: RunningServer) -> str:
    """Say why nothing can be set; empty where nothing is in the way."""
    if pod.live is None or isinstance(pod.live, Silence):
        return f"it tells nothing: {pod.live or 'not asked'}"
    if pod.anew.verdict is Verdict.EXEMPT:
        return f"it is exempt ({pod.anew.reason})"
    if pod.anew.sizing is None or pod.anew.denied:
        return pod.anew.message
    if pod.live.saves is None:
        return "its CONFIG command is renamed or not allowed"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planning:
    pod: RunningServer
    live: LiveServer
    sizing: Sizing
    headroom: Headroom
    evicts: bool

    @property
    def turns_off_snapshots(self) -> bool:
        outcome = self.pod.anew
        return outcome.snapshots is SnapshotState.TURNED_OFF and bool(self.live.saves)

    @property
    def persists(self) -> bool:
        """Tell whether the server writes its data, by what it does now."""
        saves = bool(self.live.saves) and not self.turns_off_snapshots
        return self.live.appends or saves or self.pod.anew.forks

    @property
    def policy(self) -> str:
        """The eviction policy afterwards: one that was chosen at run time stays."""
        wanted = self.pod.anew.eviction_policy
        is_ours = "--maxmemory-policy" in self.pod.anew.options and wanted is not None
        if not is_ours or wanted is None or self.live.eviction_policy != _NOEVICTION:
            return self.live.eviction_policy
        if self.persists and wanted != _NOEVICTION and not self.evicts:
            return self.live.eviction_policy
        return wanted

    @property
    def safe(self) -> int:
        """The bytes up to which a ceiling that somebody chose is respected."""
        share = self.headroom.explicit_share
        return max(self.sizing.limit * share.numerator // share.denominator, self.target)

    @property
    def target(self) -> int:
        """The ceiling of the evaluation; a persistent server's where it turns out to be one."""
        if not self.persists or self.sizing.profile is not ProfileName.CACHE:
            return self.sizing.maxmemory
        limit = Limit(amount=self.sizing.limit, volumes=self.sizing.volumes)
        return size(limit, self.headroom, ProfileName.PERSISTENT, "").maxmemory

    def ceiling(self) -> int | str:
        """Give the ceiling to set in bytes, or why none is."""
        now = self.live.maxmemory
        if 0 < now <= self.safe:
            return now
        if self.live.used <= self.target or self._may_evict_anything():
            return self.target
        # Below what it holds it would refuse every write, or drop what was meant to last.
        roomy = self.live.used * 11 // 10
        if roomy > self.safe:
            return (
                f"it holds {format_mebibytes(self.live.used)}, and no ceiling that fits its limit "
                f"of {format_bytes(self.sizing.limit)} is above that: raise the limit"
            )
        return roomy

    def settings(self, ceiling: int) -> Iterator[Setting]:
        """Give what changes; the ceiling last, when what keeps within it holds already."""
        wanted = (
            ("save", self.live.saves or "", "" if self.turns_off_snapshots else None),
            ("maxmemory-policy", self.live.eviction_policy, self.policy),
            ("maxmemory", str(self.live.maxmemory), str(ceiling)),
        )
        for directive, before, after in wanted:
            if after is not None and after != before:
                yield Setting(directive=directive, before=before, after=after)

    def effects(self, ceiling: int) -> Iterator[str]:
        if ceiling > self.target and ceiling != self.live.maxmemory:
            yield (
                f"its ceiling would be {format_mebibytes(self.target)}, but it holds more; a fork "
                "may not fit beside it"
            )
        over = self.live.used - ceiling
        if over > 0:
            yield f"evicts {format_mebibytes(over)} at once"
        if self.policy == _NOEVICTION:
            yield f"refuses writes at {format_mebibytes(ceiling)}"
        if self.persists and self.policy == _NOEVICTION and self._would_evict():
            yield f"its data is written to disk: --evict would set {self.pod.anew.eviction_policy}"
        if self.turns_off_snapshots:
            yield "takes no more snapshots, which nothing could restore"
        if self.policy.startswith(_ANY_KEY) and self.live.keys and not self.live.expiring:
            yield "none of its keys expires: leave it out if it is a queue"

    def _may_evict_anything(self) -> bool:
        return self.policy.startswith(_ANY_KEY)

    def _would_evict(self) -> bool:
        return self.pod.anew.eviction_policy not in (None, _NOEVICTION)
