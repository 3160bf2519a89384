"""The webhooks as a Flask application: bytes in, AdmissionReview out, a clear 4xx for all else."""

from collections.abc import Callable
from functools import partial

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, InternalServerError, UnsupportedMediaType

from webhook.admission.review import MalformedReviewError
from webhook.observability.labels import NO_WEBHOOK
from webhook.observability.logs import EventLog
from webhook.observability.metrics import WebhookMetrics
from webhook.server.http.held_bodies import LARGEST_BODY
from webhook.server.http.reviews import Reviews, name_of, report_bug

_JSON = "application/json"

_LOG = EventLog("redis-memory-guard")


def create_app(reviews: Reviews) -> Flask:
    """Build the application, which takes reviews at the paths of their webhooks.

    200 carries the review's answer. 400 says what the body should have been, 415 that it is no
    JSON; 500 is a bug, logged and counted, told to nobody.
    Errors are JSON objects with one field, `error`.
    """
    app = Flask("redis-memory-guard", static_folder=None)
    for path in reviews.webhooks:
        app.add_url_rule(
            path,
            endpoint=name_of(path),
            view_func=partial(_answer, reviews),
            methods=["POST"],
            provide_automatic_options=False,
        )
    app.register_error_handler(MalformedReviewError, _refuse_malformed(reviews.metrics))
    app.register_error_handler(HTTPException, _refuse(reviews.metrics))
    app.register_error_handler(Exception, _internal_error(reviews.metrics))
    return app


def _answer(reviews: Reviews) -> Response:
    stream, length = request.environ["wsgi.input"], _body_length()
    with reviews.read(request.path, stream, length) as body:
        answer = reviews.answer(request.path, body, timeout=request.args.get("timeout", ""))
    response = Response(answer.body, content_type=_JSON)
    response.call_on_close(answer.tell)
    return response


def _body_length() -> int:
    """Give how much of a body is to be read; no length is announced where there is none."""
    if request.mimetype != _JSON:
        raise UnsupportedMediaType("expected content type application/json")
    return min(request.content_length or 0, LARGEST_BODY)


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
        report_bug(_webhook(), metrics=metrics)
        return _error(500, "internal error; the log has more")

    return answer_for_a_bug


def _webhook() -> str:
    """Name the webhook that was asked; a path that is none has no name, and no label of its own."""
    return request.endpoint or NO_WEBHOOK


def _error(status: int, message: str) -> Response:
    response = jsonify(error=message)
    response.status_code = status
    return response
