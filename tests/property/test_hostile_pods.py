"""However a Pod is made, it is answered, and costs no more than its evaluation may."""

import json
import tracemalloc

import pytest

from tests.harness.hostile_pods import KINDS, Hostile
from webhook.admission.respond import respond
from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.evaluation.outcome import Evaluation, Verdict
from webhook.domain.kubernetes.budget import LIMITS, Budget, TooComplexError, Work
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.settings import NamespaceSettings, NoLimit, Policy, Rule
from webhook.domain.reasons import Reason

SIZES = (1, 8, 64, 512, 4096)
LARGEST = 1_500_000
"""Bytes of the largest object that etcd takes."""

MEMORY = 64 * 1024 * 1024


class CountingBudget(Budget):
    """Notes the work that was really admitted, without what was refused."""

    def __init__(self) -> None:
        super().__init__()
        self.admitted = dict.fromkeys(Work, 0)

    def spend(self, work: Work, amount: int) -> None:
        super().spend(work, amount)
        self.admitted[work] += amount


def answered(hostile: Hostile) -> tuple[Evaluation, CountingBudget]:
    pod, config_maps = hostile
    budget = CountingBudget()
    evaluation = evaluate(parse_pod(pod), Policy(), config_maps, budget=budget)
    assert respond(evaluation).allowed in (True, False)
    return evaluation, budget


def sizes(kind: str) -> list[int]:
    return [n for n in SIZES if len(json.dumps(KINDS[kind](n)[0])) <= LARGEST]


@pytest.mark.parametrize(("kind", "n"), [(kind, n) for kind in KINDS for n in sizes(kind)])
def test_a_hostile_pod_is_answered_within_its_budget(kind: str, n: int):
    evaluation, budget = answered(KINDS[kind](n))

    assert {work: spent for work, spent in budget.admitted.items() if spent > LIMITS[work]} == {}
    assert all(outcome.server or outcome.reason for outcome in evaluation.outcomes)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_pod_takes_little_memory(kind: str):
    pod, config_maps = KINDS[kind](max(sizes(kind)))
    parsed = parse_pod(pod)
    tracemalloc.start()
    try:
        evaluate(parsed, Policy(), config_maps)
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
