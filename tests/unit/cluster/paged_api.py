"""An API server that knows lists of Pods only, over real HTTP, and forgets continuations."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from kubernetes import client

from webhook.cluster.reading import ClusterReader


@dataclass
class PagedApi:
    """`names` are the Pods; the first `expiring` continuations are answered 410, as expired,
    and the first `busy` requests 429.
    """

    names: list[str]
    expiring: int = 0
    status: int = 200
    busy: int = 0
    queries: list[dict[str, str]] = field(default_factory=list)

    def answer(self, query: dict[str, str]) -> tuple[int, object]:
        self.queries.append(query)
        if self.busy:
            self.busy -= 1
            return 429, {"kind": "Status", "message": "too many requests"}
        if self.status != 200:
            return self.status, {"kind": "Status", "message": "pods is forbidden"}
        if "continue" in query and self.expiring:
            self.expiring -= 1
            return 410, {"kind": "Status", "message": "The provided continue parameter is too old"}
        start = int(query.get("continue", 0))
        end = start + int(query["limit"])
        items = [{"metadata": {"name": name}} for name in self.names[start:end]]
        token = {"continue": str(end)} if end < len(self.names) else {}
        return 200, {"kind": "PodList", "metadata": token, "items": items}


@contextmanager
def reader_of(
    api: PagedApi, *, page_size: int = 2, selector: str = "", waits: list[float] | None = None
) -> Iterator[ClusterReader]:
    """A reader that speaks to it; it notes in `waits` how long it would wait."""
    noted = [] if waits is None else waits

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            query = {name: texts[0] for name, texts in parse_qs(urlsplit(self.path).query).items()}
            status, content = api.answer(query)
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        configuration = client.Configuration()
        configuration.host = f"http://127.0.0.1:{server.server_port}"
        configuration.retries = False
        own = client.ApiClient(configuration)
        try:
            yield ClusterReader(own, page_size=page_size, selector=selector, wait=noted.append)
        finally:
            own.rest_client.pool_manager.clear()
            server.shutdown()
            thread.join()
