"""The gunicorn worker: two ports, a certificate renewed while serving, and a drain.

docs/decisions/0001-an-event-driven-worker.md says what gunicorn's own gevent worker lacks.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import FrameType

import gevent
from gevent import Greenlet
from gevent.event import Event
from gevent.socket import socket as Socket  # noqa: N812 - it is a class
from gunicorn.workers.ggevent import GeventWorker

from webhook.observability.labels import NO_WEBHOOK
from webhook.observability.logs import EventLog
from webhook.server.gunicorn.accepting import CappedServer
from webhook.server.gunicorn.connections import Connections
from webhook.server.gunicorn.conversation import REQUEST_SECONDS, Port, converse
from webhook.server.gunicorn.dismissal import Waiting
from webhook.server.gunicorn.open_files import connections_within
from webhook.server.gunicorn.serving import Serving
from webhook.server.tls.certificate_watch import CertificateWatch
from webhook.server.tls.handshake import shake_hands
from webhook.server.watching import keep_looking

# the kubelet dials for every probe, and Prometheus again when its connection is gone
_PROBE_IDLE_SECONDS = 10

_HEARTBEAT_SECONDS = 0.5

_LOG = EventLog("redis-memory-guard")


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves reviews over TLS on the first socket and probes over plain HTTP on the second."""

    def run(self) -> None:
        """Serve until told to stop, then drain."""
        serving: Serving = self.app.serving
        self._leaving = Event()
        gevent.get_hub().print_exception = partial(_log_bug, serving)
        webhook, probes = self._servers(serving)
        probes.start()
        webhook.start()
        watch = CertificateWatch(serving.certificates, ready=partial(_log_ready, serving))
        gevent.spawn(keep_looking, watch.look, what="certificate")
        gevent.spawn(keep_looking, partial(_look_at_floors, serving), what="floors")
        while self.alive:
            self.notify()
            webhook.keep_cap()
            probes.keep_cap()
            self._leaving.wait(_HEARTBEAT_SECONDS)
        self._drain(webhook, serving)
        probes.stop(timeout=0)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Be not ready at once; from here on every answer carries `Connection: close`."""
        self.app.serving.readiness.drain()
        super().handle_exit(sig, frame)
        gevent.get_hub().loop.run_callback_threadsafe(self._leaving.set)

    def _servers(self, serving: Serving) -> tuple[CappedServer, CappedServer]:
        caps = connections_within(serving.settings.connections)
        tls, plain = self.sockets
        reviews = self._port(serving, tls, serving.connections, serving.waiting)
        probed = self._port(serving, plain, Connections(), Waiting())
        webhook = _listen(tls, partial(_serve_tls, serving, reviews), reviews, cap=caps.reviews)
        serving.metrics.watch_connections(lambda: len(webhook.pool))
        return webhook, _listen(plain, partial(_serve, probed), probed, cap=caps.probes)

    def _drain(self, webhook: CappedServer, serving: Serving) -> None:
        """Answer whoever dials while the endpoints forget this replica, then close.

        Who is connected already is sent elsewhere, and so is, after a while, who dials and is
        silent.
        """
        seconds = serving.settings.drain_seconds
        _LOG.info("draining", seconds=seconds)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.notify()
            serving.waiting.dismiss()
            gevent.sleep(min(_HEARTBEAT_SECONDS, left))
        serving.waiting.dismiss()
        gevent.sleep(0)
        webhook.finish(seconds=REQUEST_SECONDS)
        _LOG.info("stopped")

    def _port(
        self,
        serving: Serving,
        listener: Socket,
        connections: Connections[Greenlet],
        waiting: Waiting,
    ) -> Port:
        listener.setblocking(1)
        is_probes = listener is self.sockets[1]
        return Port(
            name=listener.getsockname(),
            cfg=self.cfg,
            application=serving.probes if is_probes else serving.application,
            reviews=None if is_probes else serving.reviews,
            connections=connections,
            waiting=waiting,
            metrics=serving.metrics,
            idle_seconds=_PROBE_IDLE_SECONDS if is_probes else self.cfg.keepalive,
            is_leaving=lambda: not self.alive,
        )


def _listen(
    listener: Socket, handle: Callable[[Socket, object], None], port: Port, *, cap: int
) -> CappedServer:
    return CappedServer(
        listener, handle, cap=cap, connections=port.connections, evicted=port.metrics.evicted
    )


def _serve(port: Port, client: Socket, address: object) -> None:
    me = gevent.getcurrent()
    port.connections.arrive(me)
    try:
        converse(port, client, address)
    finally:
        port.connections.leave(me)


def _serve_tls(serving: Serving, port: Port, client: Socket, address: object) -> None:
    me = gevent.getcurrent()
    port.connections.arrive(me)
    try:
        tls = shake_hands(
            client, address, certificates=serving.certificates, metrics=serving.metrics
        )
        if tls is not None:
            converse(port, tls, address)
    finally:
        port.connections.leave(me)


def _look_at_floors(serving: Serving) -> None:
    serving.floors.look(datetime.now(UTC))


def _log_bug(
    serving: Serving, _context: object, _type: type, error: BaseException, _traceback: object
) -> None:
    """Log the end of a greenlet that nobody waits for as a line like any other, and count it."""
    serving.metrics.internal_error(NO_WEBHOOK)
    try:
        raise error  # noqa: TRY301 - what is handled is what is logged
    except BaseException:  # noqa: BLE001 - it ends here
        _LOG.exception("internal error", webhook=NO_WEBHOOK)


def _log_ready(serving: Serving) -> None:
    settings = serving.settings
    _LOG.info(
        "ready",
        url=settings.url,
        webhooks=",".join(serving.reviews.webhooks),
        certificate=str(settings.cert),
        policy=str(settings.policy or "built-in"),
    )
