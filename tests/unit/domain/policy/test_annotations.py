"""What a Pod asks for by annotations, within the administrator's bounds."""

from fractions import Fraction

import pytest

from tests.harness.builders import a_container, a_pod, evaluated, the_outcome
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.policy.annotations import PodOverrides, bounded_headroom, read_overrides
from webhook.domain.policy.settings import AnnotationBounds, EvictionPolicy, Policy
from webhook.domain.reasons import AdmissionWarning, Reason

PREFIX = "redis-memory-guard.dev/"
BOUNDS = AnnotationBounds()
STRICT = AnnotationBounds(eviction_policies=(EvictionPolicy.NOEVICTION,), snapshots=False)


@pytest.mark.parametrize(
    ("name", "value", "requests"),
    [
        ("eviction-policy", "noeviction", PodOverrides(eviction_policy=EvictionPolicy.NOEVICTION)),
        ("headroom", "25%", PodOverrides(headroom=Fraction(1, 4))),
        ("headroom", "100Mi", PodOverrides(headroom=100 * 2**20)),
        ("snapshots", "keep", PodOverrides(keeps_snapshots=True)),
        ("snapshots", "auto", PodOverrides()),
        ("exempt", "false", PodOverrides()),
    ],
)
def test_what_is_allowed_is_followed(name: str, value: str, requests: PodOverrides):
    assert read_overrides({PREFIX + name: value}, BOUNDS) == requests


@pytest.mark.parametrize(
    ("bounds", "name", "value", "refusal"),
    [
        (
            BOUNDS,
            "eviction-policy",
            "lru",
            "is no eviction policy; known are noeviction, allkeys-lru, allkeys-lfu, allkeys-lrm, "
            "allkeys-random, volatile-lru, volatile-lfu, volatile-lrm, volatile-random, "
            "volatile-ttl",
        ),
        (
            STRICT,
            "eviction-policy",
            "allkeys-lru",
            "may not choose allkeys-lru; allowed: noeviction",
        ),
        (
            AnnotationBounds(eviction_policies=()),
            "eviction-policy",
            "noeviction",
            "may not choose noeviction; allowed: none",
        ),
        (
            BOUNDS,
            "headroom",
            "much",
            "must be a quantity or a percentage: not a quantity: 'much'",
        ),
        (
            BOUNDS,
            "headroom",
            "101%",
            "must be a quantity or a percentage: not a percentage between 0% and 100%: '101%'",
        ),
        (
            BOUNDS,
            "headroom",
            "-1Mi",
            "must be a quantity or a percentage: a quantity of memory is never negative: '-1Mi'",
        ),
        (BOUNDS, "snapshots", "yes", "must be keep or auto"),
        (STRICT, "snapshots", "keep", "is not allowed by the administrator's policy"),
        (BOUNDS, "exempt", "yes", "must be true or false"),
        (BOUNDS, "exempt", "true", "is not allowed by the administrator's policy"),
        (
            BOUNDS,
            "evict",
            "x",
            "is unknown; known: eviction-policy, headroom, snapshots, exempt",
        ),
    ],
)
def test_what_is_not_is_said(bounds: AnnotationBounds, name: str, value: str, refusal: str):
    overrides = read_overrides({PREFIX + name: value}, bounds)

    assert overrides == PodOverrides(
        warnings=(
            AdmissionWarning(
                reason=Reason.ANNOTATION_REFUSED, message=f"the annotation {PREFIX}{name} {refusal}"
            ),
        )
    )


def test_other_annotations_and_our_own_record_are_no_requests():
    annotations = {f"{PREFIX}injected": "{}", "redis-memory-guard.example/x": "y", "exempt": "true"}

    assert read_overrides(annotations, BOUNDS) == PodOverrides()


def test_remarks_stand_in_the_order_of_the_names():
    annotations = {PREFIX + name: "?" for name in ("snapshots", "exempt", "headroom")}

    warnings = read_overrides(annotations, BOUNDS).warnings

    assert [each.message.split()[2] for each in warnings] == [
        f"{PREFIX}exempt",
        f"{PREFIX}headroom",
        f"{PREFIX}snapshots",
    ]


@pytest.mark.parametrize(
    ("wanted", "limit", "headroom"),
    [
        (150, 1000, 150),
        (149, 1000, None),
        (750, 1000, 750),
        (751, 1000, None),
        (Fraction(15, 100), 1001, 151),
        (Fraction(1, 3), 1000, 334),
    ],
)
def test_headroom_is_rounded_up_within_the_bounds(
    wanted: int | Fraction, limit: int, headroom: int | None
):
    bounded = bounded_headroom(wanted, limit, BOUNDS)

    assert (bounded if isinstance(bounded, int) else None) == headroom


class TestExemption:
    """Off by default: nothing that a tenant writes loosens anything."""

    def test_it_is_refused_and_said(self):
        evaluation = evaluated(a_pod(a_container(limit=None), annotations={"exempt": "true"}))

        assert [outcome.verdict for outcome in evaluation.outcomes] == [Verdict.DENY]
        assert [each.reason for each in evaluation.warnings] == [Reason.ANNOTATION_REFUSED]

    def test_the_administrator_may_allow_it(self):
        policy = Policy(annotations=AnnotationBounds(exempt=True))
        pod = a_pod(a_container(limit=None), annotations={"exempt": "true"})

        outcome = the_outcome(pod, policy)

        assert (outcome.verdict, outcome.reason) == (Verdict.EXEMPT, Reason.EXEMPT_BY_ANNOTATION)


def test_a_pod_without_redis_is_told_nothing():
    pod = a_pod(a_container(image="app"), annotations={"headroom": "?"})

    assert evaluated(pod).warnings == ()
