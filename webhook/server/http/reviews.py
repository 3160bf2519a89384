"""Reviews answered in front of Flask, whose own work around a view costs as much as an evaluation.

That is what Flask's documentation has `wsgi_app` for. Whatever is wrong with a request, a path or a
method is left to Flask, with the exception that tells so.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from werkzeug.exceptions import UnsupportedMediaType

from webhook.admission.handling import Admitted
from webhook.observability.decisions import log_decisions
from webhook.observability.logs import EventLog
from webhook.observability.metrics import WebhookMetrics
from webhook.server.http.body import BodyReader
from webhook.server.http.held_bodies import LARGEST_BODY
from webhook.server.http.request_timeout import parse_timeout

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Webhook = Callable[[bytes, float], Admitted]
"""Answers a review's body, given the seconds that its reads may take altogether."""

RAISED = "redis-memory-guard.raised"
"""Where Flask finds in the environ what a review ended with."""

_LOG = EventLog("redis-memory-guard")

_JSON = "application/json"
_TIMEOUT = "timeout="


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsFirst:
    """Answers POSTs to the paths of `webhooks`, and has `otherwise` answer everything else.

    A review is logged and counted once its answer is sent: a Pod does not wait for it.
    """

    webhooks: Mapping[str, Webhook]
    bodies: BodyReader
    metrics: WebhookMetrics
    otherwise: "WSGIApplication"

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request as a WSGI application."""
        path = environ["PATH_INFO"]
        webhook = self.webhooks.get(path)
        if webhook is None or environ["REQUEST_METHOD"] != "POST":
            return self.otherwise(environ, start_response)
        name = name_of(path)
        try:
            admitted, seconds = self._admit(name, webhook, environ)
        except Exception as error:  # noqa: BLE001 - Flask has an answer to each
            environ[RAISED] = error
            return self.otherwise(environ, start_response)
        length = str(len(admitted.answer))
        start_response("200 OK", [("Content-Type", _JSON), ("Content-Length", length)])
        return _Answer(admitted.answer, lambda: self._record(name, admitted, seconds))

    def _admit(
        self, name: str, webhook: Webhook, environ: "WSGIEnvironment"
    ) -> tuple[Admitted, float]:
        """Give the answer, and the seconds that it took once the body was there."""
        # the other half is for waiting, evaluating and the way back
        seconds_to_read = _timeout(environ["QUERY_STRING"]) / 2
        stream, length = environ["wsgi.input"], _body_length(environ)
        with self.metrics.in_flight(name), self.bodies.read(stream, length) as body:
            started = perf_counter()
            return webhook(body, seconds_to_read), perf_counter() - started

    def _record(self, name: str, admitted: Admitted, seconds: float) -> None:
        try:
            self.metrics.admitted(name, admitted, seconds=seconds)
            log_decisions(name, admitted, seconds=seconds)
        except Exception:  # noqa: BLE001 - no error handler stands behind a sent answer
            report_bug(name, metrics=self.metrics)


def name_of(path: str) -> str:
    """Name the webhook at a path, as logs and metrics do."""
    return path.strip("/")


def report_bug(name: str, *, metrics: WebhookMetrics) -> None:
    """Log and count the bug that is being handled."""
    metrics.internal_error(name)
    _LOG.exception("internal error", webhook=name)


class _Answer:
    """An answer's body, with what is to be done once it is sent."""

    def __init__(self, body: bytes, sent: Callable[[], None]) -> None:
        self._body = body
        self._sent = sent

    def __iter__(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        self._sent()


def _timeout(query: str) -> float:
    given = (part for part in query.split("&") if part.startswith(_TIMEOUT))
    return parse_timeout(next(given, "").removeprefix(_TIMEOUT))


def _body_length(environ: "WSGIEnvironment") -> int:
    """Give how much of a body is to be read; no length is announced where there is none."""
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != _JSON:
        raise UnsupportedMediaType("expected content type application/json")
    return min(int(environ.get("CONTENT_LENGTH") or 0), LARGEST_BODY)
