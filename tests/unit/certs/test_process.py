"""One attempt after another: what is logged, counted and answered to the kubelet; the pauses."""

import io
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from certs.endpoints import answer
from certs.health import Health
from certs.metrics import Metrics
from certs.objects import ConflictError, ForbiddenError, UnreachableError
from certs.process import Process
from certs.reconcile import Reconciler
from certs.state import Absent, Damaged, State
from tests.unit.certs.builders import (
    DAY,
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
from webhook.observability.logs import configure_logs

INTERVAL = 10 * SECOND


class Running:
    """A process with all that it tells."""

    def __init__(self) -> None:
        self.output = io.StringIO()
        configure_logs("info", stream=self.output)
        self.cluster, self.clock, self.seconds = FakeCluster(), Clock(), 0.0
        installed(self.cluster)
        self.metrics = Metrics()
        self.health = Health(patience=5 * MINUTE, monotonic=lambda: self.seconds)
        self.process = Process(
            Reconciler(cluster=self.cluster, targets=TARGETS, spec=SPEC, clock=self.clock),
            interval=INTERVAL,
            metrics=self.metrics,
            health=self.health,
        )

    def events(self) -> list[tuple[str, str, str]]:
        lines = map(json.loads, self.output.getvalue().splitlines())
        return [(line["level"], line["event"], line.get("reason", "")) for line in lines]

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"redis_memory_guard_certs_{name}", labels)

    def get(self, path: str) -> tuple[str, str]:
        answered = answer(path, self.metrics.registry, self.health)
        return f"{answered.status.value} {answered.status.phrase}", answered.body.decode()


def conflict_on(refused: str) -> Callable[[str], None]:
    def conflict(call: str) -> None:
        if call == refused:
            raise ConflictError(f"{call}: changed")

    return conflict


def refuse(_call: str) -> None:
    raise UnreachableError("Secret/guard-ca: 503 Service Unavailable")


def test_the_first_attempt_is_told_line_by_line() -> None:
    running = Running()

    pause = running.process.attempt()

    assert pause == INTERVAL
    assert running.events() == [
        ("info", "add-ca", "there is no CA"),
        (
            "info",
            "publish-ca-bundle",
            "the caBundle of MutatingWebhookConfiguration/guard is not ours",
        ),
        (
            "info",
            "publish-ca-bundle",
            "the caBundle of ValidatingWebhookConfiguration/guard is not ours",
        ),
        ("info", "issue-serving-certificate", "there is no serving certificate"),
        ("info", "keep", "the serving certificate is renewed then"),
    ]


def test_a_line_is_one_json_object() -> None:
    running = Running()
    running.process.attempt()

    last = json.loads(running.output.getvalue().splitlines()[-1])

    assert last.pop("time").endswith("+00:00")
    assert last == {
        "level": "info",
        "logger": "redis-memory-guard-certs",
        "event": "keep",
        "reason": "the serving certificate is renewed then",
        "until": "2026-03-21T11:40:00+00:00",
    }


def test_no_key_is_ever_told() -> None:
    running = Running()
    running.process.attempt()
    running.cluster.put_secret("guard-ca", {"ca.crt": b"x", "ca.key": b"PRIVATE"})
    running.process.attempt()

    assert "PRIVATE" not in running.output.getvalue()


def test_a_wait_is_told_once() -> None:
    running = Running()
    running.process.attempt()
    told = running.events()

    running.process.attempt()

    assert running.events() == told


def test_the_next_attempt_comes_when_a_wait_is_over_if_that_is_sooner() -> None:
    running = Running()
    running.process.attempt()
    running.clock.now += 60 * DAY
    running.process.attempt()

    running.clock.now += SPEC.bundle_propagation - 3 * SECOND
    assert running.process.attempt() == 3 * SECOND
    running.clock.now += 3 * SECOND - timedelta(milliseconds=10)
    assert running.process.attempt() == SECOND


def test_an_unreachable_api_server_is_told_each_time_and_tried_again() -> None:
    running = Running()
    running.cluster.before = refuse

    assert running.process.attempt() == INTERVAL
    assert running.process.attempt() == INTERVAL
    assert running.events() == 2 * [
        ("warning", "attempt-failed", "Secret/guard-ca: 503 Service Unavailable")
    ]
    assert running.value("errors_total", error="unreachable") == 2


def test_after_a_conflict_the_next_attempt_comes_soon() -> None:
    running = Running()

    def other_writes(call: str) -> None:
        if call == "write Secret/guard-ca":
            running.cluster.put_secret("guard-ca", {})

    running.cluster.before = other_writes

    assert running.process.attempt() == SECOND
    assert running.value("errors_total", error="conflict") == 1


def test_after_many_conflicts_the_next_attempt_comes_later_but_within_the_interval() -> None:
    running = Running()
    running.cluster.before = conflict_on("write Secret/guard-ca")

    assert [running.process.attempt() for _ in range(6)] == [
        *(SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND, INTERVAL, INTERVAL)
    ]
    running.cluster.before = lambda _call: None
    running.process.attempt()
    running.cluster.before = conflict_on("read Secret/guard-ca")
    assert running.process.attempt() == SECOND


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        pytest.param(0 * SECOND, INTERVAL, id="nothing is asked for"),
        pytest.param(9 * SECOND, INTERVAL, id="sooner than we would"),
        pytest.param(60 * SECOND, 60 * SECOND, id="as long as we allow"),
        pytest.param(61 * SECOND, 60 * SECOND, id="longer than we allow"),
        pytest.param(365 * DAY, 60 * SECOND, id="a year"),
    ],
)
def test_an_api_server_may_ask_for_patience_up_to_a_bound(
    asked: timedelta, pause: timedelta
) -> None:
    running = Running()

    def refuse_for_a_while(_call: str) -> None:
        raise UnreachableError("Secret/guard-ca: 429 Too Many Requests", retry_after=asked)

    running.cluster.before = refuse_for_a_while

    assert running.process.attempt() == pause


def test_what_somebody_has_to_look_at_is_told_once_and_makes_it_unready() -> None:
    running = Running()
    running.process.attempt()

    def forbid(call: str) -> None:
        if call == f"read {MUTATING}":
            raise ForbiddenError(f"{MUTATING}: no")

    running.cluster.before = forbid
    told = running.events()

    assert running.process.attempt() == INTERVAL
    assert running.process.attempt() == INTERVAL
    assert running.events() == [
        *told,
        ("warning", "hold", "MutatingWebhookConfiguration/guard: no"),
    ]
    assert running.value("errors_total", error="forbidden") == 2
    assert running.get("/readyz") == ("503 Service Unavailable", "not ok\n")
    running.cluster.before = lambda _call: None
    running.process.attempt()
    assert running.get("/readyz") == ("200 OK", "ok\n")


def test_a_bug_does_not_end_the_process() -> None:
    running = Running()

    def fail(_call: str) -> None:
        raise ZeroDivisionError("a bug")

    running.cluster.before = fail

    assert running.process.attempt() == INTERVAL
    assert running.events() == [("error", "bug", "")]
    assert "ZeroDivisionError: a bug" in running.output.getvalue()
    assert running.value("errors_total", error="bug") == 1


def test_it_runs_until_it_is_asked_to_stop() -> None:
    running = Running()
    pauses: list[timedelta] = []

    def wait(pause: timedelta) -> bool:
        pauses.append(pause)
        return len(pauses) < 3

    running.process.run(wait)

    assert pauses == [INTERVAL] * 3


def test_metrics() -> None:
    running = Running()
    running.process.attempt()

    assert running.value("certificate_expiry_timestamp_seconds", certificate="ca") == (
        (NOW + 90 * DAY).timestamp()
    )
    assert running.value("certificate_expiry_timestamp_seconds", certificate="serving") == (
        (NOW + 30 * DAY).timestamp()
    )
    assert running.value("trusted_cas") == 1
    assert running.value("last_success_timestamp_seconds") == NOW.timestamp()
    assert running.value("writes_total", action="publish-ca-bundle") == 2
    assert running.get("/metrics")[0] == "200 OK"
    assert "redis_memory_guard_certs_writes_total" in running.get("/metrics")[1]


def test_counters_are_there_from_the_start_with_closed_labels() -> None:
    names: dict[str, set[str]] = {}
    for family in Metrics().registry.collect():
        for sample in family.samples:
            names.setdefault(sample.name, set()).update(sample.labels.values())

    assert names["redis_memory_guard_certs_writes_total"] == {
        *("add-ca", "publish-ca-bundle", "issue-serving-certificate"),
        *("start-propagation", "stop-propagation", "drop-old-cas"),
    }
    assert names["redis_memory_guard_certs_errors_total"] == {
        *("conflict", "missing", "forbidden", "rejected", "unreachable", "malformed"),
        *("contested", "unfit-ca", "bug"),
    }


def test_metrics_of_an_installation_that_has_nothing_yet() -> None:
    metrics = Metrics()

    metrics.saw(State(cas=Absent(), serving=Absent(), publications=()))

    value = metrics.registry.get_sample_value
    name = "redis_memory_guard_certs_certificate_expiry_timestamp_seconds"
    assert value(name, {"certificate": "ca"}) is None
    assert value(name, {"certificate": "serving"}) is None
    assert value("redis_memory_guard_certs_trusted_cas") == 0


def test_what_is_lost_has_no_expiry_any_more() -> None:
    running = Running()
    running.process.attempt()

    running.metrics.saw(State(cas=Absent(), serving=Damaged(reason="odd"), publications=()))

    for certificate in ("ca", "serving"):
        assert (
            running.value("certificate_expiry_timestamp_seconds", certificate=certificate) is None
        )


def test_ready_while_all_is_in_order() -> None:
    running = Running()

    assert running.get("/readyz") == ("503 Service Unavailable", "not ok\n")
    running.process.attempt()
    assert running.get("/readyz") == ("200 OK", "ok\n")
    running.cluster.before = refuse
    running.process.attempt()
    assert running.get("/readyz") == ("503 Service Unavailable", "not ok\n")
    assert running.get("/livez") == ("200 OK", "ok\n")


def test_live_while_attempts_end() -> None:
    running = Running()
    running.process.attempt()

    running.seconds = 300.0
    assert running.get("/livez") == ("200 OK", "ok\n")
    running.seconds = 300.1
    assert running.get("/livez") == ("503 Service Unavailable", "not ok\n")
    assert running.get("/readyz") == ("503 Service Unavailable", "not ok\n")


def test_nothing_else_is_served() -> None:
    assert Running().get("/")[0] == "404 Not Found"
