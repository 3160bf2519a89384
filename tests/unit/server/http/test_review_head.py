"""Heads of kube-apiserver's form, which say to gunicorn what they say here; and all others."""

from collections.abc import Sequence

import pytest
from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.parser import Parser
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.running import http_request
from webhook.server.gunicorn.config import gunicorn_options
from webhook.server.http.review_head import ReviewHead, answer_head, read_review_head
from webhook.server.settings import ServeSettings

LINES = tuple(http_request(b"x" * 42).partition(b"\r\n\r\n")[0].split(b"\r\n"))
TOKEN = b"Authorization: Bearer eyJhbGciOi.J9"
TRACE = b"Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def head(lines: Sequence[bytes]) -> bytes:
    return b"\r\n".join((*lines, b"", b""))


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(LINES, id="as it is"),
        pytest.param((*LINES[:5], TOKEN, *LINES[5:]), id="with a token"),
        pytest.param((*LINES[:6], TRACE, *LINES[6:]), id="with a trace"),
        pytest.param((*LINES[:5], TOKEN, LINES[5], TRACE, LINES[6]), id="with both"),
    ],
)
def test_a_head_of_kube_apiservers_form_is_read(lines: Sequence[bytes]) -> None:
    received = head(lines) + b"x" * 7

    read = read_review_head(received)

    assert read == ReviewHead(path="/mutate", timeout="3s", length=42, end=len(received) - 7)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((b"GET /mutate?timeout=3s HTTP/1.1", *LINES[1:]), id="another method"),
        pytest.param((b"POST /mutate?timeout=3s HTTP/1.0", *LINES[1:]), id="another version"),
        pytest.param((b"POST /mutate HTTP/1.1", *LINES[1:]), id="no timeout"),
        pytest.param((b"POST /mutate?timeout=3s&x=1 HTTP/1.1", *LINES[1:]), id="more in the query"),
        pytest.param((b"POST /mutate%20?timeout=3s HTTP/1.1", *LINES[1:]), id="an escaped path"),
        pytest.param((b"POST http://x/mutate?timeout=3s HTTP/1.1", *LINES[1:]), id="a proxy's"),
        pytest.param((*LINES[:3], b"Content-Length: 0", *LINES[4:]), id="no body"),
        pytest.param((*LINES[:3], b"Content-Length: +42", *LINES[4:]), id="a sign"),
        pytest.param((*LINES[:3], b"Content-Length: 042", *LINES[4:]), id="a leading zero"),
        pytest.param((*LINES[:3], b"Content-Length: 100000", *LINES[4:]), id="a large body"),
        pytest.param((*LINES[:4], LINES[3], *LINES[4:]), id="two lengths"),
        pytest.param((*LINES[:3], b"Transfer-Encoding: chunked", *LINES[4:]), id="in chunks"),
        pytest.param((*LINES, b"Transfer-Encoding: chunked"), id="in chunks with a length"),
        pytest.param((*LINES, b"Connection: close"), id="to be closed"),
        pytest.param((*LINES, b"Expect: 100-continue"), id="waiting to be told to go on"),
        pytest.param((*LINES[:5], b"Content-Type: text/plain", LINES[6]), id="another type"),
        pytest.param((LINES[0], *LINES[2:]), id="no host"),
        pytest.param((LINES[0], LINES[2], LINES[1], *LINES[3:]), id="another order"),
        pytest.param((*LINES[:4], b"Accept: a\rb", *LINES[5:]), id="a control character"),
        pytest.param((*LINES[:4], b"Accept: " + b"a" * 4096, *LINES[5:]), id="a long field"),
    ],
)
def test_any_other_head_is_left_to_gunicorn(lines: Sequence[bytes]) -> None:
    assert read_review_head(head(lines)) is None


def test_a_line_that_ends_in_a_line_feed_alone_is_left_to_gunicorn() -> None:
    assert read_review_head(b"\n".join((*LINES, b"", b""))) is None


def test_a_head_that_is_not_complete_is_left_to_gunicorn() -> None:
    assert read_review_head(head(LINES)[:-2]) is None


_CHANGES = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 3), st.binary(max_size=3)), max_size=2
)


@given(changes=_CHANGES)
def test_what_is_read_here_gunicorn_reads_alike(changes: list[tuple[int, int, bytes]]) -> None:
    received = bytearray(head((*LINES[:5], TOKEN, LINES[5], TRACE, LINES[6])))
    for at, removed, added in changes:
        received[at : at + removed] = added
    read = read_review_head(bytes(received))
    if read is None:
        return

    request = _by_gunicorn(bytes(received))

    assert (request.method, request.path, request.query) == (
        "POST",
        read.path,
        f"timeout={read.timeout}",
    )
    assert not request.should_close()
    assert request.body.reader.length == read.length
    assert dict(request.headers)["CONTENT-TYPE"] == "application/json"


def test_the_head_of_an_answer_says_its_length() -> None:
    lines = answer_head(1234).decode().split("\r\n")

    assert lines[0] == "HTTP/1.1 200 OK"
    assert lines[-3:] == ["Content-Length: 1234", "", ""]


def _by_gunicorn(received: bytes) -> Request:
    config = Config()
    for name, value in gunicorn_options(ServeSettings()).items():
        config.set(name, value)
    config.set("worker_class", "sync")
    parser = Parser(config, iter([received]), ("127.0.0.1", 1))
    parser.mesg_class = Request
    return next(parser)
