"""What `inspect` shows, as a whole."""

from certs.reconcile import Reconciler
from certs.report import render
from tests.unit.certs.builders import (
    DAY,
    MUTATING,
    NOW,
    SPEC,
    TARGETS,
    VALIDATING,
    Clock,
    installed,
)
from tests.unit.certs.fake_cluster import FakeCluster


class Inspected:
    def __init__(self) -> None:
        self.cluster, self.clock = FakeCluster(), Clock()
        installed(self.cluster)
        self.reconciler = Reconciler(
            cluster=self.cluster, targets=TARGETS, spec=SPEC, clock=self.clock
        )

    def converge(self) -> None:
        for _ in self.reconciler.converge():
            pass

    def report(self) -> str:
        """Render, with every fingerprint replaced by its order of appearance."""
        step = self.reconciler.look()
        text = render(step, TARGETS)
        for number, line in enumerate(text.splitlines()):
            if ", valid " in line:
                fingerprint = line.split(", valid ")[0].split()[-1]
                assert len(fingerprint) == 16
                text = text.replace(fingerprint, f"#{number}")
        return text


def test_before_anything_is_there() -> None:
    inspected = Inspected()
    inspected.cluster.remove_configuration(VALIDATING)

    assert inspected.report() == (
        "CA             Secret/guard-ca\n"
        "  signs        none yet\n"
        "serving        Secret/guard-tls\n"
        "  certificate  none yet\n"
        "caBundle\n"
        "  mutating     guard: up to date in 0 of 1 webhooks\n"
        "  validating   guard: does not exist\n"
        "next           add-ca now\n"
        "  because      there is no CA\n"
    )


def test_in_order() -> None:
    inspected = Inspected()
    inspected.converge()

    assert inspected.report() == (
        "CA             Secret/guard-ca\n"
        "  signs        #1, valid 2026-03-01 11:00:00Z to 2026-05-30 12:00:00Z (90 days left),"
        " renewal due 2026-04-30 11:40:00Z\n"
        "serving        Secret/guard-tls\n"
        "  certificate  #3, valid 2026-03-01 11:00:00Z to 2026-03-31 12:00:00Z (30 days left),"
        " renewal due 2026-03-21 11:40:00Z\n"
        "  names        guard.system.svc, guard.system.svc.cluster.local, guard.system\n"
        "caBundle\n"
        "  mutating     guard: up to date in 1 of 1 webhooks\n"
        "  validating   guard: up to date in 2 of 2 webhooks\n"
        "next           keep until 2026-03-21 11:40:00Z\n"
        "  because      the serving certificate is renewed then\n"
    )


def test_rotating_with_an_expired_leaf() -> None:
    inspected = Inspected()
    inspected.converge()
    inspected.clock.now = NOW + 60 * DAY
    inspected.converge()

    assert inspected.report() == (
        "CA               Secret/guard-ca\n"
        "  signs          #1, valid 2026-04-30 11:00:00Z to 2026-07-29 12:00:00Z (90 days left),"
        " renewal due 2026-06-29 11:40:00Z\n"
        "  trusted still  #2, valid 2026-03-01 11:00:00Z to 2026-05-30 12:00:00Z (30 days left),"
        " renewal due 2026-04-30 11:40:00Z\n"
        "serving          Secret/guard-tls\n"
        "  certificate    #4, valid 2026-03-01 11:00:00Z to 2026-03-31 12:00:00Z (EXPIRED),"
        " renewal due 2026-03-21 11:40:00Z\n"
        "  names          guard.system.svc, guard.system.svc.cluster.local, guard.system\n"
        "caBundle\n"
        "  mutating       guard: up to date in 1 of 1 webhooks\n"
        "  validating     guard: up to date in 2 of 2 webhooks\n"
        "next             await-propagation until 2026-04-30 12:02:00Z\n"
        "  because        API servers take up the new caBundle\n"
    )


def test_what_cannot_be_read() -> None:
    inspected = Inspected()
    inspected.converge()
    inspected.cluster.forbidden.add(f"read {VALIDATING}")

    assert inspected.report().endswith(
        "caBundle\n"
        "  mutating     guard: up to date in 1 of 1 webhooks\n"
        "  validating   guard: not known: read ValidatingWebhookConfiguration/guard:"
        " not permitted\n"
        "next           hold now\n"
        "  because      read ValidatingWebhookConfiguration/guard: not permitted\n"
    )


def test_damaged() -> None:
    inspected = Inspected()
    inspected.cluster.put_secret(TARGETS.serving_secret, {"tls.crt": b"x", "tls.key": b"PRIVATE"})
    inspected.cluster.put_configuration(MUTATING, b"theirs")

    report = inspected.report()

    assert "  certificate  DAMAGED: tls.crt is not a PEM certificate\n" in report
    assert "PRIVATE" not in report
