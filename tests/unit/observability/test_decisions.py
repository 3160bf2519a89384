"""What is logged and counted of an admission, from the real evaluation of a review."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.integration.running import review
from webhook.admission.handling import Admitted, handle, read_nothing
from webhook.admission.mutate import mutate
from webhook.domain.policy.settings import Policy, ProfileChoice, Rule
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
        "rule": "",
        "dry_run": False,
        "operation": "CREATE",
        "kind": "Pod",
        "namespace": "shop",
        "name": "cache",
        "generate_name": "",
        "owner": "",
        "user": "system:serviceaccount:kube-system:replicaset-controller",
        "container": "main",
        "image": "redis:7.2",
        "limit": 512 * 1024 * 1024,
        "maxmemory": 400 * 1024 * 1024,
        "warnings": "snapshots-turned-off",
        "uid": "uid-1",
        "milliseconds": 1.234,
    }


def test_a_decision_says_whose_the_pod_is_and_which_rules_held(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    policy = Policy(
        rules=(
            Rule(namespaces=("other",)),
            Rule(labels={"app": "cart"}, profile=ProfileChoice.CACHE),
            Rule(namespaces=("shop",)),
        )
    )
    body = json.loads(review())
    body["request"]["name"] = ""
    body["request"]["object"]["metadata"] = {
        "generateName": "cart-5b9f-",
        "labels": {"app": "cart"},
        "ownerReferences": [
            {"kind": "Cart", "name": "cart", "controller": False},
            {"kind": "ReplicaSet", "name": "cart-5b9f", "controller": True},
        ],
    }

    log_decisions("mutate", _admitted(json.dumps(body).encode(), policy), seconds=0.001)

    fields = _fields(caplog.records[0])
    whose = ("name", "generate_name", "owner", "rule")
    assert tuple(fields[name] for name in whose) == (
        *("", "cart-5b9f-", "ReplicaSet/cart-5b9f", "rules[1],rules[2]"),
    )


@pytest.mark.parametrize(
    ("metadata", "owner"),
    [
        ({"generateName": 1, "ownerReferences": "a"}, ""),
        ({"ownerReferences": ["a", {"controller": True}]}, "/"),
    ],
)
def test_metadata_that_no_api_server_sends_breaks_no_log_line(
    caplog: pytest.LogCaptureFixture, metadata: Mapping[str, object], owner: str
) -> None:
    caplog.set_level("INFO")
    admitted = _admitted(review())
    request = replace(admitted.request, obj={"metadata": metadata})

    log_decisions("mutate", replace(admitted, request=request), seconds=0.001)

    fields = _fields(caplog.records[0])
    assert (fields["generate_name"], fields["owner"]) == ("", owner)


def test_nothing_is_logged_or_counted_of_a_pod_without_redis(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    admitted = _admitted(review("nginx:1.27"))
    metrics = WebhookMetrics()

    log_decisions("mutate", admitted, seconds=0.001)
    metrics.admitted("mutate", admitted, seconds=0.001)

    assert caplog.records == []
    assert metrics.registry.get_sample_value(_DECISIONS, _INJECTED) == 0


def test_a_review_that_evaluates_nothing_is_counted_as_answered() -> None:
    metrics = WebhookMetrics()
    deletion = review().replace(b'"operation": "CREATE"', b'"operation": "DELETE"')

    metrics.admitted("mutate", _admitted(deletion), seconds=0.001)

    assert metrics.registry.get_sample_value(
        "redis_memory_guard_reviews_total",
        {"webhook": "mutate", "allowed": "true", "dry_run": "false"},
    )


@pytest.mark.parametrize(("dry_run", "counted"), [(b"false", 1.0), (b"true", 0.0)])
def test_a_dry_run_is_no_decision(dry_run: bytes, counted: float) -> None:
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


def _admitted(body: bytes, policy: Policy | None = None) -> Admitted:
    return handle(body, mutate, policy=policy or Policy(), read_config_maps=read_nothing)


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    fields: Mapping[str, object] = record.fields  # type: ignore[attr-defined]
    return fields
