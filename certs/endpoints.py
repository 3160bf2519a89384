"""`/metrics`, `/livez` and `/readyz` over plain HTTP, for Prometheus and the kubelet.

Whoever reaches the port may connect. So silent peers give way to new ones, and what goes wrong with
a peer is no event; what goes wrong with us is one log line.
"""

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from certs.health import Health
from webhook.observability.logs import EventLog

_LOG = EventLog("redis-memory-guard-certs")

# The kubelet and two Prometheus servers need three.
_MOST_CONNECTIONS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer to a GET."""

    status: HTTPStatus
    body: bytes
    content_type: str = "text/plain; charset=utf-8"


def answer(path: str, registry: CollectorRegistry, health: Health) -> Answer:
    """Answer a GET of `path`, which may have a query."""
    match path.partition("?")[0]:
        case "/metrics":
            return Answer(
                status=HTTPStatus.OK,
                body=generate_latest(registry),
                content_type=CONTENT_TYPE_LATEST,
            )
        case "/livez":
            return _state(ok=health.is_live)
        case "/readyz":
            return _state(ok=health.is_ready)
        case _:
            return Answer(status=HTTPStatus.NOT_FOUND, body=b"not found\n")


@contextmanager
def serve(get: Callable[[str], Answer], *, address: str, port: int) -> Iterator[int]:
    """Serve what `get` answers from threads of its own and yield the port; raises OSError.

    An empty address is every address, IPv4 and, where the node has it, IPv6.
    """
    dual_stack = not address and socket.has_dualstack_ipv6()
    kind = _DualStackServer if dual_stack else _Server
    server = kind("::" if dual_stack else address, port, get)
    thread = threading.Thread(target=server.serve_forever, name="endpoints", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _state(*, ok: bool) -> Answer:
    if ok:
        return Answer(status=HTTPStatus.OK, body=b"ok\n")
    return Answer(status=HTTPStatus.SERVICE_UNAVAILABLE, body=b"not ok\n")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # The inherited five overflow when all probes come at once, and a peer then waits for seconds.
    request_queue_size = 128

    def __init__(self, address: str, port: int, get: Callable[[str], Answer]) -> None:
        self.get = get
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, None] = {}
        super().__init__((address, port), _Handler)

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        """Answer in a thread of its own; over the cap the oldest connection ends."""
        with self._lock:
            self._connections[request] = None
            if len(self._connections) > _MOST_CONNECTIONS:
                oldest = next(iter(self._connections))
                del self._connections[oldest]
                with suppress(OSError):  # its peer was first
                    oldest.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        """Forget a connection whose thread ends."""
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, _request: object, _client_address: object) -> None:
        """Log what is our fault, as one line; the overridden one prints a traceback."""
        if not isinstance(sys.exception(), OSError):
            _LOG.exception("bug")


class _DualStackServer(_Server):
    address_family = socket.AF_INET6

    def server_bind(self) -> None:
        """Take IPv4 as well, whatever the node's net.ipv6.bindv6only says."""
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    # A peer that says nothing frees its thread after this many seconds.
    timeout = 5
    # What cannot be parsed is answered with a status line, too.
    default_request_version = "HTTP/1.0"

    def do_GET(self) -> None:
        """Answer a GET, the only method there is."""
        self._send(self.server.get(self.path))

    def send_error(self, code: int, *_details: str | None) -> None:
        """Refuse what is no request of ours in plain text that repeats nothing of it."""
        status = HTTPStatus(code)
        self._send(Answer(status=status, body=f"{status.phrase.lower()}\n".encode("ascii")))

    def version_string(self) -> str:
        """Tell strangers no version."""
        return "redis-memory-guard-certs"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden name
        """Say nothing: a probe every few seconds is no event."""

    def _send(self, answered: Answer) -> None:
        self.close_connection = True
        self.send_response(answered.status)
        self.send_header("Content-Type", answered.content_type)
        self.send_header("Content-Length", str(len(answered.body)))
        self.end_headers()
        self.wfile.write(answered.body)
