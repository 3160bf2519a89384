"""What is logged and counted of an admission, from the real evaluation of a review."""

import json
import logging
from collections.abc import Mapping

import pytest

from tests.integration.running import review
from webhook.admission.handling import Admitted, handle, read_nothing
from webhook.admission.mutate import mutate
from webhook.domain.policy.settings import Policy
from webhook.observability.decisions import log_decisions
from webhook.observability.metrics import WebhookMetrics

_DECISIONS = "redis_memory_guard_decisions_total"
_INJECTED = {
    "webhook": "mutate",
    "verdict": "inject",
    "reason": "ceiling-injected",
    "mode": "enforce",
}


def test_a_decision_is_logged_with_names_and_sizes_only(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    log_decisions("mutate", _admitted(review()), seconds=0.0012345)

    (record,) = caplog.records
    assert record.message == "decision"
    assert _fields(record) == {
        "webhook": "mutate",
        "verdict": "inject",
        "reason": "ceiling-injected",
        "allowed": True,
        "mode": "enforce",
        "dry_run": False,
        "operation": "CREATE",
        "kind": "Pod",
        "namespace": "shop",
        "name": "cache",
        "container": "main",
        "image": "redis:7.2",
        "limit": 512 * 1024 * 1024,
        "maxmemory": 400 * 1024 * 1024,
        "warnings": "snapshots-turned-off",
        "uid": "uid-1",
        "milliseconds": 1.234,
    }


def test_nothing_is_logged_or_counted_of_a_pod_without_redis(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    admitted = _admitted(review("nginx:1.27"))
    metrics = WebhookMetrics()

    log_decisions("mutate", admitted, seconds=0.001)
    metrics.admitted("mutate", admitted, seconds=0.001)

    assert caplog.records == []
    assert metrics.registry.get_sample_value(_DECISIONS, _INJECTED) is None


def test_a_review_that_evaluates_nothing_is_counted_as_answered() -> None:
    metrics = WebhookMetrics()
    deletion = review().replace(b'"operation": "CREATE"', b'"operation": "DELETE"')

    metrics.admitted("mutate", _admitted(deletion), seconds=0.001)

    assert metrics.registry.get_sample_value(
        "redis_memory_guard_reviews_total",
        {"webhook": "mutate", "allowed": "true", "dry_run": "false"},
    )


@pytest.mark.parametrize(("dry_run", "counted"), [(b"false", 1.0), (b"true", None)])
def test_a_dry_run_is_no_decision(dry_run: bytes, counted: float | None) -> None:
    metrics = WebhookMetrics()
    body = review().replace(b'"dryRun": false', b'"dryRun": ' + dry_run)

    metrics.admitted("mutate", _admitted(body), seconds=0.001)

    assert metrics.registry.get_sample_value(_DECISIONS, _INJECTED) == counted


@pytest.mark.parametrize(
    ("seconds", "bucket", "inside"),
    [(0.005, "0.005", 1), (0.0051, "0.005", 0), (0.025, "0.025", 1), (0.0251, "0.025", 0)],
)
def test_the_latency_targets_are_buckets(seconds: float, bucket: str, inside: float) -> None:
    metrics = WebhookMetrics()

    metrics.admitted("mutate", _admitted(review()), seconds=seconds)

    name = "redis_memory_guard_review_duration_seconds_bucket"
    labels = {"webhook": "mutate", "le": bucket}
    assert metrics.registry.get_sample_value(name, labels) == inside


def test_no_label_holds_what_a_tenant_chose() -> None:
    metrics = WebhookMetrics()
    marked = json.loads(review("redis:mark", uid="mark", container="mark"))
    marked["request"]["namespace"] = marked["request"]["name"] = "mark"

    metrics.admitted("mutate", _admitted(json.dumps(marked).encode()), seconds=0.001)

    values = {
        value
        for family in metrics.registry.collect()
        for sample in family.samples
        for value in sample.labels.values()
    }
    assert "mutate" in values
    assert not any("mark" in value for value in values)


def _admitted(body: bytes) -> Admitted:
    return handle(body, mutate, policy=Policy(), read_config_maps=read_nothing)


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    fields: Mapping[str, object] = record.fields  # type: ignore[attr-defined]
    return fields
