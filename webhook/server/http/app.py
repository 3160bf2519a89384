"""The webhooks as a Flask application: bytes in, AdmissionReview out, a clear 4xx for all else."""

from collections.abc import Callable, Mapping
from time import perf_counter

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from webhook.admission.handling import Admitted
from webhook.admission.review import MalformedReviewError
from webhook.observability.decisions import log_decisions
from webhook.observability.labels import NO_WEBHOOK
from webhook.observability.logs import EventLog
from webhook.observability.metrics import WebhookMetrics
from webhook.server.http.body import BodyReader
from webhook.server.http.request_timeout import parse_timeout

Webhook = Callable[[bytes, float], Admitted]
"""Answers a review's body, given the seconds that its reads may take altogether."""

# etcd takes no object over 1.5 MiB and kube-apiserver no request over 3 MiB; a review with object
# and oldObject of that size is a Pod nobody has
LARGEST_REVIEW = 3 * 1024 * 1024

_LOG = EventLog("redis-memory-guard")


def create_app(webhooks: Mapping[str, Webhook], *, metrics: WebhookMetrics) -> Flask:
    """Build the application; `webhooks` says for each path, such as `/mutate`, who evaluates.

    200 carries the review's answer. 400 says what the body should have been, 413 that it is over
    LARGEST_REVIEW bytes, 415 that it is no JSON; 500 is a bug, logged and counted, told to nobody.
    Errors are JSON objects with one field, `error`.
    """
    app = Flask("redis-memory-guard", static_folder=None)
    bodies = BodyReader(evicted=metrics.evicted)
    for path, webhook in webhooks.items():
        name = path.strip("/")
        view = _view(name, webhook, bodies=bodies, metrics=metrics)
        app.add_url_rule(
            path, endpoint=name, view_func=view, methods=["POST"], provide_automatic_options=False
        )
    app.register_error_handler(MalformedReviewError, _refuse_malformed(metrics))
    app.register_error_handler(HTTPException, _refuse(metrics))
    app.register_error_handler(Exception, _internal_error(metrics))
    return app


def _view(
    name: str, webhook: Webhook, *, bodies: BodyReader, metrics: WebhookMetrics
) -> Callable[[], Response]:
    def view() -> Response:
        # the other half is for waiting, evaluating and the way back
        seconds_to_read = parse_timeout(request.args.get("timeout", "")) / 2
        stream, length = request.environ["wsgi.input"], _body_length()
        with metrics.in_flight(name), bodies.read(stream, length) as body:
            started = perf_counter()
            admitted = webhook(body, seconds_to_read)
            seconds = perf_counter() - started

        def record_review() -> None:
            try:
                metrics.admitted(name, admitted, seconds=seconds)
                log_decisions(name, admitted, seconds=seconds)
            except Exception:  # noqa: BLE001 - no error handler stands behind a sent answer
                _report_bug(name, metrics=metrics)

        response = Response(admitted.answer, content_type="application/json")
        # Called once the answer is sent: a Pod does not wait for what is recorded of it.
        response.call_on_close(record_review)
        return response

    return view


def _body_length() -> int:
    """Give the length of a body that is to be read; none is announced where there is none."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("expected content type application/json")
    length = request.content_length or 0
    if length > LARGEST_REVIEW:
        raise RequestEntityTooLarge(f"expected a review of at most {LARGEST_REVIEW} bytes")
    return length


def _refuse_malformed(metrics: WebhookMetrics) -> Callable[[MalformedReviewError], Response]:
    def refuse(error: MalformedReviewError) -> Response:
        metrics.malformed(_webhook())
        _LOG.warning("malformed review", webhook=_webhook(), problem=str(error))
        return _error(400, str(error))

    return refuse


def _refuse(metrics: WebhookMetrics) -> Callable[[HTTPException], Response]:
    def refuse(error: HTTPException) -> Response:
        status = error.code or InternalServerError.code
        metrics.client_error(_webhook(), status=status)
        response = _error(status, error.description or error.name)
        if "Allow" in (allowed := dict(error.get_headers())):
            response.headers["Allow"] = allowed["Allow"]
        return response

    return refuse


def _internal_error(metrics: WebhookMetrics) -> Callable[[Exception], Response]:
    def answer_for_a_bug(_: Exception) -> Response:
        _report_bug(_webhook(), metrics=metrics)
        return _error(500, "internal error; the log has more")

    return answer_for_a_bug


def _report_bug(name: str, *, metrics: WebhookMetrics) -> None:
    """Log and count the bug that is being handled."""
    metrics.internal_error(name)
    _LOG.exception("internal error", webhook=name)


def _webhook() -> str:
    """Name the webhook that was asked; a path that is none has no name, and no label of its own."""
    return request.endpoint or NO_WEBHOOK


def _error(status: int, message: str) -> Response:
    response = jsonify(error=message)
    response.status_code = status
    return response
