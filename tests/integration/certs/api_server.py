"""An HTTP server that answers as the Kubernetes API does, also with what a healthy one never says.

What a healthy API server really answers is tried in tests/cluster/test_certificates.py.
"""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import jsonpatch

CORE = "/api/v1/namespaces/system/secrets"
REGISTRATION = "/apis/admissionregistration.k8s.io/v1"

Answer = tuple[int, bytes, Mapping[str, str]]

WRITTEN = "2026-03-01T12:00:00Z"
# As kube-apiserver 1.37 answers a JSON Patch whose `test` failed.
PATCH_FAILED = json.dumps(
    {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "the server rejected our request due to an error in our request",
        "reason": "Invalid",
        "details": {},
        "code": 422,
    }
).encode()


class ApiServer(ThreadingHTTPServer):
    """Documents by path.

    `answers` holds status, body and more header fields that replace the true answer. `after_patch`
    is called with the path of each write, and may undo it.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.documents: dict[str, dict[str, Any]] = {}
        self.answers: dict[tuple[str, str], Answer] = {}
        self.requests: list[tuple[str, str]] = []
        self.after_patch: Callable[[str], None] = lambda _path: None
        self._version = 0

    def put(self, path: str, *, by: str = "helm", **content: object) -> None:
        """Write without asking, as the field manager `by`."""
        self._version += 1
        metadata = {
            "name": path.rsplit("/", 1)[-1],
            "resourceVersion": str(self._version),
            "managedFields": [{"manager": by, "operation": "Update", "time": WRITTEN}],
        }
        self.documents[path] = {**content, "metadata": metadata}

    def patch(self, path: str, operations: list[dict[str, object]], *, by: str) -> None:
        """Raises jsonpatch.JsonPatchException as an operation fails."""
        patched = jsonpatch.apply_patch(self.documents[path], operations)
        del patched["metadata"]
        self.put(path, by=by, **patched)

    def writes(self) -> list[str]:
        """The paths of all writes that were asked for, in order."""
        return [path for method, path in self.requests if method == "PATCH"]

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
        url = urlsplit(self.path)
        self.server.requests.append((method, url.path))
        replaced = self.server.answers.get((method, url.path))
        status, body, headers = replaced or self._true_answer(url, operations or [])
        self.send_response(status)
        truth = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in {**truth, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def _true_answer(self, url: SplitResult, operations: list[dict[str, object]]) -> Answer:
        if url.path not in self.server.documents:
            return 404, b'{"kind": "Status", "message": "not found"}', {}
        if operations:
            try:
                self.server.patch(url.path, operations, by=parse_qs(url.query)["fieldManager"][0])
            except jsonpatch.JsonPatchException:
                return 422, PATCH_FAILED, {}
        answer = json.dumps(self.server.documents[url.path]).encode()
        if operations:
            self.server.after_patch(url.path)
        return 200, answer, {}
