"""Rules 1 and 2 of certs/plan.py: CAs and their publication, boundaries in pairs."""

from dataclasses import replace
from datetime import datetime

import pytest

from certs.actions import AddCA, Keep, Publish, StartPropagation, StopPropagation
from certs.plan import plan
from certs.state import Absent, Damaged, State, TrustedCAs
from tests.unit.certs.builders import (
    DAY,
    HOUR,
    MUTATING,
    NOW,
    SECOND,
    SPEC,
    VALIDATING,
    ca,
    published,
    state,
)
from tests.unit.certs.plan_cases import (
    AT_REST,
    NEW,
    NEW_LEAF,
    OLD,
    OLD_LEAF,
    OTHER,
    ROTATING,
    noted,
)

# Rule 1: a CA has to be there, usable, and not due.


def test_at_first_there_is_nothing() -> None:
    empty = State(cas=Absent(), serving=Absent(), publications=(published(b""),))

    assert plan(empty, SPEC, NOW) == AddCA(previous=(), reason="there is no CA")


def test_a_lost_ca_stays_trusted_where_it_is_published() -> None:
    lost = State(
        cas=Damaged(reason="ca.key is gone"),
        serving=Absent(),
        publications=(
            published(OLD.certificate.pem, OLD.certificate.pem, b"damaged"),
            published(NEW.certificate.pem, configuration=VALIDATING),
        ),
    )

    action = plan(lost, SPEC, NOW)

    assert isinstance(action, AddCA)
    assert set(action.previous) == {OLD.certificate, NEW.certificate}
    assert action.reason == "the CA Secret is damaged: ca.key is gone"


def test_a_lost_ca_stays_trusted_for_what_is_served() -> None:
    lost = State(cas=Absent(), serving=NEW_LEAF, publications=())

    assert plan(lost, SPEC, NOW) == AddCA(previous=(NEW.certificate,), reason="there is no CA")


@pytest.mark.parametrize(
    ("now", "previous"),
    [
        pytest.param(NEW.certificate.not_after, (NEW.certificate,), id="last instant"),
        pytest.param(NEW.certificate.not_after + SECOND, (), id="expired"),
        pytest.param(NEW.certificate.not_before - DAY, (NEW.certificate,), id="clock behind"),
    ],
)
def test_only_what_may_still_be_trusted_is_recovered(
    now: datetime, previous: tuple[object, ...]
) -> None:
    leaf_is_no_ca = NEW_LEAF.pair.certificate.pem
    bundle = NEW.certificate.pem + leaf_is_no_ca
    lost = State(cas=Absent(), serving=Absent(), publications=(published(bundle),))

    assert plan(lost, SPEC, now) == AddCA(
        previous=previous,  # type: ignore[arg-type]
        reason="there is no CA",
    )


def test_an_issuer_that_was_not_recorded_cannot_be_recovered() -> None:
    lost = State(cas=Absent(), serving=replace(NEW_LEAF, issuer=None), publications=())

    assert plan(lost, SPEC, NOW) == AddCA(previous=(), reason="there is no CA")


def test_a_ca_is_rotated_when_two_thirds_of_its_life_have_passed() -> None:
    at_rest = state(TrustedCAs(signer=OLD), OLD_LEAF)
    due = OLD.certificate.renewal_due

    assert isinstance(plan(at_rest, SPEC, due - SECOND), Keep)
    assert plan(at_rest, SPEC, due) == AddCA(
        previous=(OLD.certificate,),
        reason="two thirds of the CA's life passed at 2026-03-01T12:20:00Z",
    )


def test_rotations_do_not_overlap() -> None:
    rotating = TrustedCAs(signer=OLD, previous=(OTHER.certificate,))

    action = plan(state(rotating, OLD_LEAF), SPEC, OLD.certificate.renewal_due + DAY)

    assert isinstance(action, StartPropagation)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        pytest.param(
            NEW.certificate.not_after + SECOND,
            "the CA is valid from 2026-03-01T11:00:00Z to 2026-05-30T12:00:00Z only",
            id="expired",
        ),
        pytest.param(
            NEW.certificate.not_before - SECOND,
            "the CA is valid from 2026-03-01T11:00:00Z to 2026-05-30T12:00:00Z only",
            id="not yet valid: whose clock is wrong?",
        ),
    ],
)
def test_a_ca_outside_its_validity_is_replaced_even_while_rotating(
    now: datetime, reason: str
) -> None:
    longer = ca(created=NOW - DAY, lifetime=120 * DAY).certificate
    rotating = TrustedCAs(signer=NEW, previous=(longer,))

    action = plan(state(rotating, NEW_LEAF), SPEC, now)

    assert isinstance(action, AddCA)
    assert action.reason == reason
    expired = now > NEW.certificate.not_after
    assert action.previous == ((longer,) if expired else (longer, NEW.certificate))


# Rule 2: what is trusted is published everywhere.


@pytest.mark.parametrize(
    "bundles",
    [
        pytest.param((b"", b""), id="never published"),
        pytest.param((NEW.certificate.pem, b""), id="one webhook left out"),
        pytest.param((NEW.certificate.pem + OTHER.certificate.pem,), id="a stranger is trusted"),
    ],
)
def test_a_bundle_that_is_not_ours_is_repaired(bundles: tuple[bytes, ...]) -> None:
    drifted = replace(
        state(AT_REST, NEW_LEAF),
        publications=(published(*bundles), published(b"", configuration=VALIDATING)),
    )

    assert plan(drifted, SPEC, NOW) == Publish(
        configuration=MUTATING,
        bundle=NEW.certificate.pem,
        reason="the caBundle of MutatingWebhookConfiguration/guard is not ours",
    )


def test_a_repair_during_a_wait_makes_the_wait_start_anew() -> None:
    waiting = noted(NEW_LEAF, since=NOW)
    drifted = replace(state(waiting, NEW_LEAF), publications=(published(NEW.certificate.pem),))

    assert plan(drifted, SPEC, NOW + HOUR) == StopPropagation(
        cas=ROTATING,
        reason="the caBundle of MutatingWebhookConfiguration/guard is not ours",
    )


@pytest.mark.parametrize("publications", [(), (published(),)])
def test_what_calls_nobody_holds_up_nothing(publications: tuple[object, ...]) -> None:
    unpublished = replace(state(AT_REST, NEW_LEAF), publications=publications)

    assert isinstance(plan(unpublished, SPEC, NOW), Keep)
