"""The truth table of certs/plan.py, rule by rule, boundaries in pairs."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from certs.actions import (
    Action,
    AddAuthority,
    DropAuthorities,
    IssueLeaf,
    Keep,
    Publish,
    Settle,
    StartSettling,
    StopSettling,
)
from certs.plan import plan
from certs.state import Absent, Authorities, Damaged, Serving, Settling, State
from tests.unit.certs.builders import (
    DAY,
    HOUR,
    MINUTE,
    MUTATING,
    NOW,
    SECOND,
    SPEC,
    VALIDATING,
    authority,
    published,
    serving,
    settled,
    state,
)

# OLD's renewal is due at NOW: two thirds of 90 days have passed.
OLD = authority(created=NOW - 60 * DAY, lifetime=90 * DAY + HOUR)
NEW = authority(created=NOW)
OTHER = authority(created=NOW)

AT_REST = Authorities(signer=NEW)
ROTATING = Authorities(signer=NEW, previous=(OLD.certificate,))
OLD_LEAF, NEW_LEAF = serving(OLD, issued=NOW - DAY), serving(NEW, issued=NOW)
A_LEAF_DUE = NEW_LEAF.pair.certificate.renewal_due


def noted(served: Serving, *, since: datetime) -> Authorities:
    return replace(ROTATING, settling=settled(ROTATING, served, since=since))


# Rule 1: an authority has to be there, usable, and not due.


def test_at_first_there_is_nothing() -> None:
    empty = State(authorities=Absent(), serving=Absent(), publications=(published(b""),))

    assert plan(empty, SPEC, NOW) == AddAuthority(
        previous=(), reason="there is no certificate authority"
    )


def test_a_lost_authority_stays_trusted_where_it_is_published() -> None:
    lost = State(
        authorities=Damaged(reason="ca.key is gone"),
        serving=Absent(),
        publications=(
            published(OLD.certificate.pem, OLD.certificate.pem, b"damaged"),
            published(NEW.certificate.pem, configuration=VALIDATING),
        ),
    )

    action = plan(lost, SPEC, NOW)

    assert isinstance(action, AddAuthority)
    assert set(action.previous) == {OLD.certificate, NEW.certificate}
    assert action.reason == "the authority Secret is damaged: ca.key is gone"


def test_a_lost_authority_stays_trusted_for_what_is_served() -> None:
    lost = State(authorities=Absent(), serving=NEW_LEAF, publications=())

    assert plan(lost, SPEC, NOW) == AddAuthority(
        previous=(NEW.certificate,), reason="there is no certificate authority"
    )


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
    leaf_is_no_authority = NEW_LEAF.pair.certificate.pem
    bundle = NEW.certificate.pem + leaf_is_no_authority
    lost = State(authorities=Absent(), serving=Absent(), publications=(published(bundle),))

    assert plan(lost, SPEC, now) == AddAuthority(
        previous=previous,  # type: ignore[arg-type]
        reason="there is no certificate authority",
    )


def test_an_issuer_that_was_not_recorded_cannot_be_recovered() -> None:
    lost = State(authorities=Absent(), serving=replace(NEW_LEAF, issuer=None), publications=())

    assert plan(lost, SPEC, NOW) == AddAuthority(
        previous=(), reason="there is no certificate authority"
    )


def test_an_authority_is_rotated_when_two_thirds_of_its_life_have_passed() -> None:
    at_rest = state(Authorities(signer=OLD), OLD_LEAF)
    due = OLD.certificate.renewal_due

    assert isinstance(plan(at_rest, SPEC, due - SECOND), Keep)
    assert plan(at_rest, SPEC, due) == AddAuthority(
        previous=(OLD.certificate,),
        reason="two thirds of the authority's life passed at 2026-03-01T12:20:00Z",
    )


def test_rotations_do_not_overlap() -> None:
    rotating = Authorities(signer=OLD, previous=(OTHER.certificate,))

    action = plan(state(rotating, OLD_LEAF), SPEC, OLD.certificate.renewal_due + DAY)

    assert isinstance(action, StartSettling)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        pytest.param(
            NEW.certificate.not_after + SECOND,
            "the certificate authority is valid from 2026-03-01T11:00:00Z to 2026-05-30T12:00:00Z"
            " only",
            id="expired",
        ),
        pytest.param(
            NEW.certificate.not_before - SECOND,
            "the certificate authority is valid from 2026-03-01T11:00:00Z to 2026-05-30T12:00:00Z"
            " only",
            id="not yet valid: whose clock is wrong?",
        ),
    ],
)
def test_an_authority_outside_its_validity_is_replaced_even_while_rotating(
    now: datetime, reason: str
) -> None:
    longer = authority(created=NOW - DAY, lifetime=120 * DAY).certificate
    rotating = Authorities(signer=NEW, previous=(longer,))

    action = plan(state(rotating, NEW_LEAF), SPEC, now)

    assert isinstance(action, AddAuthority)
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

    assert plan(drifted, SPEC, NOW + HOUR) == StopSettling(
        authorities=ROTATING,
        reason="the caBundle of MutatingWebhookConfiguration/guard is not ours",
    )


@pytest.mark.parametrize("publications", [(), (published(),)])
def test_what_calls_nobody_holds_up_nothing(publications: tuple[object, ...]) -> None:
    unpublished = replace(state(AT_REST, NEW_LEAF), publications=publications)

    assert isinstance(plan(unpublished, SPEC, NOW), Keep)


# Rule 3: one authority.


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
            "the serving certificate is not from the authority that signs now",
            id="unknown authority",
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

    assert plan(wrong, SPEC, NOW) == IssueLeaf(authorities=AT_REST, reason=reason)


def test_the_order_of_names_does_not_matter() -> None:
    turned = serving(NEW, dns_names=SPEC.dns_names[::-1])

    assert isinstance(plan(state(AT_REST, turned), SPEC, NOW), Keep)


def test_a_leaf_is_renewed_when_two_thirds_of_its_life_have_passed() -> None:
    at_rest = state(AT_REST, NEW_LEAF)

    assert plan(at_rest, SPEC, A_LEAF_DUE - SECOND) == Keep(
        until=A_LEAF_DUE, reason="the serving certificate is renewed then"
    )
    assert plan(at_rest, SPEC, A_LEAF_DUE) == IssueLeaf(
        authorities=AT_REST,
        reason="two thirds of the serving certificate's life passed at 2026-03-21T11:40:00Z",
    )


def test_the_authority_may_be_due_first() -> None:
    signer = authority(created=NOW, lifetime=31 * DAY)
    leaf = serving(signer, issued=NOW + 5 * DAY)

    assert plan(state(Authorities(signer=signer), leaf), SPEC, NOW + 6 * DAY) == Keep(
        until=signer.certificate.renewal_due, reason="the certificate authority is rotated then"
    )


# Rule 4: several authorities.


@pytest.mark.parametrize(
    "settling",
    [
        pytest.param(None, id="no note"),
        pytest.param(settled(AT_REST, OLD_LEAF, since=NOW - DAY), id="of another bundle"),
        pytest.param(settled(ROTATING, NEW_LEAF, since=NOW - DAY), id="of another issuer"),
        pytest.param(settled(ROTATING, OLD_LEAF, since=NOW + SECOND), id="from the future"),
    ],
)
def test_a_wait_begins_with_a_note(settling: Settling | None) -> None:
    begun = replace(ROTATING, settling=settling)

    assert plan(state(begun, OLD_LEAF), SPEC, NOW) == StartSettling(
        authorities=noted(OLD_LEAF, since=NOW), reason="every configuration has this caBundle"
    )


def test_a_leaf_changes_its_authority_only_when_api_servers_had_time() -> None:
    waiting = noted(OLD_LEAF, since=NOW)
    until = NOW + SPEC.bundle_settle

    assert plan(state(waiting, OLD_LEAF), SPEC, until - SECOND) == Settle(
        until=until, reason="API servers take up the new caBundle"
    )
    assert plan(state(waiting, OLD_LEAF), SPEC, until) == IssueLeaf(
        authorities=waiting,
        reason="the serving certificate is not from the authority that signs now",
    )


def test_an_authority_is_dropped_only_when_pods_had_time() -> None:
    waiting = noted(NEW_LEAF, since=NOW)
    until = NOW + SPEC.leaf_settle

    assert plan(state(waiting, NEW_LEAF), SPEC, until - SECOND) == Settle(
        until=until, reason="Pods take up the new serving certificate"
    )
    assert plan(state(waiting, NEW_LEAF), SPEC, until) == DropAuthorities(
        authorities=AT_REST, reason="every Pod serves a certificate of the new authority"
    )


@pytest.mark.parametrize("served", [Absent(), Damaged(reason="tls.crt is odd")])
def test_pods_that_keep_an_old_leaf_are_not_cut_off_by_a_lost_secret(
    served: Absent | Damaged,
) -> None:
    lost = replace(state(ROTATING, OLD_LEAF), serving=served)

    assert isinstance(plan(lost, SPEC, NOW), StartSettling)


@pytest.mark.parametrize(
    ("past_expiry", "expected"),
    [
        pytest.param(timedelta(), StartSettling, id="last instant"),
        pytest.param(SECOND, IssueLeaf, id="expired"),
    ],
)
def test_nobody_waits_for_authorities_that_verify_nothing_any_more(
    past_expiry: timedelta, expected: type[Action]
) -> None:
    now = OLD.certificate.not_after + past_expiry

    assert isinstance(plan(state(ROTATING, OLD_LEAF), SPEC, now), expected)


def test_a_leaf_that_falls_due_while_pods_take_time_is_renewed() -> None:
    since = A_LEAF_DUE - 5 * MINUTE
    lasting = authority(created=NOW, lifetime=120 * DAY).certificate
    rotating = Authorities(signer=NEW, previous=(lasting,))
    waiting = replace(rotating, settling=settled(rotating, NEW_LEAF, since=since))

    assert isinstance(plan(state(waiting, NEW_LEAF), SPEC, A_LEAF_DUE), IssueLeaf)
