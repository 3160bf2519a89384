"""The head of a review as kube-apiserver writes it, and the head of its answer.

Go (net/http, Request.write) writes Host, User-Agent and Content-Length first, then the other fields
in the order of their names. A head of any other form is gunicorn's to read.
"""

import re
import time
from dataclasses import dataclass

_LONGEST = 4096

_HEAD = re.compile(
    rb"POST (?P<path>/[a-z]{1,16})\?timeout=(?P<timeout>[0-9a-z.]{1,16}) HTTP/1\.1\r\n"
    rb"Host: [!-~]+\r\n"
    rb"User-Agent: [!-~]+\r\n"
    rb"Content-Length: (?P<length>[1-9][0-9]{0,4})\r\n"
    rb"Accept: [ -~]+\r\n"
    rb"(?:Authorization: [ -~]+\r\n)?"
    rb"Content-Type: application/json\r\n"
    rb"(?:Traceparent: [!-~]+\r\n)?"
    rb"Accept-Encoding: gzip\r\n"
    rb"\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHead:
    """What the head of a review says: whom it asks, until when, and how long its body is.

    `timeout` is a duration as Go writes it; `end` is where the body begins.
    """

    path: str
    timeout: str
    length: int
    end: int


def read_review_head(received: bytes) -> ReviewHead | None:
    """Read the head that a request begins with; None for one that is not of the form."""
    head = _HEAD.match(received, 0, _LONGEST)
    if head is None:
        return None
    path, timeout, length = head.groups()
    return ReviewHead(
        path=path.decode(), timeout=timeout.decode(), length=int(length), end=head.end()
    )


def answer_head(length: int) -> bytes:
    """Write the head of an answer of so many bytes, as gunicorn does; the connection is kept."""
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    return (
        "HTTP/1.1 200 OK\r\nServer: redis-memory-guard\r\n"
        f"Date: {date}\r\nConnection: keep-alive\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()
