"""What an audit says of one Redis server of a workload: what it is now, and what it would be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webhook.audit.container_state import ContainerState
from webhook.audit.live import LiveServer, Silence
from webhook.audit.ownership import ObjectReference
from webhook.domain.evaluation.outcome import Evaluation, Outcome, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What Prometheus has seen of a server in its Pods, the highest of each; sizes in bytes.

    None is what it knows nothing of. `used` may be the memory of the container, `counted` is what
    the server itself counts. `evicted` and `oom_kills` count over the time asked for.
    """

    used: int | None = None
    counted: int | None = None
    peak: int | None = None
    evicted: int | None = None
    oom_kills: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    """One server's container in one running Pod.

    `standing` is its evaluation with our own options counted like anybody's, `anew` what a new
    evaluation makes of the same Pod. `is_drifted` tells that its status annotation is not what
    today's policy would write. `live` is what it answered, a Silence why not, None: not asked.
    """

    pod: str
    node: str
    created: datetime | None
    state: ContainerState
    standing: Outcome
    anew: Outcome
    is_drifted: bool
    live: LiveServer | Silence | None = None

    @property
    def ceiling(self) -> int | None:
        """The maxmemory in bytes that holds it now, None where nothing does."""
        if isinstance(self.live, LiveServer):
            return self.live.maxmemory or None
        sizing = self.standing.sizing
        if self.standing.verdict is not Verdict.RESPECT or sizing is None:
            return None
        return sizing.maxmemory or None

    @property
    def eviction_policy(self) -> str | None:
        """The eviction policy that holds now, None where it cannot be seen."""
        if isinstance(self.live, LiveServer):
            return self.live.eviction_policy
        is_to_come = "--maxmemory-policy" in self.standing.options
        return None if is_to_come else self.standing.eviction_policy

    @property
    def is_changed_at_run_time(self) -> bool:
        """Tell whether its ceiling is not the one that it was started with."""
        if not isinstance(self.live, LiveServer) or self.standing.verdict is not Verdict.RESPECT:
            return False
        sizing = self.standing.sizing
        return sizing is not None and self.live.maxmemory != sizing.maxmemory


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedServer:
    """One Redis server of one workload, with the Pods in which it runs.

    `workload` is what makes its Pods anew, `owner` what controls that, as an operator's object
    does. `is_bare` tells of a Pod that nobody makes anew. `outcome` is what becomes of the server
    in the next Pod, `is_enforced` whether that is acted upon. `replicas` is the number asked for,
    None where the kind has none.
    """

    workload: ObjectReference
    owner: ObjectReference | None = None
    is_bare: bool = False
    evaluation: Evaluation
    outcome: Outcome
    is_enforced: bool
    replicas: int | None = None
    is_suspended: bool = False
    has_vpa: bool = False
    pods: Sequence[RunningServer] = ()
    usage: Usage | None = None

    @property
    def is_refused(self) -> bool:
        """Tell whether its next Pod would be refused."""
        return self.is_enforced and bool(self.evaluation.denied)

    @property
    def used(self) -> int | None:
        """The most memory in bytes that one of its servers is known to hold."""
        return self._most("used")

    @property
    def counted(self) -> int | None:
        """The most memory in bytes that one of its servers says it holds."""
        own = [each.live.used for each in self.pods if isinstance(each.live, LiveServer)]
        exported = [] if self.usage is None else [self.usage.counted]
        return max((each for each in (*own, *exported) if each is not None), default=None)

    @property
    def peak(self) -> int | None:
        """The most memory in bytes that one of its servers is known to have held."""
        return self._most("peak")

    @property
    def next_ceiling(self) -> int | None:
        """The maxmemory in bytes that the server would have in its next Pod, None without one."""
        return self.outcome.sizing.maxmemory if self.outcome.sizing else None

    def _most(self, field: str) -> int | None:
        tellers = [self.usage, *(each.live for each in self.pods)]
        told = [getattr(each, field) for each in tellers if isinstance(each, Usage | LiveServer)]
        return max((each for each in told if each is not None), default=None)
