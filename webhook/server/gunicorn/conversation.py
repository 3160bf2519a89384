"""One connection: requests read within bounds and deadlines, and answered one after the other.

Of gunicorn (27.0) its parser and its response are used as they are. Its parser starts anew at every
receive while a head is unfinished; so a head is gathered here first and parsed once. Reviews as
kube-apiserver sends them are answered without either:
docs/decisions/0018-reviews-in-front-of-flask.md.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gevent
from gevent import Greenlet
from gevent.socket import socket as Socket  # noqa: N812 - it is a class
from gunicorn.config import Config
from gunicorn.http import get_parser
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.errors import LimitRequestHeaders, NoMoreData, ParseException
from gunicorn.http.message import Request
from gunicorn.http.parser import Parser
from gunicorn.http.wsgi import create
from gunicorn.util import close, close_graceful

from webhook.observability.labels import NO_WEBHOOK
from webhook.observability.logs import EventLog
from webhook.observability.metrics import WebhookMetrics
from webhook.server.gunicorn.connections import Connections
from webhook.server.gunicorn.dismissal import ELSEWHERE, DismissedError, Waiting
from webhook.server.gunicorn.refusal import LengthRequiredError, Refusal, refusal_of
from webhook.server.http.body import STEP
from webhook.server.http.review_head import answer_head, read_review_head
from webhook.server.http.reviews import Reviews

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

# from a request's first byte to the last of its answer; kube-apiserver waits 3 s
REQUEST_SECONDS = 10

LARGEST_HEAD = 16 * 1024
"""Bytes of a request line with its header fields: kube-apiserver sends less than 1 KiB."""

# what a refused request may still send before its connection is closed instead of kept
_LARGEST_DISCARD = 16 * 1024 * 1024
_END_OF_HEAD = b"\r\n\r\n"

_LOG = EventLog("redis-memory-guard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port that is listened on, with what all its connections have in common.

    `name` is its socket's own; `reviews` are answered before the application is asked; a
    connection may be silent for `idle_seconds`; once `is_leaving`, every answer closes its
    connection.
    """

    name: object
    cfg: Config
    application: "WSGIApplication"
    reviews: Reviews | None
    connections: Connections[Greenlet]
    waiting: Waiting
    metrics: WebhookMetrics
    idle_seconds: float
    is_leaving: Callable[[], bool]


def converse(port: Port, client: Socket, address: object) -> None:
    """Answer one request after the other until either side is done; closes the connection."""
    parser = get_parser(port.cfg, client, address)
    try:
        _answer_all(port, parser, client, address)
    except NoMoreData:
        pass
    except OSError as error:
        _LOG.debug("connection lost", peer=str(address), problem=str(error))
    except DismissedError:
        port.connections.ask(gevent.getcurrent(), now=time.monotonic())
        _send_last(client, ELSEWHERE)
    except ParseException as error:
        refusal = refusal_of(error)
        port.metrics.client_error(NO_WEBHOOK, status=refusal.status)
        _send_last(client, refusal)
    except Exception:  # noqa: BLE001 - the top of a connection
        port.metrics.internal_error(NO_WEBHOOK)
        _LOG.exception("internal error", peer=str(address))
    finally:
        close(client)


def _answer_all(port: Port, parser: Parser, client: Socket, address: object) -> None:
    me = gevent.getcurrent()
    while _await_request(port, parser, me):
        port.connections.ask(me, now=time.monotonic())
        if not _answer(port, parser, client, address):
            return
        port.connections.rest(me)


def _await_request(port: Port, parser: Parser, me: Greenlet) -> bool:
    """Wait for a request's first byte; False when none comes in time."""
    port.waiting.begin(me)
    try:
        with gevent.Timeout(port.idle_seconds, exception=False):
            head = parser.unreader.read()
            parser.unreader.unread(head)
            return bool(head)
        return False
    finally:
        port.waiting.end(me)


def _answer(port: Port, parser: Parser, client: Socket, address: object) -> bool:
    """Read and answer one request; tell whether the connection can carry another one."""
    with gevent.Timeout(REQUEST_SECONDS, exception=False):
        received = _gather_head(parser)
        if _answer_review(port, parser, client, received):
            return True
        request = next(parser)
        if any(name == "TRANSFER-ENCODING" for name, _ in request.headers):
            raise LengthRequiredError
        kept = _respond(port, request, client, address)
        # what was not read must not be taken for the next request, nor reset the answer
        return _discard(request.body) and kept
    _LOG.warning("request not finished in time", peer=str(address), seconds=REQUEST_SECONDS)
    return False


def _gather_head(parser: Parser) -> bytes:
    """Receive until the head is complete, and give all that came; it stays there to be read.

    Each byte is looked at once, however few come at once.
    """
    head = bytearray()
    searched = 0
    while head.find(_END_OF_HEAD, searched) < 0:
        if len(head) > LARGEST_HEAD:
            raise LimitRequestHeaders("head")
        searched = max(0, len(head) - len(_END_OF_HEAD) + 1)
        received = parser.unreader.read()
        if not received:
            raise NoMoreData
        head += received
    received = bytes(head)
    parser.unreader.unread(received)
    return received


def _answer_review(port: Port, parser: Parser, client: Socket, received: bytes) -> bool:
    """Answer what comes as a review from kube-apiserver, and tell whether it was one.

    Whatever it ends with but an answer, the application has to say that, which reads it anew.
    """
    head = read_review_head(received)
    reviews = port.reviews
    if head is None or reviews is None or head.path not in reviews.webhooks or port.is_leaving():
        return False
    parser.unreader.read(head.end)
    stream, body = LengthReader(parser.unreader, head.length), b""
    try:
        with reviews.read(head.path, stream, head.length) as body:
            answer = reviews.answer(head.path, body, timeout=head.timeout)
    except Exception:  # noqa: BLE001 - the application has an answer to each
        parser.unreader.unread(received[: head.end] + body)
        return False
    try:
        client.sendall(answer_head(len(answer.body)) + answer.body)
    finally:
        answer.tell()
    return True


def _discard(body: Body) -> bool:
    """Read what is left of a body, and let others have their turns; False where it is too much.

    gunicorn's own way reads a kibibyte at a time, and lets nobody in while there is more.
    """
    for _ in range(0, _LARGEST_DISCARD, STEP):
        if not body.read(STEP):
            return True
        gevent.sleep(0)
    return False


class _Pieces(list[bytes]):
    """What a response writes, to be sent at once: two writes are two TLS records and segments."""

    sendall = list.append


def _respond(port: Port, request: Request, client: Socket, address: object) -> bool:
    response, environ = create(request, client, address, port.name, port.cfg)
    response.version = "redis-memory-guard"
    response.sock = pieces = _Pieces()
    if port.is_leaving():
        response.force_close()
    answer = port.application(environ, response.start_response)
    try:
        for piece in answer:
            response.write(piece)
        response.close()
        client.sendall(b"".join(pieces))
    finally:
        finish = getattr(answer, "close", None)
        if finish is not None:
            finish()
    return not response.should_close()


def _send_last(client: Socket, refusal: Refusal) -> None:
    with gevent.Timeout(REQUEST_SECONDS, exception=False):
        try:
            client.sendall(refusal.encode())
        except OSError:
            return
        # What is still unread would reset the answer.
        close_graceful(client, max_drain=_LARGEST_DISCARD)
