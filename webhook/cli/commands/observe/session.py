"""The loop of `observe`: look, tell, wait."""

import signal
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from webhook.cli.commands.audit_look import ask, report_of
from webhook.cli.commands.cluster_session import InputError, open_session
from webhook.cli.commands.observe.endpoints import serving
from webhook.cli.commands.observe.metrics import AuditMetrics
from webhook.cli.commands.observe.publishing import publish
from webhook.cli.commands.observe.request import Request
from webhook.cli.commands.release_policy import PolicyNotFoundError
from webhook.cli.report.audit.report import AuditReport
from webhook.cli.terminal.exit_codes import BAD_INPUT
from webhook.cluster.connection import ClusterError
from webhook.domain.policy.settings import Mode
from webhook.observability.logs import EventLog, configure_logs

_LOG = EventLog("redis-memory-guard-audit")


def run_session(request: Request) -> int:
    """Look until SIGTERM; gives 0, or BAD_INPUT where the port is taken."""
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
        return BAD_INPUT
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
    looked = ask(request, open_session(request).look(Mode.ENFORCE))
    now = datetime.now(UTC)
    unwritten = tuple(publish(request, looked, now))
    report = report_of(looked, assumed=Mode.ENFORCE, taken_at=now)
    return replace(report, gaps=report.gaps + unwritten)
