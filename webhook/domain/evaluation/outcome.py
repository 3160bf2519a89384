"""What the evaluation of a Pod says: one outcome for each container, for shells to render."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from webhook.domain.ceiling.sizing import Sizing
from webhook.domain.ceiling.snapshots import SnapshotState
from webhook.domain.kubernetes.pod import Container, Pod
from webhook.domain.policy.settings import NamespaceSettings
from webhook.domain.reasons import AdmissionWarning, Reason


class Verdict(StrEnum):
    """What becomes of a container's memory ceiling."""

    INJECT = "inject"
    ADJUST = "adjust"
    RESPECT = "respect"
    DENY = "deny"
    UNENFORCEABLE = "unenforceable"
    EXEMPT = "exempt"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The evaluation of one container.

    `after` is the container as it should start, None when nothing is to change; `options` are the
    Redis options that it then carries from us, as separate elements. Where a text starts servers
    that need different ones, these are those of `sizing`, or the most, and `other_options` the
    others. `refused` tells whether a Pod with this container is refused when the mode is enforce;
    where that is for having no memory limit, `remedied` is the outcome under the one of the remedy.
    `forks` tells that the server writes its data by a fork, or may do so out of sight; `replica_of`
    is the host of its master where it is a replica that ignores its ceiling, "" where that cannot
    be seen. `steps` tell the evaluation in words. `chart_settings` names what does what the remedy
    asks for in the Pod's chart or operator.
    """

    container: Container
    server: bool
    verdict: Verdict
    reason: Reason
    message: str
    remedy: str | None = None
    chart_settings: str | None = None
    denied: bool = False
    remedied: "Outcome | None" = None
    sizing: Sizing | None = None
    forks: bool = False
    replica_of: str | None = None
    eviction_policy: str | None = None
    snapshots: SnapshotState | None = None
    options: tuple[str, ...] = ()
    other_options: tuple[tuple[str, ...], ...] = ()
    after: Container | None = None
    source: str = ""
    warnings: tuple[AdmissionWarning, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The evaluation of a whole Pod under the settings of its namespace.

    `wanted` names the ConfigMaps that would have told more and were not among the files given;
    evaluating again with them can only make the evaluation more exact.
    """

    pod: Pod
    settings: NamespaceSettings
    outcomes: tuple[Outcome, ...]
    warnings: tuple[AdmissionWarning, ...] = ()
    wanted: tuple[str, ...] = ()

    @property
    def denied(self) -> Sequence[Outcome]:
        """The outcomes for which the Pod is refused when the mode is enforce."""
        return tuple(outcome for outcome in self.outcomes if outcome.denied)

    @property
    def servers(self) -> Sequence[Outcome]:
        """The outcomes of containers that run a server."""
        return tuple(outcome for outcome in self.outcomes if outcome.server)
