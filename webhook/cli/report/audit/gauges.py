"""The counts of an audit as gauges, for every output that is read by Prometheus."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from webhook.audit.fate import fate_of, is_unguarded
from webhook.audit.risks import risks_of
from webhook.audit.server import AuditedServer
from webhook.cli.report.audit.report import AuditReport


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedServers:
    """One gauge: how many servers there are for each value of its labels."""

    name: str
    documentation: str
    labels: tuple[str, ...]
    counts: Mapping[tuple[str, ...], int]


def counted_servers(report: AuditReport) -> Iterator[CountedServers]:
    """Count the servers of a report, namespace by namespace."""
    servers = report.all_servers
    yield CountedServers(
        name="redis_memory_guard_servers",
        documentation="Redis servers by what becomes of them in their next Pod.",
        labels=("namespace", "state"),
        counts=_count((_home(each), str(fate_of(each))) for each in servers),
    )
    yield CountedServers(
        name="redis_memory_guard_servers_at_risk",
        documentation="Redis servers by what may go wrong with them.",
        labels=("namespace", "risk"),
        counts=_count((_home(each), str(risk)) for each in servers for risk in risks_of(each)),
    )
    yield CountedServers(
        name="redis_memory_guard_servers_unguarded",
        documentation="Redis servers of which a Pod runs without a ceiling now, exempt ones aside.",
        labels=("namespace",),
        counts={
            **{(_home(each),): 0 for each in servers},
            **_count((_home(each),) for each in servers if is_unguarded(each)),
        },
    )
    yield CountedServers(
        name="redis_memory_guard_servers_oom_killed",
        documentation="Redis servers whose last end was a kill for memory, in spite of a ceiling "
        "(guarded) or without one.",
        labels=("namespace", "guarded"),
        counts=_count((_home(each), guarded) for each in servers for guarded in _killed(each)),
    )


def _killed(server: AuditedServer) -> Iterable[str]:
    """Tell for the Pods that were killed whether they had a ceiling; each answer once."""
    killed = (pod for pod in server.pods if pod.state.oom_killed_at)
    return {"false" if pod.ceiling is None else "true" for pod in killed}


def _home(server: AuditedServer) -> str:
    return server.workload.namespace


def _count(values: Iterable[tuple[str, ...]]) -> Mapping[tuple[str, ...], int]:
    return dict(sorted(Counter(values).items()))
