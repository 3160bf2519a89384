"""The port for probes and metrics over real sockets: strangers hold up nothing and forge no log."""

import io
import json
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

import httpx
import pytest

from certs.endpoints import Answer, answer, serve
from certs.health import Health
from certs.metrics import Metrics
from webhook.observability.logs import configure_logs


@pytest.fixture
def logged() -> io.StringIO:
    stream = io.StringIO()
    configure_logs("warning", stream=stream)
    return stream


@pytest.fixture
def port(logged: io.StringIO) -> Iterator[int]:
    health = Health(patience=timedelta(minutes=5))
    health.ended(in_order=True)
    get = partial(answer, registry=Metrics().registry, health=health)
    with serve(get, address="127.0.0.1", port=0) as port:
        yield port


def send(port: int, request: bytes) -> bytes:
    """Send bytes and read until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def reset(port: int, request: bytes) -> None:
    """Send bytes and tear the connection down, as a peer does that crashes."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.sendall(request)
    connection.close()


def is_served(port: int) -> bool:
    probe = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30)
    return (probe.status_code, probe.text) == (200, "ok\n")


def test_metrics_are_served_as_prometheus_reads_them(port: int) -> None:
    scraped = httpx.get(f"http://127.0.0.1:{port}/metrics?name[]=x", timeout=30)

    assert scraped.status_code == 200
    assert scraped.headers["content-type"].startswith("text/plain; version=")
    assert scraped.headers["server"] == "redis-memory-guard-certs"
    assert "# TYPE redis_memory_guard_certs_writes_total counter" in scraped.text


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(b"GET /nothing HTTP/1.1\r\n\r\n", b"404 Not Found", id="another path"),
        pytest.param(b"POST /metrics HTTP/1.1\r\n\r\n", b"501 Not Implemented", id="a method"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\n\n", b"400 Bad Request", id="TLS"),
        pytest.param(b"GET / HTTP/9.9\r\n\r\n", b"505 HTTP Version Not Supported", id="a version"),
        pytest.param(
            b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n",
            b"431 Request Header Fields Too Large",
            id="a hoard of header fields",
        ),
    ],
)
def test_what_is_no_request_of_ours_is_refused_in_plain_text(
    request_: bytes, status: bytes, port: int, logged: io.StringIO
) -> None:
    received = send(port, request_)

    assert received.startswith(b"HTTP/1.0 " + status + b"\r\n")
    assert b"Content-Type: text/plain; charset=utf-8\r\n" in received
    assert b"<" not in received
    assert is_served(port)
    assert logged.getvalue() == ""


def test_a_peer_that_goes_away_is_no_event(
    port: int, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    for request in (b"", b"GET /met", b"GET /metrics HTTP/1.1\r\n\r\n"):
        for _ in range(20):
            reset(port, request)

    assert is_served(port)
    assert logged.getvalue() == ""
    assert capfd.readouterr() == ("", "")


def test_parked_peers_make_room(port: int) -> None:
    with ExitStack() as parked:
        for _ in range(100):
            peer = socket.create_connection(("127.0.0.1", port), timeout=30)
            parked.enter_context(peer)
            peer.sendall(b"GET /livez HT")

        assert is_served(port)


def test_a_bug_is_one_json_line(logged: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    def fail(_path: str) -> Answer:
        raise ZeroDivisionError("a bug")

    with serve(fail, address="127.0.0.1", port=0) as port:
        assert send(port, b"GET /metrics HTTP/1.1\r\n\r\n") == b""

    (line,) = map(json.loads, logged.getvalue().splitlines())
    assert (line["level"], line["logger"], line["event"]) == (
        *("error", "redis-memory-guard-certs", "bug"),
    )
    assert line["exception"].endswith("ZeroDivisionError: a bug")
    assert capfd.readouterr() == ("", "")
