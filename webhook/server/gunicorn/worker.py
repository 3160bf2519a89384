"""The gunicorn worker: gevent, with deadlines, a certificate renewed while serving, and a drain.

gunicorn's own gevent worker (27.0) sets no deadline for a handshake, a body or taking an answer,
stops accepting for as long as `worker_connections` peers are parked, and shows for ever the
certificate it started with. Its HTTP parser and its handling of one request are used as they are.
"""

import time
from contextlib import nullcontext
from functools import partial
from types import FrameType

import gevent
from gevent.lock import BoundedSemaphore
from gevent.server import StreamServer
from gevent.socket import socket as Socket  # noqa: N812 - it is a class
from gunicorn.http import get_parser
from gunicorn.http.errors import NoMoreData
from gunicorn.http.message import Request
from gunicorn.http.parser import Parser
from gunicorn.util import close, close_graceful
from gunicorn.workers.base_async import AsyncWorker
from gunicorn.workers.ggevent import GeventWorker

from webhook.observability.logs import EventLog
from webhook.server.gunicorn.accepting import CappedServer
from webhook.server.gunicorn.serving import Serving
from webhook.server.tls.certificate_watch import CertificateWatch
from webhook.server.tls.handshake import shake_hands

# from a request's first byte to the last of its answer; kube-apiserver waits 3 s
REQUEST_SECONDS = 10

# what a refused request may still send before its connection is closed instead of kept
_LARGEST_DISCARD = 16 * 1024 * 1024
_HEARTBEAT_SECONDS = 0.5

# a review is a few kilobytes; bodies over this size are read a few at a time, or hundreds of the
# largest allowed at once would be more than the container's memory
_LARGE_BODY = 64 * 1024
_LARGE_BODIES_AT_ONCE = 4

_LOG = EventLog("redis-memory-guard")


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves reviews over TLS on the first socket and probes over plain HTTP on the second."""

    def run(self) -> None:
        """Serve until told to stop, then drain."""
        serving: Serving = self.app.serving
        self._large_bodies = BoundedSemaphore(_LARGE_BODIES_AT_ONCE)
        webhook, probes = self._servers(serving)
        probes.start()
        webhook.start()
        watch = CertificateWatch(serving.certificates, ready=partial(_log_ready, serving))
        gevent.spawn(watch.run)
        while self.alive:
            self.notify()
            webhook.keep_cap()
            gevent.sleep(_HEARTBEAT_SECONDS)
        self._drain(webhook, seconds=serving.settings.drain_seconds)
        probes.stop(timeout=0)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Be not ready at once; from here on every answer carries `Connection: close`."""
        self.app.serving.readiness.drain()
        super().handle_exit(sig, frame)

    def _servers(self, serving: Serving) -> tuple[CappedServer, StreamServer]:
        for listener in self.sockets:
            listener.setblocking(1)
        tls, plain = self.sockets
        webhook = CappedServer(
            tls,
            partial(self._serve_tls, serving, tls.getsockname()),
            cap=serving.settings.connections,
            connections=serving.connections,
            evicted=serving.metrics.evicted,
        )
        serving.metrics.watch_connections(lambda: len(webhook.pool))
        # the kubelet and Prometheus must get in whatever happens at the other port
        return webhook, StreamServer(plain, partial(self._converse, serving, plain.getsockname()))

    def _drain(self, webhook: CappedServer, *, seconds: float) -> None:
        """Answer what still comes while the endpoints forget this replica, then close."""
        _LOG.info("draining", seconds=seconds)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.notify()
            gevent.sleep(min(_HEARTBEAT_SECONDS, max(0.0, end - time.monotonic())))
        webhook.finish(seconds=REQUEST_SECONDS)
        _LOG.info("stopped")

    def _serve_tls(self, serving: Serving, name: object, client: Socket, address: object) -> None:
        me = gevent.getcurrent()
        serving.connections.arrive(me)
        try:
            tls = shake_hands(
                client, address, certificates=serving.certificates, metrics=serving.metrics
            )
            if tls is not None:
                self._converse(serving, name, tls, address)
        finally:
            serving.connections.leave(me)

    def _converse(self, serving: Serving, name: object, client: Socket, address: object) -> None:
        """Answer one request after the other until either side is done."""
        me = gevent.getcurrent()
        parser = get_parser(self.cfg, client, address)
        try:
            while self._await_request(parser):
                serving.connections.ask(me, now=time.monotonic())
                if not self._answer(parser, name, client, address):
                    break
                serving.connections.rest(me)
        except (NoMoreData, StopIteration):
            pass
        except OSError as error:
            _LOG.debug("connection lost", peer=str(address), problem=str(error))
        except Exception as error:  # noqa: BLE001 - the top of a connection: 400, or a logged 500
            self.handle_error(parser.mesg, client, address, error)
            close_graceful(client)  # what is still unread would reset the answer
        finally:
            close(client)

    def _await_request(self, parser: Parser) -> bool:
        """Wait for a request's first byte; a connection may be silent for the keep-alive time."""
        with gevent.Timeout(self.cfg.keepalive, exception=False):
            head = parser.unreader.read()
            parser.unreader.unread(head)
            return bool(head)
        return False

    def _answer(self, parser: Parser, name: object, client: Socket, address: object) -> bool:
        """Read and answer one request; tell whether the connection can carry another one."""
        with gevent.Timeout(REQUEST_SECONDS, exception=False):
            request = next(parser)
            with self._large_bodies if _has_large_body(request) else nullcontext():
                kept = self._handled(name, request, client, address)
            # what was not read must not be taken for the next request, nor reset the answer
            return bool(parser.finish_body(max_bytes=_LARGEST_DISCARD)) and kept
        _LOG.warning("request not finished in time", peer=str(address), seconds=REQUEST_SECONDS)
        return False

    def _handled(self, name: object, request: Request, client: Socket, address: object) -> bool:
        try:
            # GeventWorker's own would swallow the end of a greenlet that is closed for room
            AsyncWorker.handle_request(self, name, request, client, address)
        except StopIteration:  # how gunicorn says that its answer closes the connection
            return False
        return True


def _has_large_body(request: Request) -> bool:
    """Tell whether a body is large, or may be because its length was not announced."""
    fields = dict(request.headers)
    if "TRANSFER-ENCODING" in fields:
        return True
    return int(fields.get("CONTENT-LENGTH", 0)) > _LARGE_BODY


def _log_ready(serving: Serving) -> None:
    settings = serving.settings
    _LOG.info(
        "ready",
        url=settings.url,
        webhooks=",".join(serving.webhooks),
        certificate=str(settings.cert),
        policy=str(settings.policy or "built-in"),
    )
