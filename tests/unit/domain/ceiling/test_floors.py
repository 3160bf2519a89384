"""What a durable server was seen to hold is the floor of its ceiling."""

from typing import Any

import pytest

from tests.harness.builders import (
    BUILT_IN,
    MEBI,
    Json,
    a_claim,
    a_container,
    a_mount,
    a_pod,
    evaluated,
    holding,
    maxmemory,
    outcome_of,
    owned,
    the_outcome,
)
from webhook.domain.ceiling.sizing import Raised
from webhook.domain.evaluation.evidence import read_evidence
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.reasons import Reason

SAFE = 512 * MEBI * 85 // 100


def durable(**fields: object) -> Json:
    mounts = [a_mount("/data")]
    values: dict[str, Any] = {"args": ["--appendonly", "yes"], "volumeMounts": mounts, **fields}
    return a_pod(a_container(**values), volumes=[a_claim()])


def with_held(held: int, pod: Json | None = None) -> Outcome:
    return the_outcome(owned(pod or durable()), floors=holding(held))


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (0, 200 * MEBI),
        (180 * MEBI, 200 * MEBI),
        (200 * MEBI, 220 * MEBI),
        (300 * MEBI, 330 * MEBI),
        (SAFE * 10 // 11, SAFE * 10 // 11 * 11 // 10),
        (SAFE * 10 // 11 + 10, SAFE),
        (512 * MEBI, SAFE),
    ],
)
def test_its_ceiling_holds_a_tenth_more_up_to_the_share_of_an_explicit_one(
    held: int, expected: int
):
    assert maxmemory(with_held(held)) == expected


def test_the_outcome_says_so():
    outcome = with_held(300 * MEBI)

    assert (outcome.verdict, outcome.reason) == (Verdict.INJECT, Reason.CEILING_INJECTED)
    assert outcome.message == "maxmemory 330Mi of 512Mi (persistent) is injected"
    assert outcome.sizing is not None
    assert outcome.sizing.raised == Raised(held=300 * MEBI, computed=200 * MEBI)
    assert [each.message for each in outcome.warnings if each.reason == "data-over-ceiling"] == [
        "it was seen to hold 300Mi, so its ceiling is 330Mi in place of 200Mi: a fork may not fit "
        "beside that; a memory limit of 832Mi would make room for both"
    ]
    assert outcome.steps[-3:-1] == (
        "the profile is persistent because its append-only file is rewritten by a fork: 16Mi and "
        "18.75% of the limit stay free, and 50% of the rest, which leaves maxmemory 209715200 "
        "bytes (200Mi)",
        "it was seen to hold 300Mi, and its ceiling is not below 1.1 times that: maxmemory "
        "346030080 bytes (330Mi)",
    )


def test_what_bounds_it_is_said():
    assert with_held(500 * MEBI).steps[-2] == (
        "it was seen to hold 500Mi, and its ceiling is not below 1.1 times that, up to 85% of the "
        f"limit: maxmemory {SAFE} bytes (435.1Mi)"
    )


def test_the_limit_that_it_names_makes_room_for_both():
    named = with_held(300 * MEBI, durable(limit="832Mi"))

    assert named.sizing is not None
    assert named.sizing.raised is None
    assert maxmemory(named) >= 330 * MEBI
    assert maxmemory(with_held(300 * MEBI, durable(limit="831Mi"))) == 330 * MEBI


def test_the_warning_of_bounded_data_keeps_its_formula():
    messages = [
        next(each.message for each in outcome.warnings if each.reason == "durable-data-bounded")
        for outcome in (with_held(0), with_held(300 * MEBI))
    ]

    assert messages[1] == messages[0].replace("200Mi from now on", "330Mi from now on")


def test_no_measurement_covers_it():
    evidence = read_evidence(with_held(300 * MEBI))

    assert evidence is not None
    assert evidence.sentences == (
        "The measurements do not cover the 330Mi that hold its data of 512Mi: the persistent "
        "profile gives 200Mi.",
    )


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (a_pod(a_container(args=["--appendonly", "yes"])), 200 * MEBI),
        (a_pod(), 400 * MEBI),
        ({**durable(), "metadata": {"name": "cart", "namespace": "other"}}, 200 * MEBI),
        (durable(name="other"), 200 * MEBI),
    ],
    ids=["on no volume", "a cache", "of another namespace", "another container"],
)
def test_any_other_server_has_none(pod: Json, expected: int):
    assert maxmemory(with_held(430 * MEBI, pod)) == expected


@pytest.mark.parametrize(
    ("kind", "name"), [("Deployment", "cart"), ("StatefulSet", "cart-2")], ids=["kind", "name"]
)
def test_that_of_another_workload_is_none(kind: str, name: str):
    pod = owned(durable(), kind=kind, name=name)

    assert maxmemory(the_outcome(pod, floors=holding(300 * MEBI))) == 200 * MEBI


def test_a_pod_that_nobody_makes_anew_has_none():
    assert maxmemory(the_outcome(durable(), floors=holding(300 * MEBI))) == 200 * MEBI


def test_the_headroom_that_a_pod_asks_for_is_respected():
    pod = durable()
    pod["metadata"]["annotations"] = {"redis-memory-guard.dev/headroom": "70%"}

    assert maxmemory(with_held(300 * MEBI, pod)) == 512 * MEBI * 30 // 100


@pytest.mark.parametrize(
    ("own", "expected"), [("100mb", 100 * MEBI), ("500mb", SAFE), ("0", 330 * MEBI)]
)
def test_an_explicit_ceiling_is_not_raised(own: str, expected: int):
    pod = durable(args=["--appendonly", "yes", "--maxmemory", own])

    outcome = with_held(300 * MEBI, pod)

    assert maxmemory(outcome) == expected
    assert outcome.sizing is not None
    is_raised = own == "0"
    assert (outcome.sizing.raised is not None) == is_raised
    assert any("seen to hold" in step for step in outcome.steps) == is_raised
    assert any(each.reason == "data-over-ceiling" for each in outcome.warnings) == is_raised


def test_servers_that_share_a_container_share_its_bound():
    text = "redis-server --appendonly yes --port 1 & redis-server --appendonly yes --port 2"
    pod = durable(command=["sh", "-c", text], args=[])

    assert maxmemory(with_held(300 * MEBI, pod)) == SAFE // 2


def test_one_without_a_limit_is_told_what_it_would_get():
    remedied = with_held(300 * MEBI, durable(limit=None)).remedied

    assert remedied is not None
    assert maxmemory(remedied) == 330 * MEBI


def test_nothing_is_known_by_default():
    assert evaluated(owned(durable()), BUILT_IN).outcomes == (
        outcome_of(
            args=["--appendonly", "yes"], volumeMounts=[a_mount("/data")], volumes=[a_claim()]
        ),
    )
