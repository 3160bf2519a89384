"""What audit and observe do with a look: ask beside the API server, and report."""

from dataclasses import dataclass, replace
from datetime import datetime

from webhook.audit.asking import Ask, ExecAsker, with_live
from webhook.audit.gathering import Gap
from webhook.audit.usage import with_usage
from webhook.cli.commands.cluster_session import ClusterRequest, Looked
from webhook.cli.report.audit.report import AuditReport
from webhook.cluster.connection import OpenedCluster
from webhook.cluster.execution import Executor
from webhook.cluster.prometheus import Prometheus, PrometheusError
from webhook.domain.policy.settings import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest(ClusterRequest):
    """Where to look, and whom to ask: running servers by `exec`, a Prometheus at a URL."""

    live: str
    prometheus: str | None

    @property
    def asks_servers(self) -> bool:
        """Tell whether the running servers are asked."""
        return self.live == "exec"


def asker_of(cluster: OpenedCluster) -> Ask:
    """Give what asks a cluster's containers, by pods/exec."""
    return ExecAsker(executor=Executor(cluster))


def ask(request: AuditRequest, looked: Looked) -> Looked:
    """Put the answers beside the servers; a Prometheus that gives none is a gap."""
    servers, gaps = looked.servers, looked.gaps
    if request.asks_servers:
        servers = tuple(with_live(servers, asker_of(looked.cluster)))
    if request.prometheus is not None:
        prometheus = Prometheus(request.prometheus, seconds=request.request_timeout)
        try:
            servers = tuple(with_usage(servers, prometheus.query))
        except PrometheusError as error:
            gaps = (*gaps, Gap(namespace="", what="Prometheus", why=str(error)))
    return replace(looked, servers=servers, gaps=gaps)


def report_of(looked: Looked, *, assumed: Mode, taken_at: datetime) -> AuditReport:
    """Report on a look, with every server of it to show."""
    return AuditReport(
        cluster=looked.cluster.name,
        version=looked.cluster.version,
        policy=looked.policy.policy,
        policy_source=looked.policy.source,
        assumed=assumed,
        taken_at=taken_at,
        servers=looked.servers,
        all_servers=looked.servers,
        namespaces=looked.namespaces,
        pods_seen=looked.pods_seen,
        gaps=looked.gaps,
    )
