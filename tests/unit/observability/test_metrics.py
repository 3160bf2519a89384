"""Metrics: every child is there from the start, so that a first increase is one."""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product

import pytest
from prometheus_client.samples import Sample

from tests.golden.corpus import outcomes
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.policy.settings import Mode, NamespaceSettings, Policy, Rule
from webhook.domain.reasons import FIRST_WARNING, Reason
from webhook.observability.labels import (
    STATUSES,
    HandshakeFailure,
    ReadOutcome,
    decided,
    warnings,
)
from webhook.observability.metrics import WebhookMetrics

_OF_NO_VERDICT = {Reason.CEILING_UNDONE}


def test_every_reason_has_a_verdict_or_is_a_warning() -> None:
    ignored = {
        *(Reason.NOT_REDIS, Reason.OTHER_PROGRAM, Reason.SENTINEL),
        *(Reason.INIT_CONTAINER, Reason.EPHEMERAL_CONTAINER),
    }
    of_servers = {reason for _, reason in decided()}

    assert of_servers | ignored | _OF_NO_VERDICT | set(warnings()) == set(Reason)
    assert {verdict for verdict, _ in decided()} == set(Verdict) - {Verdict.IGNORE}
    assert next(iter(warnings())) is FIRST_WARNING


def test_each_child_is_there_from_the_start_and_at_zero() -> None:
    metrics = WebhookMetrics()

    counters = [each for each in _samples(metrics) if each.name.endswith("_total")]

    of_each = {
        "decisions": 3 * len(list(decided())) * 2,
        "warnings": 3 * len(list(warnings())),
        "reviews": 3 * 2 * 2,
        "refused_requests": sum(map(len, STATUSES.values())),
        "malformed_reviews": 3,
        "internal_errors": 4,
        "tls_handshake_failures": len(HandshakeFailure),
        "evicted_connections": 1,
        "config_map_reads": len(ReadOutcome),
    }
    assert {name: _count(counters, name) for name in of_each} == of_each
    assert {each.value for each in counters if "redis_memory_guard" in each.name} == {0.0}


def test_nothing_is_shown_that_is_no_number() -> None:
    metrics = WebhookMetrics()
    metrics.watch_certificate(lambda: None)
    metrics.watch_readiness(lambda: False, lambda: True)

    assert not [each for each in _samples(metrics) if math.isnan(each.value)]


def test_what_is_said_of_the_corpus_has_its_child() -> None:
    servers = [each for each in outcomes().values() if each.server]

    assert {(each.verdict, each.reason) for each in servers} <= set(decided())
    assert {warning.reason for each in servers for warning in each.warnings} <= set(warnings())


def test_the_policy_in_force_is_told() -> None:
    metrics = WebhookMetrics()
    policy = Policy(
        defaults=NamespaceSettings(mode=Mode.AUDIT), rules=(Rule(namespaces=("a",)), Rule())
    )

    metrics.serves_policy(policy, sha256="abc")

    labels = {"sha256": "abc", "mode": "audit", "rules": "2"}
    assert metrics.registry.get_sample_value("redis_memory_guard_policy_info", labels) == 1


@pytest.mark.parametrize(("ready", "draining"), [*product((True, False), repeat=2)])
def test_readiness_is_asked_for_at_each_scrape(*, ready: bool, draining: bool) -> None:
    metrics = WebhookMetrics()
    metrics.watch_readiness(lambda: ready, lambda: draining)
    value: Callable[[str], float | None] = metrics.registry.get_sample_value

    assert value("redis_memory_guard_ready") == ready
    assert value("redis_memory_guard_draining") == draining


def test_a_review_is_in_flight_until_it_is_answered_also_by_a_bug() -> None:
    metrics = WebhookMetrics()

    with metrics.in_flight("mutate"):
        during = _in_flight(metrics)
    with suppress(ZeroDivisionError), metrics.in_flight("mutate"):
        1 / 0  # noqa: B018 - a bug

    assert (during, _in_flight(metrics)) == (1, 0)


def test_reads_are_counted_by_what_became_of_them_and_waited_for_once() -> None:
    metrics = WebhookMetrics()
    value = metrics.registry.get_sample_value

    metrics.read_config_maps([ReadOutcome.READ, ReadOutcome.READ, ReadOutcome.FAILED], seconds=0.2)

    name = "redis_memory_guard_config_map_reads_total"
    counted = {each: value(name, {"outcome": each}) for each in ReadOutcome}
    assert {each: count for each, count in counted.items() if count} == {"read": 2, "failed": 1}
    assert value("redis_memory_guard_config_map_read_duration_seconds_count") == 1
    assert value("redis_memory_guard_config_map_read_duration_seconds_sum") == 0.2


def _in_flight(metrics: WebhookMetrics) -> float | None:
    labels = {"webhook": "mutate"}
    return metrics.registry.get_sample_value("redis_memory_guard_reviews_in_flight", labels)


def _samples(metrics: WebhookMetrics) -> Iterator[Sample]:
    return (sample for family in metrics.registry.collect() for sample in family.samples)


def _count(samples: list[Sample], name: str) -> int:
    return sum(each.name == f"redis_memory_guard_{name}_total" for each in samples)
