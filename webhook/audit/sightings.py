"""Which servers of an audit are sighted for the floors of their next ceilings."""

from collections.abc import Iterable, Iterator

from webhook.audit.server import AuditedServer
from webhook.domain.policy.floors import server_name
from webhook.domain.reasons import Reason
from webhook.floors.record import Sighting


def sightings(servers: Iterable[AuditedServer]) -> Iterator[Sighting]:
    """Sight the servers whose lasting data gets a ceiling, and which tell what they hold.

    Only what a server itself counts tells that: the memory of its container holds more.
    """
    for server in servers:
        name = server_name(server.evaluation.pod, server.outcome.container)
        sizing, used = server.outcome.sizing, server.counted
        is_bounded = any(
            each.reason is Reason.DURABLE_DATA_BOUNDED for each in server.outcome.warnings
        )
        if name is None or sizing is None or used is None or not is_bounded:
            continue
        computed = sizing.maxmemory if sizing.raised is None else sizing.raised.computed
        yield Sighting(name=name, used=used, computed=computed)
