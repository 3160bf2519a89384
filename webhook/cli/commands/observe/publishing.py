"""What an audit in the cluster writes: floors for the webhook, Reports, and Events on workloads."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from webhook.audit.fate import Fate, fate_of
from webhook.audit.gathering import Gap
from webhook.audit.risks import Risk, risks_of
from webhook.audit.server import AuditedServer
from webhook.audit.sightings import sightings
from webhook.cli.commands.cluster_session import Looked
from webhook.cli.commands.observe.request import Request
from webhook.cli.report.audit.cells import when_recreated
from webhook.cli.report.audit.openreports import encode_reports
from webhook.cluster.connection import ClusterError
from webhook.cluster.events import WorkloadEvent, publish_events
from webhook.cluster.floors import read_record, write_record
from webhook.cluster.reading import ClusterReader
from webhook.cluster.reports import publish_reports
from webhook.floors.record import NOTHING, remember
from webhook.floors.text import RecordError
from webhook.observability.logs import EventLog

_LOG = EventLog("redis-memory-guard-audit")


def publish(request: Request, looked: Looked, now: datetime) -> Iterator[Gap]:
    """Write what is asked for; what cannot be written is a gap, and no reason to end."""
    for what, write in _writers(request, looked, now):
        try:
            write()
        except ClusterError as error:
            yield Gap(namespace="", what=what, why=str(error))


def _writers(
    request: Request, looked: Looked, now: datetime
) -> Iterator[tuple[str, Callable[[], None]]]:
    if request.floors is not None:
        yield "floors", partial(_keep_floors, request.floors, looked, now)
    if request.reports:
        yield "OpenReports", partial(_publish_reports, looked)
    if request.events:
        yield "Events", partial(_publish_events, looked, now)


def _keep_floors(place: str, looked: Looked, now: datetime) -> None:
    """Bring the record of what durable servers hold up to date; one that is broken begins anew."""
    namespace, _, name = place.partition("/")
    api = looked.cluster.client()
    try:
        record = read_record(ClusterReader(api), namespace, name)
    except RecordError as error:
        _LOG.warning("floors begun anew", problem=f"{place}: {error}")
        record = NOTHING
    record = remember(record, sightings(looked.servers), now)
    write_record(api, namespace, name, record)
    _LOG.info("floors kept", servers=len(record))


def _publish_reports(looked: Looked) -> None:
    homes = set(looked.names) - {gap.namespace for gap in looked.gaps}
    written = publish_reports(looked.cluster.client(), encode_reports(looked.servers), homes)
    _LOG.info("reports written", changes=str(written))


def _publish_events(looked: Looked, now: datetime) -> None:
    publish_events(looked.cluster.client(), [*_events(looked.servers)], now)


def _events(servers: tuple[AuditedServer, ...]) -> Iterator[WorkloadEvent]:
    """Tell the owners of what is refused, or cannot be given a ceiling."""
    for server in servers:
        refused = fate_of(server) is Fate.REFUSED
        if not refused and Risk.UNENFORCEABLE not in risks_of(server):
            continue
        workload = server.workload
        yield WorkloadEvent(
            api_version=workload.api_version,
            kind=workload.kind,
            namespace=workload.namespace,
            name=workload.name,
            uid=workload.uid,
            reason="RedisWouldBeRefused" if refused else "RedisWithoutCeiling",
            message=(
                f"container {server.outcome.container.name}: {when_recreated(server)}: "
                f"{server.outcome.message}"
            ),
        )
