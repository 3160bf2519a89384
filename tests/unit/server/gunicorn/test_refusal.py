"""The answers to what is no HTTP request."""

import pytest
from gunicorn.http.errors import (
    ChunkMissingTerminator,
    ExpectationFailed,
    InvalidHeader,
    InvalidRequestLine,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

from webhook.server.gunicorn.refusal import LengthRequiredError, refusal_of

_MARK = "<what-the-peer-sent>"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidRequestLine(_MARK), 400),
        (InvalidHeader(_MARK), 400),
        (ChunkMissingTerminator(_MARK), 400),
        (UnsupportedTransferCoding(_MARK), 411),
        (LengthRequiredError(), 411),
        (LimitRequestLine(9, 8), 414),
        (ExpectationFailed(_MARK), 417),
        (LimitRequestHeaders(_MARK), 431),
    ],
)
def test_each_error_has_its_status_and_quotes_nothing(error: ParseException, status: int) -> None:
    refusal = refusal_of(error)

    assert refusal.status == status
    assert _MARK.encode() not in refusal.encode()


def test_an_answer_is_json_and_ends_the_connection() -> None:
    assert refusal_of(InvalidRequestLine("x")).encode() == (
        b"HTTP/1.1 400 Bad Request\r\n"
        b"Connection: close\r\n"
        b"Content-Type: application/json\r\n"
        b"Content-Length: 44\r\n"
        b"\r\n"
        b'{"error": "expected a request of HTTP/1.1"}\n'
    )
