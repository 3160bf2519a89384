"""Somebody undoes what we write: how often it is written again, and who is named."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest

from certs.actions import Hold
from certs.contest import WriteLog
from certs.objects import Configuration, Secret, Webhook
from certs.reconcile import Reconciler
from certs.state import ErrorCode, Obstacle
from tests.unit.certs.builders import (
    DAY,
    HOUR,
    MINUTE,
    MUTATING,
    NOW,
    SECOND,
    SPEC,
    TARGETS,
    Clock,
    installed,
)
from tests.unit.certs.fake_cluster import FakeCluster

OURS, THEIRS = (b"ours",), (b"theirs",)


def configuration(bundle: bytes, rival: str | None = "argocd-controller") -> Configuration:
    webhook = Webhook(name="pods.guard", ca_bundle=bundle)
    return Configuration(name=MUTATING, version="1", webhooks=(webhook,), rival=rival)


def fight(log: WriteLog, *, until: datetime) -> Iterator[datetime]:
    """Undo every write within a second, look every ten seconds; yield when it is written again."""
    now = NOW
    while now < until:
        if log.find_obstacle(configuration(b"theirs"), now) is None:
            log.note(configuration(b"theirs"), OURS, now)
            yield now
        now += 10 * SECOND


def test_what_nobody_undid_has_no_obstacle() -> None:
    log = WriteLog()

    assert log.find_obstacle(configuration(b""), NOW) is None
    log.note(configuration(b""), OURS, NOW)
    assert log.find_obstacle(configuration(b"ours"), NOW + SECOND) is None


def test_the_first_loss_is_repaired_at_once() -> None:
    log = WriteLog()
    log.note(configuration(b""), OURS, NOW)

    assert log.find_obstacle(configuration(b"theirs"), NOW) is None


def test_the_second_one_waits_and_names_who_did_it() -> None:
    log = WriteLog()
    log.note(configuration(b""), OURS, NOW)
    log.note(configuration(b"theirs"), OURS, NOW)

    just_before = log.find_obstacle(configuration(b"theirs"), NOW + 9 * SECOND)

    assert just_before == Obstacle(
        error=ErrorCode.CONTESTED,
        reason=(
            "MutatingWebhookConfiguration/guard was changed by argocd-controller, and what is"
            " written there has been undone 2 times running: it is written again at"
            " 2026-03-01T12:00:10Z"
        ),
    )
    assert log.find_obstacle(configuration(b"theirs"), NOW + 10 * SECOND) is None


def test_a_field_manager_may_be_unknown() -> None:
    log = WriteLog()
    for _ in range(2):
        log.note(configuration(b"theirs"), OURS, NOW)

    obstacle = log.find_obstacle(configuration(b"theirs", rival=None), NOW)

    assert obstacle is not None
    assert "was changed by an unknown field manager, and" in obstacle.reason


def test_a_fight_makes_fewer_and_fewer_writes() -> None:
    log = WriteLog()

    writes = list(fight(log, until=NOW + DAY))

    first = [(at - NOW) // SECOND for at in writes[:10]]
    assert first == [0, 10, 20, 40, 80, 160, 320, 640, 1240, 1840]
    pauses = {later - sooner for sooner, later in pairwise(writes[9:])}
    assert pauses == {10 * MINUTE}
    assert len(writes) == 150


def test_after_an_hour_of_peace_a_loss_is_repaired_at_once_again() -> None:
    log = WriteLog()
    *_, last = fight(log, until=NOW + DAY)

    log.note(configuration(b"theirs"), OURS, last + HOUR)

    assert log.find_obstacle(configuration(b"theirs"), last + HOUR) is None


def test_what_stood_is_not_counted() -> None:
    log = WriteLog()
    log.note(configuration(b"theirs"), OURS, NOW)
    log.note(configuration(b"theirs"), OURS, NOW)

    log.note(configuration(b"ours"), (b"rotated",), NOW + SECOND)

    assert log.find_obstacle(configuration(b"theirs"), NOW + SECOND) is None


def test_a_clock_that_was_set_back_holds_up_nothing() -> None:
    log = WriteLog()
    for _ in range(9):
        log.note(configuration(b"theirs"), OURS, NOW)

    assert log.find_obstacle(configuration(b"theirs"), NOW - SECOND) is None


def test_objects_are_told_apart() -> None:
    log = WriteLog()
    secret = Secret(name="guard-ca", version="1", data={})
    for _ in range(2):
        log.note(configuration(b"theirs"), OURS, NOW)

    assert log.find_obstacle(secret, NOW) is None


class Fight:
    """A certificate process that looks every ten seconds, and somebody who undoes its writes."""

    def __init__(self) -> None:
        self.cluster, self.clock = FakeCluster(), Clock()
        installed(self.cluster)
        self.reconciler = Reconciler(
            cluster=self.cluster, targets=TARGETS, spec=SPEC, clock=self.clock
        )
        self.converge()
        self.cluster.writes.clear()

    def converge(self) -> Hold | None:
        *_, last = self.reconciler.converge()
        return last.action if isinstance(last.action, Hold) else None

    def last(self, seconds: int) -> None:
        for _ in range(0, seconds, 10):
            self.converge()
            self.clock.now += 10 * SECOND


def test_an_hour_of_fight_over_a_ca_bundle_makes_eleven_writes() -> None:
    fight = Fight()

    def undo(call: str) -> None:
        if call == f"write {MUTATING}":
            fight.cluster.put_configuration(MUTATING, b"theirs", by="argocd-controller")

    fight.cluster.put_configuration(MUTATING, b"theirs")
    fight.cluster.after = undo
    fight.last(3600)

    assert set(fight.cluster.writes) == {f"write {MUTATING}"}
    assert len(fight.cluster.writes) == 11


@pytest.mark.parametrize(
    "secret", [pytest.param("guard-ca", id="CA"), pytest.param("guard-tls", id="serving")]
)
def test_an_hour_of_emptying_a_secret_makes_a_bounded_number_of_writes(secret: str) -> None:
    fight = Fight()

    def empty(call: str) -> None:
        if call == f"write Secret/{secret}":
            fight.cluster.put_secret(secret, {}, by="kubectl-edit")

    fight.cluster.put_secret(secret, {})
    fight.cluster.after = empty
    fight.last(3600)

    assert fight.cluster.writes.count(f"write Secret/{secret}") == 11
    assert len(fight.cluster.writes) == 11
    hold = fight.converge()
    assert hold is not None
    assert hold.error is ErrorCode.CONTESTED
    assert f"Secret/{secret} was changed by kubectl-edit, and" in hold.reason
