"""What the judgement of a Pod says: one outcome for each container, for shells to render."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from webhook.domain.kubernetes.pod import Container, Pod
from webhook.domain.policy.settings import Settings
from webhook.domain.reasons import Reason


class Verdict(StrEnum):
    """What becomes of a container's memory ceiling."""

    INJECT = "inject"
    ADJUST = "adjust"
    RESPECT = "respect"
    DENY = "deny"
    UNENFORCEABLE = "unenforceable"
    EXEMPT = "exempt"
    IGNORE = "ignore"


class ProfileName(StrEnum):
    """The headroom a server was given: measured profiles, or the Pod's own annotation."""

    CACHE = "cache"
    PERSISTENT = "persistent"
    ANNOTATION = "annotation"


class SnapshotState(StrEnum):
    """What is known of a server's save points after the injection."""

    ON = "on"
    OFF = "off"
    TURNED_OFF = "turned off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """A server's memory in bytes: `headroom` is what stays of `limit` beside `maxmemory`.

    `because` says in words how the profile and the numbers came about. Volumes in memory may take
    `volumes` of the limit, and so many `servers` share it, with the same `maxmemory` each.
    """

    limit: int
    headroom: int
    maxmemory: int
    profile: ProfileName
    because: str
    volumes: int = 0
    servers: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A warning beside the verdict: its reason and one sentence with the values."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The judgement of one container.

    `after` is the container as it should start, None when nothing is to change; `options` are the
    Redis options that it then carries from us, as separate elements. Where a text starts servers
    that need different ones, these are the most, and `other_options` the others. `refused` tells
    whether a Pod with this container is refused when the mode is enforce; where that is for having
    no memory limit, `remedied` is the judgement under the one of the remedy. `forks` tells that the
    server writes its data by a fork, or may do so out of sight. `steps` tell the judgement in
    words.
    """

    container: Container
    server: bool
    verdict: Verdict
    reason: Reason
    message: str
    remedy: str | None = None
    refused: bool = False
    remedied: "Outcome | None" = None
    sizing: Sizing | None = None
    forks: bool = False
    eviction_policy: str | None = None
    snapshots: SnapshotState | None = None
    options: tuple[str, ...] = ()
    other_options: tuple[tuple[str, ...], ...] = ()
    after: Container | None = None
    source: str = ""
    remarks: tuple[Remark, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The judgement of a whole Pod under the settings of its namespace.

    `wanted` names the ConfigMaps that would have told more and were not among the files given;
    evaluating again with them can only make the judgement more exact.
    """

    pod: Pod
    settings: Settings
    outcomes: tuple[Outcome, ...]
    remarks: tuple[Remark, ...] = ()
    wanted: tuple[str, ...] = ()

    @property
    def refused(self) -> Sequence[Outcome]:
        """The outcomes for which the Pod is refused when the mode is enforce."""
        return tuple(outcome for outcome in self.outcomes if outcome.refused)

    @property
    def servers(self) -> Sequence[Outcome]:
        """The outcomes of containers that run a server."""
        return tuple(outcome for outcome in self.outcomes if outcome.server)
