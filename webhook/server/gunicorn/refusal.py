"""The answer to what is no HTTP request: JSON like any other error, quoting nothing of it."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)


class LengthRequiredError(ParseException):  # type: ignore[misc]  # gunicorn has no types
    """A body whose length was not announced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A status and what was expected instead; `fields` are further lines of the head."""

    status: HTTPStatus
    expected: str
    fields: str = ""

    def encode(self) -> bytes:
        """Encode the whole answer; the connection is closed behind it."""
        body = json.dumps({"error": f"expected {self.expected}"}) + "\n"
        return (
            f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\n"
            "Connection: close\r\nContent-Type: application/json\r\n"
            f"{self.fields}Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


def refusal_of(error: ParseException) -> Refusal:
    """Give the answer to a request that could not be parsed."""
    match error:
        case LimitRequestLine():
            return Refusal(status=HTTPStatus.REQUEST_URI_TOO_LONG, expected="a short request line")
        case LimitRequestHeaders():
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            return Refusal(status=status, expected="few and short header fields")
        case ExpectationFailed():
            return Refusal(status=HTTPStatus.EXPECTATION_FAILED, expected="100-continue or nothing")
        case LengthRequiredError() | UnsupportedTransferCoding():
            status = HTTPStatus.LENGTH_REQUIRED
            return Refusal(status=status, expected="a body of an announced length, not encoded")
        case _:
            return Refusal(status=HTTPStatus.BAD_REQUEST, expected="a request of HTTP/1.1")
