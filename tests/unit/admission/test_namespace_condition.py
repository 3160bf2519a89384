"""Which namespaces an entry of a configuration is called for."""

import pytest

from webhook.admission.match_conditions import validating_condition
from webhook.admission.namespace_condition import Handling, handled
from webhook.domain.policy.profile import Headroom
from webhook.domain.policy.settings import Mode, NamespaceSettings, Policy, Rule, Unenforceable

AUDITED_DEV = Rule(namespaces=("dev-*", "test?"), mode=Mode.AUDIT)
EXEMPT = Rule(namespaces=("[!a]x",), exempt=True)
PLAIN = Rule(namespaces=("shop",))


@pytest.mark.parametrize(
    ("policy", "handling", "expression"),
    [
        (Policy(), Handling.ENFORCED, "true"),
        (Policy(), Handling.AUDITED, ""),
        (Policy(rules=(PLAIN,)), Handling.ENFORCED, "true"),
        (Policy(defaults=NamespaceSettings(mode=Mode.AUDIT)), Handling.AUDITED, "true"),
        (
            Policy(rules=(AUDITED_DEV, PLAIN)),
            Handling.ENFORCED,
            "(request.namespace.matches('^(dev-.*|test.)$') ? 'audited' : 'enforced')"
            " == 'enforced'",
        ),
        (
            Policy(rules=(PLAIN, EXEMPT)),
            Handling.EXEMPT,
            "(request.namespace.matches('^(shop)$') ? 'enforced' : "
            "request.namespace.matches('^([^a]x)$') ? 'exempt' : 'enforced') == 'exempt'",
        ),
    ],
)
def test_the_first_rule_that_matches_decides(policy: Policy, handling: Handling, expression: str):
    assert handled(policy, handling) == expression


def test_no_entry_is_made_for_no_namespaces():
    assert validating_condition(Policy(), Handling.AUDITED) is None


def test_namespaces_are_told_first():
    condition = validating_condition(Policy(rules=(AUDITED_DEV,)), Handling.AUDITED)

    assert condition is not None
    assert condition.expression.startswith("(request.namespace.matches(")


def asks_about_bounded_pods(policy: Policy) -> bool:
    condition = validating_condition(policy, Handling.ENFORCED)
    assert condition is not None
    return "'--maxmemory'" not in condition.expression


@pytest.mark.parametrize(
    ("policy", "asks"),
    [
        (Policy(), False),
        (Policy(defaults=NamespaceSettings(unenforceable=Unenforceable.DENY)), True),
        (Policy(rules=(Rule(namespaces=("a",), unenforceable=Unenforceable.DENY),)), True),
        (Policy(headroom=Headroom(explicit_share=Headroom().explicit_share / 7)), True),
    ],
    ids=["built in", "denies", "a rule denies", "a share without an end"],
)
def test_bounded_pods_are_asked_about_where_more_may_be_denied(policy: Policy, asks: bool):
    assert asks_about_bounded_pods(policy) is asks
