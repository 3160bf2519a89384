"""An API server that knows lists of Pods only, over real HTTP, and forgets continuations."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from kubernetes import client

from tests.harness.json_answer import answer
from webhook.cluster.reading import ClusterReader


@dataclass
class PagedApi:
    """`names` are the Pods, `namespace/name` where that matters; the first `expiring`
    continuations are answered 410, as expired, the first `busy` requests 429, and where `is_narrow`
    lists of all namespaces 403.
    """

    names: list[str]
    expiring: int = 0
    status: int = 200
    busy: int = 0
    is_narrow: bool = False
    paths: list[str] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, object]:
        self.paths.append(path)
        self.queries.append(query)
        namespace = path.partition("/namespaces/")[2].partition("/")[0]
        if self.is_narrow and not namespace:
            return 403, {"kind": "Status", "message": "pods is forbidden at the cluster scope"}
        if self.busy:
            self.busy -= 1
            return 429, {"kind": "Status", "message": "too many requests"}
        if self.status != 200:
            return self.status, {"kind": "Status", "message": "pods is forbidden"}
        if "continue" in query and self.expiring:
            self.expiring -= 1
            return 410, {"kind": "Status", "message": "The provided continue parameter is too old"}
        names = [each for each in self.names if not namespace or _is_in(each, namespace)]
        start = int(query.get("continue", 0))
        end = start + int(query.get("limit", len(names)))
        items = [{"metadata": _metadata(name)} for name in names[start:end]]
        token = {"continue": str(end)} if end < len(names) else {}
        return 200, {"kind": "PodList", "metadata": token, "items": items}


def _is_in(name: str, namespace: str) -> bool:
    return "/" not in name or name.startswith(f"{namespace}/")


def _metadata(name: str) -> dict[str, str]:
    namespace, slash, own = name.rpartition("/")
    return {"name": own, "namespace": namespace} if slash else {"name": own}


@contextmanager
def reader_of(
    api: PagedApi, *, page_size: int = 2, selector: str = "", waits: list[float] | None = None
) -> Iterator[ClusterReader]:
    """A reader that speaks to it; it notes in `waits` how long it would wait."""
    noted = [] if waits is None else waits

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: texts[0] for name, texts in parse_qs(parts.query).items()}
            status, content = api.answer(parts.path, query)
            answer(self, content, status=status)

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
