"""The twins, and the namespace that they live in."""

import pytest

from tests.unit.trials.fake_api import FakeApi
from webhook.cli.commands.plateau.trial import Plan, create_twins
from webhook.cluster.connection import ClusterError
from webhook.cluster.trial_namespace import TrialNamespace, trial_namespace
from webhook.domain.policy.settings import Policy, Rule
from webhook.trials.follow import TrialError
from webhook.trials.pods import guard
from webhook.trials.workload import WORKLOADS, load_beyond

LIMIT = 128 * 2**20
LOAD = load_beyond(LIMIT, WORKLOADS["set-1k"], seconds=30, bytes_a_second=2**20)
PLAN = Plan(image="redis:7", limit=LIMIT, load=LOAD)


def test_without_a_webhook_the_guarded_twin_is_patched_here():
    api = FakeApi()

    names = create_twins(PLAN, Policy(), TrialNamespace(api, "n"))

    assert names == ("guarded", "unguarded")
    assert api.pods["unguarded"] == PLAN.pod("unguarded")
    assert api.pods["guarded"] == guard(PLAN.pod("guarded"), Policy()).manifest


def test_a_webhook_in_the_cluster_does_it_itself_and_leaves_no_unguarded_twin():
    api = FakeApi(guards=True)

    names = create_twins(PLAN, Policy(), TrialNamespace(api, "n"))

    assert names == ("guarded",)
    assert api.pods == {"guarded": guard(PLAN.pod("guarded"), Policy()).manifest}


def test_a_policy_that_injects_nothing_is_an_error():
    exempt = Policy(rules=(Rule(namespaces=("n",), exempt=True),))

    with pytest.raises(TrialError, match=r"^nothing would be injected into redis:7: "):
        create_twins(PLAN, exempt, TrialNamespace(FakeApi(), "n"))


def test_the_namespace_is_generated_and_gone_at_the_end():
    api = FakeApi()

    with trial_namespace(api, prefix="p") as namespace:
        inside = dict(api.namespaces)

    assert list(inside) == [namespace.name]
    assert namespace.name.startswith("p-")
    assert api.namespaces == {}


@pytest.mark.parametrize("error", [KeyboardInterrupt, ClusterError("gone")])
def test_the_namespace_is_gone_after_an_interruption(error: BaseException):
    api = FakeApi()

    with pytest.raises((KeyboardInterrupt, ClusterError)), trial_namespace(api, prefix="p"):
        raise error

    assert api.namespaces == {}


def test_a_namespace_that_somebody_else_has_deleted_is_gone():
    api = FakeApi()

    with trial_namespace(api, prefix="p"):
        api.namespaces.clear()

    assert api.namespaces == {}


def test_a_namespace_that_is_refused_is_told_in_the_server_s_words():
    with (
        pytest.raises(ClusterError, match=r"^the API server answers 403: namespaces is forbidden$"),
        trial_namespace(FakeApi(refuses=True), prefix="p"),
    ):
        pytest.fail("there is no namespace")
