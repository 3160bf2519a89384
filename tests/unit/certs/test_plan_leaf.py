"""Rules 3 and 4 of certs/plan.py: the leaf, and rotations, boundaries in pairs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from certs.actions import Action, AwaitPropagation, DropOldCAs, IssueLeaf, Keep, StartPropagation
from certs.plan import plan
from certs.state import Absent, Damaged, Propagation, Serving, TrustedCAs
from tests.unit.certs.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    SPEC,
    ca,
    propagated,
    serving,
    state,
)
from tests.unit.certs.plan_cases import (
    A_LEAF_DUE,
    AT_REST,
    NEW,
    NEW_LEAF,
    OLD,
    OLD_LEAF,
    OTHER,
    ROTATING,
    noted,
)

# Rule 3: one CA.


@pytest.mark.parametrize(
    ("served", "reason"),
    [
        pytest.param(Absent(), "there is no serving certificate", id="absent"),
        pytest.param(
            Damaged(reason="tls.crt is odd"),
            "the serving Secret is damaged: tls.crt is odd",
            id="damaged",
        ),
        pytest.param(
            serving(OTHER),
            "the serving certificate is not from the CA that signs now",
            id="unknown CA",
        ),
        pytest.param(
            serving(NEW, dns_names=("guard.elsewhere.svc",)),
            "the serving certificate is for guard.elsewhere.svc",
            id="another name",
        ),
        pytest.param(
            serving(NEW, dns_names=(*SPEC.dns_names, "guard")),
            "the serving certificate is for guard.system.svc, guard.system.svc.cluster.local,"
            " guard.system, guard",
            id="a name too many",
        ),
        pytest.param(
            serving(NEW, dns_names=()), "the serving certificate is for no name", id="no name"
        ),
        pytest.param(
            serving(NEW, issued=NOW - HOUR, lifetime=HOUR - SECOND),
            "the serving certificate is valid from 2026-03-01T11:00:00Z to 2026-03-01T11:59:59Z"
            " only",
            id="expired",
        ),
        pytest.param(
            serving(NEW, issued=NOW + HOUR + SECOND),
            "the serving certificate is valid from 2026-03-01T12:00:01Z to 2026-03-31T13:00:01Z"
            " only",
            id="not yet valid",
        ),
    ],
)
def test_a_leaf_that_cannot_stay_is_replaced(
    served: Serving | Absent | Damaged, reason: str
) -> None:
    wrong = replace(state(AT_REST, NEW_LEAF), serving=served)

    assert plan(wrong, SPEC, NOW) == IssueLeaf(cas=AT_REST, reason=reason)


def test_the_order_of_names_does_not_matter() -> None:
    turned = serving(NEW, dns_names=SPEC.dns_names[::-1])

    assert isinstance(plan(state(AT_REST, turned), SPEC, NOW), Keep)


def test_a_leaf_is_renewed_when_two_thirds_of_its_life_have_passed() -> None:
    at_rest = state(AT_REST, NEW_LEAF)

    assert plan(at_rest, SPEC, A_LEAF_DUE - SECOND) == Keep(
        until=A_LEAF_DUE, reason="the serving certificate is renewed then"
    )
    assert plan(at_rest, SPEC, A_LEAF_DUE) == IssueLeaf(
        cas=AT_REST,
        reason="two thirds of the serving certificate's life passed at 2026-03-21T11:40:00Z",
    )


def test_the_ca_may_be_due_first() -> None:
    signer = ca(created=NOW, lifetime=31 * DAY)
    leaf = serving(signer, issued=NOW + 5 * DAY)

    assert plan(state(TrustedCAs(signer=signer), leaf), SPEC, NOW + 6 * DAY) == Keep(
        until=signer.certificate.renewal_due, reason="the CA is rotated then"
    )


# Rule 4: several CAs.


@pytest.mark.parametrize(
    "propagation",
    [
        pytest.param(None, id="no note"),
        pytest.param(propagated(AT_REST, OLD_LEAF, since=NOW - DAY), id="of another bundle"),
        pytest.param(propagated(ROTATING, NEW_LEAF, since=NOW - DAY), id="of another issuer"),
        pytest.param(propagated(ROTATING, OLD_LEAF, since=NOW + SECOND), id="from the future"),
    ],
)
def test_a_wait_begins_with_a_note(propagation: Propagation | None) -> None:
    begun = replace(ROTATING, propagation=propagation)

    assert plan(state(begun, OLD_LEAF), SPEC, NOW) == StartPropagation(
        cas=noted(OLD_LEAF, since=NOW), reason="every configuration has this caBundle"
    )


def test_a_leaf_changes_its_ca_only_when_api_servers_had_time() -> None:
    waiting = noted(OLD_LEAF, since=NOW)
    until = NOW + SPEC.bundle_propagation

    assert plan(state(waiting, OLD_LEAF), SPEC, until - SECOND) == AwaitPropagation(
        until=until, reason="API servers take up the new caBundle"
    )
    assert plan(state(waiting, OLD_LEAF), SPEC, until) == IssueLeaf(
        cas=waiting,
        reason="the serving certificate is not from the CA that signs now",
    )


def test_a_ca_is_dropped_only_when_pods_had_time() -> None:
    waiting = noted(NEW_LEAF, since=NOW)
    until = NOW + SPEC.serving_propagation

    assert plan(state(waiting, NEW_LEAF), SPEC, until - SECOND) == AwaitPropagation(
        until=until, reason="Pods take up the new serving certificate"
    )
    assert plan(state(waiting, NEW_LEAF), SPEC, until) == DropOldCAs(
        cas=AT_REST, reason="every Pod serves a certificate of the new CA"
    )


@pytest.mark.parametrize("served", [Absent(), Damaged(reason="tls.crt is odd")])
def test_pods_that_keep_an_old_leaf_are_not_cut_off_by_a_lost_secret(
    served: Absent | Damaged,
) -> None:
    lost = replace(state(ROTATING, OLD_LEAF), serving=served)

    assert isinstance(plan(lost, SPEC, NOW), StartPropagation)


@pytest.mark.parametrize(
    ("past_expiry", "expected"),
    [
        pytest.param(timedelta(), StartPropagation, id="last instant"),
        pytest.param(SECOND, IssueLeaf, id="expired"),
    ],
)
def test_nobody_waits_for_cas_that_verify_nothing_any_more(
    past_expiry: timedelta, expected: type[Action]
) -> None:
    now = OLD.certificate.not_after + past_expiry

    assert isinstance(plan(state(ROTATING, OLD_LEAF), SPEC, now), expected)


def test_a_leaf_that_falls_due_while_pods_take_time_is_renewed() -> None:
    since = A_LEAF_DUE - 5 * MINUTE
    lasting = ca(created=NOW, lifetime=120 * DAY).certificate
    rotating = TrustedCAs(signer=NEW, previous=(lasting,))
    waiting = replace(rotating, propagation=propagated(rotating, NEW_LEAF, since=since))

    assert isinstance(plan(state(waiting, NEW_LEAF), SPEC, A_LEAF_DUE), IssueLeaf)
