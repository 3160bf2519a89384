"""Any Pod of anything that is read gets a verdict, for a bounded amount of work.

`make fuzz` tries ten thousand; the tests try a few hundred, the same ones each time.
"""

import json
import os
from collections.abc import Mapping

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.builders import a_review, reading
from tests.property.counting_budget import CountingBudget
from tests.property.pods import Json, config_maps, unruly_pods
from webhook.admission.handling import Decide, handle
from webhook.admission.mutate import mutate
from webhook.admission.validate import validate
from webhook.domain.kubernetes.budget import LIMITS, Budget
from webhook.domain.policy.settings import Mode, NamespaceSettings, Policy

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
POLICIES = (Policy(), Policy(defaults=NamespaceSettings(mode=Mode.AUDIT)))


@settings(
    max_examples=EXAMPLES or 200,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    pod=unruly_pods(),
    files=config_maps(),
    policy=st.sampled_from(POLICIES),
    decide=st.sampled_from([mutate, validate]),
)
def test_any_pod_gets_a_verdict_for_a_bounded_amount_of_work(
    pod: Json, files: Mapping[str, Mapping[str, str]], policy: Policy, decide: Decide
) -> None:
    budgets: list[CountingBudget] = []

    def new_budget() -> Budget:
        budgets.append(CountingBudget())
        return budgets[-1]

    admitted = handle(
        a_review(pod),
        decide,
        policy=policy,
        read_config_maps=reading(files),
        new_budget=new_budget,
    )

    assert isinstance(json.loads(admitted.answer)["response"]["allowed"], bool)
    # the first look, and one after each of four rounds of reads
    assert 0 < len(budgets) <= 5
    for budget in budgets:
        assert all(done <= LIMITS[work] for work, done in budget.admitted.items())
