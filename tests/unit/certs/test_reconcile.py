"""Reading, writing and going on: the life of one installation, write by write."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from certs.actions import Hold
from certs.objects import ConflictError, ContestedError, ForbiddenError, MissingError
from certs.reconcile import Reconciler
from certs.report import render
from certs.state import ErrorCode, Serving, TrustedCAs
from certs.stored import encode_cas
from tests.unit.certs.builders import (
    DAY,
    HOUR,
    MINUTE,
    MUTATING,
    SECOND,
    SPEC,
    TARGETS,
    VALIDATING,
    Clock,
    installed,
)
from tests.unit.certs.fake_cluster import FakeCluster
from tests.unit.certs.unfit import unfit_ca

WRITE_CA = "write Secret/guard-ca"
WRITE_SERVING = "write Secret/guard-tls"
PUBLISH = ["write MutatingWebhookConfiguration/guard", "write ValidatingWebhookConfiguration/guard"]


class Installation:
    def __init__(self) -> None:
        self.cluster, self.clock = FakeCluster(), Clock()
        installed(self.cluster)
        self.reconciler = Reconciler(
            cluster=self.cluster, targets=TARGETS, spec=SPEC, clock=self.clock
        )

    def converge(self) -> tuple[str, ...]:
        """Return the names of the actions."""
        return tuple(step.action.code for step in self.reconciler.converge())

    @property
    def cas(self) -> TrustedCAs:
        cas = self.reconciler.look().state.cas
        assert isinstance(cas, TrustedCAs)
        return cas

    @property
    def serving(self) -> Serving:
        serving = self.reconciler.look().state.serving
        assert isinstance(serving, Serving)
        return serving


def test_the_first_time() -> None:
    new = Installation()

    actions = new.converge()

    assert actions == (
        "add-ca",
        "publish-ca-bundle",
        "publish-ca-bundle",
        "issue-serving-certificate",
        "keep",
    )
    assert new.cluster.writes == [WRITE_CA, *PUBLISH, WRITE_SERVING]
    bundle = new.cas.signer.certificate.pem
    assert new.cluster.bundles(MUTATING) == (bundle,)
    assert new.cluster.bundles(VALIDATING) == (bundle, bundle)
    assert new.serving.issuer == new.cas.signer.certificate


def test_what_is_in_order_is_not_written_again() -> None:
    running = Installation()
    running.converge()
    running.cluster.writes.clear()

    assert running.converge() == ("keep",)
    assert running.cluster.writes == []


def test_a_renewal_changes_the_leaf_alone() -> None:
    running = Installation()
    running.converge()
    before = running.serving
    running.cluster.writes.clear()
    running.clock.now += 20 * DAY

    assert running.converge() == ("issue-serving-certificate", "keep")
    assert running.cluster.writes == [WRITE_SERVING]
    assert running.serving.issuer == before.issuer
    assert running.serving.pair.certificate != before.pair.certificate


def test_a_rotation_publishes_waits_issues_waits_and_drops() -> None:
    running = Installation()
    running.converge()
    old = running.cas.signer.certificate
    running.clock.now += 60 * DAY
    running.cluster.writes.clear()

    first = running.converge()
    both = running.cas.bundle
    running.clock.now += SPEC.bundle_propagation
    second = running.converge()
    running.clock.now += SPEC.serving_propagation
    third = running.converge()

    assert first == (
        "add-ca",
        "publish-ca-bundle",
        "publish-ca-bundle",
        "start-propagation",
        "await-propagation",
    )
    assert second == ("issue-serving-certificate", "start-propagation", "await-propagation")
    assert third == ("drop-old-cas", "publish-ca-bundle", "publish-ca-bundle", "keep")
    assert running.cluster.writes == [
        *(WRITE_CA, *PUBLISH, WRITE_CA),
        *(WRITE_SERVING, WRITE_CA),
        *(WRITE_CA, *PUBLISH),
    ]
    new = running.cas.signer.certificate
    assert both == old.pem + new.pem
    assert running.cluster.bundles(MUTATING) == (new.pem,)
    assert running.serving.issuer == new


def test_a_repair_during_a_rotation_starts_the_wait_anew() -> None:
    running = Installation()
    running.converge()
    running.clock.now += 60 * DAY
    running.converge()
    running.clock.now += SPEC.bundle_propagation
    running.cluster.put_configuration(MUTATING, b"")

    assert running.converge() == (
        "stop-propagation",
        "publish-ca-bundle",
        "start-propagation",
        "await-propagation",
    )


def test_looking_writes_nothing() -> None:
    new = Installation()

    action = new.reconciler.look().action

    assert action.code == "add-ca"
    assert new.cluster.writes == []


def test_keys_of_others_stay() -> None:
    new = Installation()
    new.cluster.put_secret(TARGETS.ca_secret, {"note": b"theirs"})

    new.converge()

    assert sorted(new.cluster.data(TARGETS.ca_secret)) == [
        *("ca.crt", "ca.key", "note", "previous.crt", "propagation")
    ]


def test_a_configuration_that_comes_late_is_published_to_then() -> None:
    new = Installation()
    new.cluster.remove_configuration(VALIDATING)

    assert new.converge() == ("add-ca", "publish-ca-bundle", "issue-serving-certificate", "keep")
    new.cluster.put_configuration(VALIDATING, b"")
    assert new.converge() == ("publish-ca-bundle", "keep")


@pytest.mark.parametrize("secret", [TARGETS.ca_secret, TARGETS.serving_secret])
def test_a_secret_has_to_be_there(secret: str) -> None:
    new = Installation()
    new.cluster.remove_secret(secret)

    with pytest.raises(MissingError, match=rf"^Secret/{secret} does not exist$"):
        new.converge()


@pytest.mark.parametrize("write", [WRITE_CA, *PUBLISH, WRITE_SERVING])
def test_whoever_comes_second_writes_nothing(write: str) -> None:
    new = Installation()
    other = Reconciler(cluster=new.cluster, targets=TARGETS, spec=SPEC, clock=new.clock)

    def other_process(call: str) -> None:
        if call == write:
            new.cluster.before = lambda _call: None
            for _ in other.converge():
                pass

    new.cluster.before = other_process

    with suppress(ConflictError):
        assert new.converge()[-1] == "keep"
    assert new.cluster.writes == [WRITE_CA, *PUBLISH, WRITE_SERVING]
    assert new.converge() == ("keep",)


READ_CA = "read Secret/guard-ca"
READS = [
    "read MutatingWebhookConfiguration/guard",
    "read ValidatingWebhookConfiguration/guard",
    "read Secret/guard-tls",
    READ_CA,
]


@pytest.mark.parametrize("read", READS)
def test_whoever_sleeps_after_a_read_cannot_bring_back_what_was_dropped(read: str) -> None:
    running = Installation()
    running.converge()

    def sleep(call: str) -> None:
        if call != read:
            return
        running.cluster.after = lambda _call: None
        running.cluster.put_secret(TARGETS.ca_secret, {})
        for pause in (SPEC.bundle_propagation, SPEC.serving_propagation, SPEC.serving_propagation):
            running.converge()
            running.clock.now += pause
        running.cluster.writes.clear()

    running.cluster.after = sleep

    if read == READ_CA:
        assert running.converge() == ("keep",)
    else:
        with suppress(ConflictError):
            running.converge()
    assert running.cluster.writes == []
    assert running.cas.previous == ()
    assert set(running.cluster.bundles(VALIDATING)) == {running.cas.bundle}
    assert running.serving.issuer == running.cas.signer.certificate


def test_an_attempt_ends_also_where_every_write_is_undone() -> None:
    new = Installation()

    def undo(call: str) -> None:
        if call == PUBLISH[0]:
            new.cluster.put_configuration(MUTATING, b"")
            new.clock.now += HOUR

    new.cluster.after = undo

    with pytest.raises(ContestedError, match=r"^still not at rest after 20 writes: who else "):
        new.converge()


def deny(call: str) -> Callable[[str], None]:
    def before(made: str) -> None:
        if made == call:
            raise ForbiddenError(f"{call}: no")

    return before


def conflict(call: str) -> Callable[[str], None]:
    def before(made: str) -> None:
        if made == call:
            raise ConflictError(f"{call}: changed")

    return before


READ, WRITE = f"read {VALIDATING}", f"write {VALIDATING}"


@pytest.mark.parametrize(
    ("before", "end"),
    [
        pytest.param(deny(READ), "hold", id="cannot be read"),
        pytest.param(deny(WRITE), "hold", id="cannot be written"),
        pytest.param(conflict(WRITE), "hold", id="is written by others all the time"),
        pytest.param(None, "keep", id="is missing"),
    ],
)
def test_a_leaf_is_renewed_whatever_becomes_of_a_configuration(
    before: Callable[[str], None] | None, end: str
) -> None:
    running = Installation()
    running.converge()
    first = running.serving.pair.certificate
    running.cluster.put_configuration(VALIDATING, b"theirs")
    if before is None:
        running.cluster.remove_configuration(VALIDATING)
    else:
        running.cluster.before = before
    running.clock.now += 20 * DAY

    assert running.converge() == ("issue-serving-certificate", end)
    running.cluster.before = lambda _call: None
    renewed = running.serving
    assert renewed.pair.certificate != first
    assert renewed.issuer == running.cas.signer.certificate


def test_leaves_are_renewed_up_to_the_end_of_a_ca_that_cannot_be_rotated() -> None:
    running = Installation()
    running.converge()
    running.cluster.before = deny(READ)
    ends = running.reconciler.look().now + SPEC.ca_lifetime

    while running.clock.now < ends:
        assert running.converge()[-1] == "hold"
        assert running.serving.pair.certificate.is_valid_at(running.clock.now)
        running.clock.now += HOUR
    issued = running.cluster.writes.count(WRITE_SERVING)

    assert running.serving.pair.certificate.not_after == ends
    assert issued < 12
    assert running.cas.previous == ()


def test_a_ca_that_has_expired_is_replaced_whatever_becomes_of_a_configuration() -> None:
    running = Installation()
    running.converge()
    running.cluster.before = deny(READ)
    running.clock.now += SPEC.ca_lifetime + DAY

    assert running.converge() == (
        "add-ca",
        "publish-ca-bundle",
        "issue-serving-certificate",
        "hold",
    )


def test_a_rotation_that_cannot_reach_a_configuration_holds_and_goes_on_later() -> None:
    running = Installation()
    running.converge()
    running.clock.now += 19 * DAY
    running.cluster.put_secret(TARGETS.ca_secret, {})
    running.cluster.before = deny(WRITE)

    assert running.converge() == ("add-ca", "publish-ca-bundle", "hold")
    running.cluster.before = lambda _call: None
    assert running.converge() == ("publish-ca-bundle", "start-propagation", "await-propagation")


def test_a_rotation_that_cannot_reach_a_configuration_does_not_wait_with_an_expired_leaf() -> None:
    running = Installation()
    running.converge()
    running.clock.now += 20 * DAY
    running.cluster.put_secret(TARGETS.ca_secret, {})
    running.cluster.before = deny(WRITE)
    running.converge()
    running.cluster.before = deny(READ)
    running.clock.now = running.serving.pair.certificate.not_after

    assert running.converge() == ("hold",)
    running.clock.now += SECOND
    assert running.converge() == ("issue-serving-certificate", "hold")


def test_no_ca_is_made_while_a_bundle_cannot_be_read_that_may_hold_the_one_in_use() -> None:
    running = Installation()
    running.converge()
    running.cluster.put_secret(TARGETS.ca_secret, {})
    running.cluster.before = deny(READ)

    assert running.converge() == ("hold",)
    running.clock.now = running.serving.pair.certificate.not_after
    assert running.converge() == ("hold",)
    running.clock.now += SECOND
    assert running.converge() == (
        "add-ca",
        "publish-ca-bundle",
        "issue-serving-certificate",
        "hold",
    )


def test_a_ca_secret_that_is_emptied_all_day_leaves_six_cas_in_the_bundle() -> None:
    running = Installation()
    running.converge()

    for _ in range(100):
        running.cluster.put_secret(TARGETS.ca_secret, {}, by="restore-tool")
        running.converge()
        running.clock.now += 15 * MINUTE
        assert _count_cas(running.cluster.bundles(MUTATING)[0]) <= 6
    assert running.cluster.writes.count(WRITE_CA) < 500


def _count_cas(bundle: bytes) -> int:
    return bundle.count(b"BEGIN CERTIFICATE")


def test_an_adopted_ca_with_a_key_of_another_kind_is_not_thrown_away() -> None:
    running = Installation()
    running.converge()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    adopted = {"ca.crt": running.cas.signer.certificate.pem, "ca.key": key}
    running.cluster.put_secret(TARGETS.ca_secret, adopted)

    *_, last = running.reconciler.converge()

    assert last.action == Hold(
        error=ErrorCode.UNFIT_CA,
        reason=(
            "the CA in the Secret does not work: ca.key is not a key on an elliptic curve. It is"
            " left as it is, and not published; empty the Secret to have a CA made"
        ),
    )
    assert running.cluster.data(TARGETS.ca_secret) == adopted
    assert "  signs        nothing: ca.key is not a key on an" in render(last, TARGETS)


def test_an_adopted_ca_that_cannot_work_is_neither_published_nor_thrown_away() -> None:
    running = Installation()
    running.converge()
    before = running.cluster.bundles(MUTATING), running.cluster.data(TARGETS.serving_secret)
    adopted = encode_cas(TrustedCAs(signer=unfit_ca()))
    running.cluster.put_secret(TARGETS.ca_secret, adopted)

    *_, last = running.reconciler.converge()

    assert last.action == Hold(
        error=ErrorCode.UNFIT_CA,
        reason=(
            "the CA in the Secret does not work: its extended key usage does not permit to serve"
            " (for guard.system.svc). It is left as it is, and not published; empty the Secret to"
            " have a CA made"
        ),
    )
    assert running.cluster.data(TARGETS.ca_secret) == adopted
    assert (
        running.cluster.bundles(MUTATING),
        running.cluster.data(TARGETS.serving_secret),
    ) == before
