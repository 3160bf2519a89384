"""Reading, writing and going on: the life of one installation, write by write."""

from contextlib import suppress

import pytest

from certs.objects import ConflictError, MissingError
from certs.reconcile import Reconciler
from certs.state import Serving, TrustedCAs
from tests.unit.certs.builders import (
    DAY,
    MUTATING,
    SPEC,
    TARGETS,
    VALIDATING,
    Clock,
    installed,
)
from tests.unit.certs.fake_cluster import FakeCluster

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

    def other_process(call: str) -> None:
        if call == write:
            new.cluster.before = lambda _call: None
            new.converge()

    new.cluster.before = other_process

    with pytest.raises(ConflictError):
        new.converge()
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


def test_an_endless_fight_is_an_error() -> None:
    new = Installation()

    def tool(call: str) -> None:
        if call == PUBLISH[0]:
            new.cluster.put_configuration(MUTATING, b"")

    new.cluster.after = tool

    with pytest.raises(ConflictError, match=r"^still not at rest after 20 writes: who else "):
        new.converge()
