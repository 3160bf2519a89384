"""`/metrics`, `/livez` and `/readyz` over plain HTTP, for Prometheus and the kubelet."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from certs.health import Health

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def make_app(registry: CollectorRegistry, health: Health) -> "WSGIApplication":
    """Build the WSGI application."""
    metrics: WSGIApplication = make_wsgi_app(registry)

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                return metrics(environ, start_response)
            case "/livez":
                return _answer(start_response, ok=health.is_live)
            case "/readyz":
                return _answer(start_response, ok=health.is_ready)
            case _:
                start_response("404 Not Found", [("Content-Type", "text/plain")])
                return [b"not found\n"]

    return app


@contextmanager
def serve(app: "WSGIApplication", *, address: str, port: int) -> Iterator[int]:
    """Serve `app` from threads of its own and yield the port; raises OSError.

    An empty address is every address, IPv4 and, where the node has it, IPv6.
    """
    dual_stack = not address and socket.has_dualstack_ipv6()
    server = make_server(
        "::" if dual_stack else address,
        port,
        app,
        server_class=_DualStackServer if dual_stack else _Server,
        handler_class=_Handler,
    )
    thread = threading.Thread(target=server.serve_forever, name="endpoints", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(start_response: "StartResponse", *, ok: bool) -> Iterable[bytes]:
    status, body = ("200 OK", b"ok\n") if ok else ("503 Service Unavailable", b"not ok\n")
    start_response(status, [("Content-Type", "text/plain")])
    return [body]


class _Handler(WSGIRequestHandler):
    # A peer that connects and says nothing frees its thread after this many seconds.
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden name
        """Say nothing: a probe every few seconds is no event."""

    def address_string(self) -> str:
        """Return the peer's address without asking DNS for its name."""
        return str(self.client_address[0])


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _DualStackServer(_Server):
    address_family = socket.AF_INET6

    def server_bind(self) -> None:
        """Take IPv4 as well, whatever the node's net.ipv6.bindv6only says."""
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()
