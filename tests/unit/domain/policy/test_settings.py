"""Which settings hold for a namespace, and for a Pod of it."""

from fractions import Fraction

import pytest

from tests.harness.builders import a_container, a_pod, the_outcome
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.policy.profile import Headroom
from webhook.domain.policy.settings import (
    EvictionPolicy,
    Mode,
    NamespaceSettings,
    Policy,
    ProfileChoice,
    Rule,
)

QUEUES = Rule(namespaces=("queue-*", "jobs"), eviction_policy=EvictionPolicy.NOEVICTION)
REST = Rule(namespaces=("*",), mode=Mode.AUDIT)


@pytest.mark.parametrize(
    ("namespace", "settings"),
    [
        ("queue-1", NamespaceSettings(eviction_policy=EvictionPolicy.NOEVICTION)),
        ("jobs", NamespaceSettings(eviction_policy=EvictionPolicy.NOEVICTION)),
        ("jobs-2", NamespaceSettings(mode=Mode.AUDIT)),
        ("Jobs", NamespaceSettings(mode=Mode.AUDIT)),
        ("", NamespaceSettings(mode=Mode.AUDIT)),
    ],
)
def test_the_first_rule_that_matches_holds_over_the_defaults(
    namespace: str, settings: NamespaceSettings
):
    assert Policy(rules=(QUEUES, REST)).for_namespace(namespace) == settings


def test_without_a_rule_the_defaults_hold():
    assert Policy(rules=(QUEUES,)).for_namespace("shop") == NamespaceSettings()


def test_a_rule_may_undo_a_default():
    policy = Policy(
        defaults=NamespaceSettings(exempt=True), rules=(Rule(namespaces=("a",), exempt=False),)
    )

    assert (policy.for_namespace("a").exempt, policy.for_namespace("b").exempt) == (False, True)


class TestRulesByLabels:
    """They come on top of the namespace's rule, and never in its place."""

    POLICY = Policy(
        rules=(
            Rule(labels={"app": "sidekiq"}, eviction_policy=EvictionPolicy.NOEVICTION),
            Rule(
                namespaces=("shop-*",),
                labels={"app": "sessions", "tier": "store"},
                profile=ProfileChoice.PERSISTENT,
                headroom=Headroom(explicit_share=Fraction(1, 2)),
            ),
            Rule(namespaces=("dev-*",), mode=Mode.AUDIT, headroom=Headroom(small_limit=1)),
        )
    )

    @pytest.mark.parametrize(
        ("namespace", "labels", "settings", "headroom"),
        [
            ("shop-a", {}, NamespaceSettings(), Headroom()),
            (
                "shop-a",
                {"app": "sidekiq", "x": "y"},
                NamespaceSettings(eviction_policy=EvictionPolicy.NOEVICTION),
                Headroom(),
            ),
            (
                "dev-a",
                {"app": "sidekiq"},
                NamespaceSettings(mode=Mode.AUDIT, eviction_policy=EvictionPolicy.NOEVICTION),
                Headroom(small_limit=1),
            ),
            (
                "shop-a",
                {"app": "sessions", "tier": "store"},
                NamespaceSettings(profile=ProfileChoice.PERSISTENT),
                Headroom(explicit_share=Fraction(1, 2)),
            ),
            ("shop-a", {"app": "sessions"}, NamespaceSettings(), Headroom()),
            ("shop", {"app": "sessions", "tier": "store"}, NamespaceSettings(), Headroom()),
            (
                "dev-a",
                {"app": "Sidekiq"},
                NamespaceSettings(mode=Mode.AUDIT),
                Headroom(small_limit=1),
            ),
        ],
    )
    def test_what_holds_for_a_pod(
        self,
        namespace: str,
        labels: dict[str, str],
        settings: NamespaceSettings,
        headroom: Headroom,
    ):
        assert self.POLICY.for_pod(namespace, labels) == settings
        assert self.POLICY.headroom_for(namespace, labels) == headroom

    def test_the_rules_that_hold_are_told_by_their_place(self):
        policy = Policy(
            rules=(
                Rule(labels={"app": "sidekiq"}),
                Rule(namespaces=("dev-*",)),
                Rule(namespaces=("dev-a",)),
                Rule(labels={"app": "sidekiq"}, namespaces=("dev-b",)),
            )
        )

        assert policy.rules_for("dev-a", {"app": "sidekiq"}) == (0, 1)
        assert policy.rules_for("dev-a", {}) == (1,)
        assert policy.rules_for("shop", {"app": "cart"}) == ()

    def test_the_mode_is_the_namespaces_whatever_the_labels(self):
        assert self.POLICY.for_namespace("dev-a").mode is Mode.AUDIT

    def test_the_evaluation_goes_by_them(self):
        pod = a_pod(a_container(args=["--maxmemory", "300mb", "--save", ""]))
        pod["metadata"]["namespace"] = "shop-a"
        labelled = {**pod, "metadata": {**pod["metadata"], "labels": self.POLICY.rules[1].labels}}

        assert the_outcome(pod, self.POLICY).verdict is Verdict.RESPECT
        assert the_outcome(labelled, self.POLICY).verdict is Verdict.ADJUST
