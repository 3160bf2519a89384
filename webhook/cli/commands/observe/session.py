"""The loop of `observe`: look, tell, wait."""

import signal
import threading
import time
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from webhook.audit.asking import ExecAsker, with_live
from webhook.audit.gathering import Gap
from webhook.audit.usage import with_usage
from webhook.cli.commands.cluster_session import InputError, open_session
from webhook.cli.commands.observe.endpoints import serving
from webhook.cli.commands.observe.metrics import AuditMetrics
from webhook.cli.commands.observe.publishing import publish
from webhook.cli.commands.observe.request import Request
from webhook.cli.commands.release_policy import PolicyNotFoundError
from webhook.cli.report.audit.report import AuditReport
from webhook.cluster.connection import ClusterError
from webhook.cluster.execution import Executor
from webhook.cluster.prometheus import Prometheus, PrometheusError
from webhook.domain.policy.settings import Mode
from webhook.observability.logs import EventLog, configure_logs

_LOG = EventLog("redis-memory-guard-audit")


def run_session(request: Request) -> int:
    """Look until SIGTERM; gives 0, or 2 where the port is taken."""
    configure_logs(request.log_level)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    registry = CollectorRegistry()
    metrics = AuditMetrics(registry)
    try:
        with serving(request.port, registry, lambda: metrics.has_report):
            while not stopped.is_set():
                _look(request, metrics)
                stopped.wait(request.interval)
    except OSError as error:
        _LOG.warning("port cannot be served", port=request.port, problem=str(error))
        return 2
    return 0


def _look(request: Request, metrics: AuditMetrics) -> None:
    began = time.monotonic()
    try:
        report = _take(request)
    except (InputError, PolicyNotFoundError, ClusterError) as error:
        metrics.failed()
        _LOG.warning("audit failed", problem=str(error))
        return
    except Exception:  # noqa: BLE001 - a bug is no reason to stop looking: it is told, and counted
        metrics.failed()
        _LOG.exception("audit failed")
        return
    metrics.taken(report, time.monotonic() - began)
    fates = {str(fate): count for fate, count in report.fates.items()}
    _LOG.info("audit taken", servers=len(report.all_servers), gaps=len(report.gaps), **fates)
    for gap in report.gaps:
        _LOG.warning("audit incomplete", gap=str(gap))


def _take(request: Request) -> AuditReport:
    session = open_session(request)
    looked = session.look(Mode.ENFORCE)
    servers, gaps = looked.servers, list(looked.gaps)
    if request.live == "exec":
        servers = tuple(with_live(servers, ExecAsker(executor=Executor(looked.cluster))))
    if request.prometheus is not None:
        try:
            servers = tuple(with_usage(servers, Prometheus(request.prometheus).query))
        except PrometheusError as error:
            gaps.append(Gap(namespace="", what="Prometheus", why=str(error)))
    now = datetime.now(UTC)
    gaps += publish(request, looked, servers, now)
    return AuditReport(
        cluster=looked.cluster.name,
        version=looked.cluster.version,
        policy=looked.policy.policy,
        policy_source=looked.policy.source,
        assumed=Mode.ENFORCE,
        taken_at=now,
        servers=servers,
        all_servers=servers,
        namespaces=looked.namespaces,
        pods_seen=looked.pods_seen,
        gaps=tuple(gaps),
    )
