"""What an audit found, in values that the outputs render."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from webhook.audit.fate import Fate, fate_of, is_unguarded
from webhook.audit.gathering import Gap
from webhook.audit.risks import AT_RISK, Risk, risks_of
from webhook.audit.server import AuditedServer
from webhook.cli.report.finding import Finding, ObjectLocation
from webhook.domain.policy.settings import Mode, Policy

FindingKey = tuple[str, str, str, str]
"""Namespace, kind, name and container: what a finding is known by from one audit to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """One look at a cluster. `servers` are those to show, `all_servers` those that count.

    `policy_source` says where the policy is from. `gaps` say what could not be read: the report is
    then of a part of what was asked for.
    """

    cluster: str
    version: str
    policy: Policy
    policy_source: str
    assumed: Mode
    taken_at: datetime
    servers: tuple[AuditedServer, ...]
    all_servers: tuple[AuditedServer, ...]
    namespaces: int
    pods_seen: int
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def fates(self) -> Mapping[Fate, int]:
        """How many servers have each fate."""
        counts = Counter(map(fate_of, self.all_servers))
        return {fate: counts[fate] for fate in Fate}

    @property
    def risks(self) -> Mapping[Risk, int]:
        """How many servers have each risk."""
        counts = Counter(risk for server in self.all_servers for risk in risks_of(server))
        return {risk: counts[risk] for risk in Risk}

    @property
    def workloads(self) -> int:
        """How many workloads have a server."""
        return len({server.workload for server in self.all_servers})


def finding_of(server: AuditedServer, cluster: str) -> Finding:
    """Make the finding that `check` knows, with an object of the cluster as its location."""
    workload = server.workload
    location = ObjectLocation(
        cluster=cluster,
        api_version=workload.api_version,
        kind=workload.kind,
        namespace=workload.namespace,
        name=workload.name,
    )
    return Finding(location=location, evaluation=server.evaluation, outcome=server.outcome)


def key_of(server: AuditedServer) -> FindingKey:
    """Give what a finding is known by."""
    workload = server.workload
    return workload.namespace, workload.kind, workload.name, server.outcome.container.name


SELECTIONS: Mapping[str, Callable[[AuditedServer], bool]] = {
    "refused": lambda server: Risk.REFUSED in risks_of(server),
    "at-risk": lambda server: bool(AT_RISK & {*risks_of(server)}),
    "unguarded": is_unguarded,
    "unenforceable": lambda server: Risk.UNENFORCEABLE in risks_of(server),
    "hidden": lambda server: Risk.HIDDEN in risks_of(server),
    "drifted": lambda server: Risk.DRIFTED in risks_of(server),
}
"""What --only may name."""

_NEVER = datetime.min.replace(tzinfo=UTC)


def _by_risk(server: AuditedServer) -> tuple[object, ...]:
    order = [list(Risk).index(risk) for risk in risks_of(server)]
    return min(order, default=len(Risk)), *key_of(server)


def _by_oom(server: AuditedServer) -> tuple[object, ...]:
    latest = max((each.state.oom_killed_at or _NEVER for each in server.pods), default=_NEVER)
    return -latest.timestamp() if latest != _NEVER else 0.0, *key_of(server)


def _by_size(server: AuditedServer) -> tuple[object, ...]:
    return -(server.outcome.container.memory_limit or 0), *key_of(server)


ORDERS: Mapping[str, Callable[[AuditedServer], tuple[object, ...]]] = {
    "risk": _by_risk,
    "oom": _by_oom,
    "namespace": key_of,
    "size": _by_size,
}
"""What --sort may name."""


def chosen(
    servers: Sequence[AuditedServer], only: Sequence[str], order: str
) -> tuple[AuditedServer, ...]:
    """Choose the servers that one of the selections takes (all without any), and sort them."""
    taken = [each for each in servers if not only or any(SELECTIONS[name](each) for name in only)]
    return tuple(sorted(taken, key=ORDERS[order]))
