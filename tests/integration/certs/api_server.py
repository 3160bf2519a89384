"""An HTTP server that answers as the Kubernetes API does, also with what a healthy one never says.

What a healthy API server really answers is tried in tests/cluster/test_certificates.py.
"""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonpatch

CORE = "/api/v1/namespaces/system/secrets"
REGISTRATION = "/apis/admissionregistration.k8s.io/v1"


class ApiServer(ThreadingHTTPServer):
    """Documents by path; `answers` holds status and body that replace the true answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.documents: dict[str, dict[str, Any]] = {}
        self.answers: dict[tuple[str, str], tuple[int, bytes]] = {}
        self.requests: list[tuple[str, str]] = []
        self._version = 0

    def put(self, path: str, **content: object) -> None:
        self._version += 1
        metadata = {"name": path.rsplit("/", 1)[-1], "resourceVersion": str(self._version)}
        self.documents[path] = {**content, "metadata": metadata}

    def patch(self, path: str, operations: list[dict[str, object]]) -> None:
        """Raises jsonpatch.JsonPatchException as an operation fails."""
        patched = jsonpatch.apply_patch(self.documents[path], operations)
        self.put(path, **patched)

    def data(self, secret: str) -> Mapping[str, bytes]:
        encoded = self.documents[f"{CORE}/{secret}"]["data"]
        return {key: base64.b64decode(value) for key, value in encoded.items()}

    def write_kubeconfig(self, directory: Path) -> Path:
        path = directory / "kubeconfig"
        url = f"http://127.0.0.1:{self.server_port}"
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "stub", "cluster": {"server": url}}],
            "users": [{"name": "stub", "user": {}}],
            "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "stub"}}],
            "current-context": "stub",
        }
        path.write_text(json.dumps(config))
        return path


@contextmanager
def running() -> Iterator[ApiServer]:
    """An API server with an installation as the chart renders it."""
    server = ApiServer()
    server.put(f"{CORE}/guard-ca")
    server.put(f"{CORE}/guard-tls", data={"tls.crt": "", "tls.key": ""})
    for kind in ("mutating", "validating"):
        webhooks = [{"name": f"{n}.guard", "clientConfig": {}} for n in ("pods", "advice")]
        server.put(f"{REGISTRATION}/{kind}webhookconfigurations/guard", webhooks=webhooks)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ApiServer

    def do_GET(self) -> None:
        self._answer("GET")

    def do_PATCH(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/json-patch+json"
        self._answer("PATCH", json.loads(body))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as overridden
        pass

    def _answer(self, method: str, operations: list[dict[str, object]] | None = None) -> None:
        self.server.requests.append((method, self.path))
        status, body = self.server.answers.get(
            (method, self.path), self._true_answer(operations or [])
        )
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _true_answer(self, operations: list[dict[str, object]]) -> tuple[int, bytes]:
        if self.path not in self.server.documents:
            return 404, b'{"kind": "Status", "message": "not found"}'
        try:
            if operations:
                self.server.patch(self.path, operations)
        except jsonpatch.JsonPatchException:
            return 422, b'{"kind": "Status", "message": "the server rejected our request"}'
        return 200, json.dumps(self.server.documents[self.path]).encode()
