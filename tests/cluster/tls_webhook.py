"""A webhook that allows everything, and serves the newest certificate it was given."""

import json
import socket
import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from tests.cluster.certificate_installation import WEBHOOK_PORT
from tests.harness.json_answer import answer


class TlsWebhook(ThreadingHTTPServer):
    """Answers one request a connection, so that every call is a handshake."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, directory: Path) -> None:
        super().__init__(("127.0.0.1", WEBHOOK_PORT), _Handler)
        self.calls = 0
        self._directory = directory
        self._context: ssl.SSLContext | None = None
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def load(self, data: Mapping[str, bytes]) -> None:
        """Serve the pair of this Secret from the next connection on."""
        certificate, key = self._directory / "tls.crt", self._directory / "tls.key"
        certificate.write_bytes(data["tls.crt"])
        key.write_bytes(data["tls.key"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._context = context

    def finish_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        """Shake hands in the connection's own thread."""
        assert self._context is not None
        try:
            with self._context.wrap_socket(request, server_side=True) as connection:
                super().finish_request(connection, client_address)  # type: ignore[arg-type]
        except OSError:
            pass  # the API server refused the certificate, and counts that itself


class _Handler(BaseHTTPRequestHandler):
    server: TlsWebhook

    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls += 1
        response = {"uid": review["request"]["uid"], "allowed": True}
        kind = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}
        answer(self, {**kind, "response": response})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as overridden
        pass
