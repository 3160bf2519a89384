"""However a Pod is made, it is answered, and costs no more than its evaluation may."""

import json
import tracemalloc
from itertools import takewhile

import pytest

from tests.harness.hostile_pods import KINDS, Hostile
from tests.property.counting_budget import CountingBudget
from webhook.admission.respond import respond
from webhook.admission.review import encode_review
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Evaluation, Verdict
from webhook.domain.kubernetes.budget import (
    LIMITS,
    Budget,
    FirstBudget,
    HeavyError,
    TooComplexError,
    Work,
)
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.settings import NamespaceSettings, NoLimit, Policy, Rule
from webhook.domain.reasons import Reason

SIZES = (1, 8, 64, 512, 4096, 32768)
LARGEST = 3 * 1024 * 1024
"""Bytes of the largest review."""

LARGEST_ANSWER = 512 * 1024

MEMORY = 64 * 1024 * 1024


def answered(hostile: Hostile) -> tuple[Evaluation, CountingBudget]:
    pod, config_maps = hostile
    budget = CountingBudget()
    evaluation = evaluate(parse_pod(pod), Policy(), config_maps, budget=budget)
    answer = encode_review("uid", respond(evaluation))
    assert len(answer) < LARGEST_ANSWER
    return evaluation, budget


def sizes(kind: str) -> list[int]:
    """Sizes up to the first that is too large: beyond it some grow by the square."""
    return list(takewhile(lambda n: len(json.dumps(KINDS[kind](n)[0])) <= LARGEST, SIZES))


@pytest.mark.parametrize(("kind", "n"), [(kind, n) for kind in KINDS for n in sizes(kind)])
def test_a_hostile_pod_is_answered_within_its_budget(kind: str, n: int):
    evaluation, budget = answered(KINDS[kind](n))

    assert {work: spent for work, spent in budget.admitted.items() if spent > LIMITS[work]} == {}
    assert all(outcome.server or outcome.reason for outcome in evaluation.outcomes)
    # a container costs sixteen, so that this bounds how many are parsed and told of
    assert len(evaluation.outcomes) <= LIMITS[Work.ENTRIES] // 16 + 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_pod_takes_little_memory(kind: str):
    pod, config_maps = KINDS[kind](max(sizes(kind)))
    tracemalloc.start()
    try:
        evaluate(parse_pod(pod), Policy(), config_maps)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < MEMORY


def test_what_is_too_complex_names_its_bound():
    evaluation, _ = answered(KINDS["variables_that_double"](64))

    (outcome,) = evaluation.outcomes
    assert (outcome.verdict, outcome.reason) == (Verdict.UNENFORCEABLE, Reason.TOO_COMPLEX)
    assert "more than 1,048,576 characters of expanded variables" in outcome.message


def test_a_known_server_without_a_limit_does_not_hide_behind_complexity():
    pod, _ = KINDS["variables_that_double"](64)
    del pod["spec"]["containers"][0]["resources"]

    evaluation, _ = answered((pod, {}))

    assert [each.reason for each in evaluation.denied] == [Reason.NO_MEMORY_LIMIT]


def test_where_no_limit_is_only_warned_of_a_complex_server_is_too():
    pod, _ = KINDS["variables_that_double"](64)
    del pod["spec"]["containers"][0]["resources"]
    settings = NamespaceSettings(no_limit=NoLimit.WARN)

    (outcome,) = evaluate(parse_pod(pod), Policy(defaults=settings)).outcomes

    assert (outcome.reason, outcome.denied) == (Reason.NO_MEMORY_LIMIT, False)


def test_an_exempt_namespace_is_exempt_whatever_its_pods_cost():
    pod, _ = KINDS["variables_that_double"](64)
    policy = Policy(rules=(Rule(namespaces=("shop",), exempt=True),))

    (outcome,) = evaluate(parse_pod(pod), policy).outcomes

    assert outcome.reason is Reason.EXEMPT_BY_RULE


def test_work_is_refused_at_its_bound_and_not_before():
    budget = Budget()

    budget.spend(Work.FILES, LIMITS[Work.FILES])
    with pytest.raises(TooComplexError, match="more than 256 configuration files"):
        budget.spend(Work.FILES, 1)


def many_variables(n: int) -> Hostile:
    pod, _ = KINDS["many_servers"](2)
    pod["spec"]["containers"][0]["env"] = [{"name": f"V{at}", "value": "x"} for at in range(n)]
    return pod, {}


# two containers count as sixteen each
MOST_VARIABLES = LIMITS[Work.ENTRIES] - 2 * 16


def test_a_pod_with_as_many_entries_as_are_read_is_evaluated():
    evaluation, _ = answered(many_variables(MOST_VARIABLES))

    assert [each.verdict for each in evaluation.outcomes] == [Verdict.INJECT, Verdict.INJECT]


def test_a_pod_with_more_entries_than_are_read_is_refused():
    evaluation, _ = answered(many_variables(MOST_VARIABLES + 1))

    first, last = evaluation.outcomes
    assert (first.verdict, first.reason) == (Verdict.UNENFORCEABLE, Reason.TOO_COMPLEX)
    assert (last.verdict, last.reason) == (Verdict.DENY, Reason.TOO_COMPLEX)
    assert last.message == (
        "it is not read, nor is what follows: more than 8,192 entries of lists in the Pod"
    )
    assert not respond(evaluation).allowed


def test_what_is_not_read_may_be_any_container_and_any_list():
    containers = [{"name": f"c{at}", "image": "busybox"} for at in range(100_000)]

    evaluation = evaluate(parse_pod({"spec": {"containers": containers}}), Policy())

    assert [each.container.index for each in evaluation.denied] == [LIMITS[Work.ENTRIES] // 16]


def test_a_pod_of_nothing_but_volumes_has_no_container_to_refuse():
    volumes = [{"name": f"v{at}", "emptyDir": {}} for at in range(10_000)]

    assert evaluate(parse_pod({"spec": {"volumes": volumes}}), Policy()).outcomes == ()


def test_a_pod_that_is_not_read_is_admitted_where_its_namespace_is_exempt():
    pod, _ = many_variables(MOST_VARIABLES + 1)
    policy = Policy(rules=(Rule(namespaces=("shop",), exempt=True),))

    evaluation = evaluate(parse_pod(pod), policy)

    assert [each.reason for each in evaluation.outcomes] == [Reason.EXEMPT_BY_RULE] * 2
    assert evaluation.denied == ()


def test_long_files_are_looked_through_for_a_server_as_far_as_the_budget_goes():
    pod, config_maps = KINDS["containers_that_run_one_long_script"](8)
    budget = CountingBudget()

    evaluation = evaluate(parse_pod(pod), Policy(), config_maps, budget=budget)

    assert {each.reason for each in evaluation.outcomes} == {Reason.NOT_REDIS}
    assert budget.admitted[Work.SCRIPTS] == 1_800_000


@pytest.mark.parametrize("kind", ["many_servers", "entrypoints_in_a_row", "a_forged_record"])
def test_what_the_first_budget_suffices_for_comes_out_as_with_all_of_it(kind: str):
    pod, config_maps = KINDS[kind](1)
    parsed = parse_pod(pod)

    first = evaluate(parsed, Policy(), config_maps, budget=FirstBudget())

    assert first == evaluate(parsed, Policy(), config_maps)


def test_more_than_the_first_budget_is_no_verdict():
    pod, _ = KINDS["many_starts_in_a_text"](64)

    with pytest.raises(HeavyError):
        evaluate(parse_pod(pod), Policy(), budget=FirstBudget())
