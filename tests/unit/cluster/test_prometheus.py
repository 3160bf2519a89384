import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from webhook.cluster.prometheus import Prometheus, PrometheusError


@contextmanager
def answering(status: int, body: bytes) -> Iterator[tuple[str, list[str]]]:
    """An HTTP server that always answers so; its URL, and the expressions it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked.append(f"{parts.path} {parse_qs(parts.query)['query'][0]}")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", asked
        finally:
            server.shutdown()
            thread.join()


def test_a_series_is_its_labels_and_its_value():
    result = [{"metric": {"pod": "cart-0"}, "value": [1772595000, "41.5"]}, {"value": [1, "2"]}]
    body = json.dumps({"status": "success", "data": {"result": result}}).encode()
    with answering(200, body) as (url, asked):
        found = Prometheus(url).query('sum(x{a="b"})')

    assert found == [({"pod": "cart-0"}, 41.5), ({}, 2.0)]
    assert asked == ['/api/v1/query sum(x{a="b"})']


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, b'{"status": "error", "error": "parse error"}', "answers 400: parse error"),
        (200, b"<html>", "cannot be asked"),
        (200, b"[]", "answers 200: no result"),
    ],
)
def test_what_is_no_answer_is_said(status: int, body: bytes, said: str):
    with answering(status, body) as (url, _), pytest.raises(PrometheusError, match=said):
        Prometheus(url).query("up")


def test_nobody_at_the_url_is_said():
    with answering(200, b"") as (url, _):
        gone = url

    with pytest.raises(PrometheusError, match="cannot be asked"):
        Prometheus(gone, seconds=2).query("up")
