"""`/metrics`, `/livez` and `/readyz` over plain HTTP, for Prometheus and the kubelet."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

_SECONDS = 10.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # The inherited five overflow when all probes come at once.
    request_queue_size = 128

    def __init__(
        self, port: int, registry: CollectorRegistry, is_ready: Callable[[], bool]
    ) -> None:
        self.registry = registry
        self.is_ready = is_ready
        super().__init__(("", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a peer that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SECONDS

    def do_GET(self) -> None:
        """Answer the three paths."""
        match self.path.partition("?")[0]:
            case "/metrics":
                self._answer(HTTPStatus.OK, generate_latest(self.server.registry))
            case "/livez":
                self._answer(HTTPStatus.OK, b"live\n")
            case "/readyz" if self.server.is_ready():
                self._answer(HTTPStatus.OK, b"ready\n")
            case "/readyz":
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, b"no audit yet\n")
            case _:
                self._answer(HTTPStatus.NOT_FOUND, b"not found\n")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
        """Say nothing of each request."""

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE_LATEST)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(port: int, registry: CollectorRegistry, is_ready: Callable[[], bool]) -> Iterator[int]:
    """Serve in threads of their own and yield the port. Raises OSError where it is taken."""
    server = _Server(port, registry, is_ready)
    thread = threading.Thread(target=server.serve_forever, name="endpoints", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
