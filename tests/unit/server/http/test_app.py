"""The application without its server: bounds, content types, errors."""

import pytest
from flask.testing import FlaskClient

from tests.integration.running import review
from webhook.admission.handling import Admitted, handle, read_nothing
from webhook.admission.mutate import mutate
from webhook.domain.kubernetes.budget import LIMITS, Work
from webhook.domain.policy.settings import Policy
from webhook.observability.metrics import WebhookMetrics
from webhook.server.http.app import create_app
from webhook.server.http.reviews import Reviews

_JSON = "application/json"


def test_a_review_is_answered() -> None:
    answer = _client().post("/mutate", data=review(), content_type=_JSON)

    assert answer.status_code == 200
    assert answer.content_type == _JSON
    assert answer.get_json()["response"]["uid"] == "uid-1"


def test_a_review_is_told_of_once_its_answer_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    metrics = WebhookMetrics()
    answer = _client(metrics).post("/mutate", data=review(), content_type=_JSON)
    sent = answer.get_data()

    told_before = (_reviews(metrics), caplog.messages.copy())
    answer.close()

    assert b'"patch"' in sent
    assert told_before == (0.0, [])
    assert (_reviews(metrics), caplog.messages) == (1.0, ["decision"])


def test_the_content_type_may_carry_parameters() -> None:
    answer = _client().post("/mutate", data=review(), content_type=f"{_JSON}; charset=utf-8")

    assert answer.status_code == 200


@pytest.mark.parametrize("over", [0, 1, LIMITS[Work.BYTES]])
def test_a_review_of_any_size_is_answered_and_read_within_bounds(over: int) -> None:
    padded = review() + b" " * (LIMITS[Work.BYTES] - len(review()) + over)

    answer = _client().post("/mutate", data=padded, content_type=_JSON)

    response = answer.get_json()["response"]
    assert (answer.status_code, response["uid"]) == (200, "uid-1")
    assert response["allowed"] == (over == 0)


@pytest.mark.parametrize(
    ("method", "path", "content_type", "status", "message"),
    [
        ("GET", "/mutate", _JSON, 405, "The method is not allowed for the requested URL."),
        ("POST", "/mutate", "text/plain", 415, "expected content type application/json"),
        ("POST", "/mutate", None, 415, "expected content type application/json"),
    ],
)
def test_what_carries_no_review_is_refused(
    method: str, path: str, content_type: str | None, status: int, message: str
) -> None:
    answer = _client().open(path, method=method, data=review(), content_type=content_type)

    assert (answer.status_code, answer.get_json()) == (status, {"error": message})


def test_the_allowed_methods_are_told() -> None:
    answer = _client().put("/mutate", data=review(), content_type=_JSON)

    assert answer.headers["Allow"] == "POST"


def test_a_malformed_review_is_told_what_was_expected() -> None:
    answer = _client().post("/mutate", data=b"[]", content_type=_JSON)

    assert answer.status_code == 400
    assert answer.get_json() == {"error": "the body: must be an object"}


def test_a_bug_tells_nothing_and_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    metrics = WebhookMetrics()
    client = create_app(Reviews({"/mutate": _broken}, metrics=metrics)).test_client()

    answer = client.post("/mutate", data=review(), content_type=_JSON)

    assert (answer.status_code, answer.get_json()) == (
        500,
        {"error": "internal error; the log has more"},
    )
    name = "redis_memory_guard_internal_errors_total"
    assert metrics.registry.get_sample_value(name, {"webhook": "mutate"}) == 1
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("ERROR", "internal error")
    assert record.exc_info is not None


def test_a_bug_behind_a_sent_answer_leaves_the_answer_alone_and_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    metrics = _Untold()

    answer = _client(metrics).post("/mutate", data=review(), content_type=_JSON)
    answer.close()

    assert (answer.status_code, answer.get_json()["response"]["allowed"]) == (200, True)
    name = "redis_memory_guard_internal_errors_total"
    assert metrics.registry.get_sample_value(name, {"webhook": "mutate"}) == 1
    assert [record.message for record in caplog.records] == ["internal error"]


def test_a_path_that_is_no_webhook_gets_no_label_of_its_own() -> None:
    metrics = WebhookMetrics()
    client = create_app(Reviews({"/mutate": _broken}, metrics=metrics)).test_client()

    answer = client.post("/etc/passwd", data=review(), content_type=_JSON)

    assert answer.status_code == 404
    name = "redis_memory_guard_refused_requests_total"
    labels = {"webhook": "none", "status": "404"}
    assert metrics.registry.get_sample_value(name, labels) == 1


class _Untold(WebhookMetrics):
    """Metrics that break where a review is told of."""

    def admitted(self, webhook: str, admitted: Admitted, *, seconds: float) -> None:
        raise ArithmeticError(webhook, admitted.allowed, seconds)


def _client(metrics: WebhookMetrics | None = None) -> FlaskClient:
    def webhook(body: bytes, _seconds: float) -> Admitted:
        return handle(body, mutate, policy=Policy(), read_config_maps=read_nothing)

    reviews = Reviews({"/mutate": webhook}, metrics=metrics or WebhookMetrics())
    return create_app(reviews).test_client()


def _reviews(metrics: WebhookMetrics) -> float | None:
    labels = {"webhook": "mutate", "allowed": "true", "dry_run": "false"}
    return metrics.registry.get_sample_value("redis_memory_guard_reviews_total", labels)


def _broken(body: bytes, _seconds: float) -> Admitted:
    raise KeyError(body)
