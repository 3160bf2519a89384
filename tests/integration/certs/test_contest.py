"""Hours of a fight over HTTP: every request that writes is counted by the API server."""

from pathlib import Path

import pytest

from certs.actions import Hold
from certs.cluster import connect
from certs.health import Health
from certs.metrics import Metrics
from certs.process import Process
from certs.reconcile import Reconciler
from certs.state import ErrorCode
from tests.integration.certs.api_server import (
    CORE,
    PATCH_FAILED,
    REGISTRATION,
    ApiServer,
)
from tests.unit.certs.builders import DAY, HOUR, MINUTE, SECOND, SPEC, TARGETS, Clock

MUTATING = f"{REGISTRATION}/mutatingwebhookconfigurations/guard"
VALIDATING = f"{REGISTRATION}/validatingwebhookconfigurations/guard"
THEIRS = [{"name": f"{n}.guard", "clientConfig": {"caBundle": "Zm9v"}} for n in ("pods", "advice")]


class Running:
    """The process on a clock that passes by its own pauses, and an API server over HTTP."""

    def __init__(self, server: ApiServer, directory: Path) -> None:
        self.server, self.clock, self.metrics = server, Clock(), Metrics()
        kubeconfig = str(server.write_kubeconfig(directory))
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
            location = "kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION"
            patch.setattr(location, kubeconfig)
            cluster = connect("system")
        self.reconciler = Reconciler(cluster=cluster, targets=TARGETS, spec=SPEC, clock=self.clock)
        self.process = Process(
            self.reconciler,
            interval=10 * SECOND,
            metrics=self.metrics,
            health=Health(patience=5 * MINUTE),
        )
        self.process.attempt()
        self.server.requests.clear()

    def spend_an_hour(self) -> None:
        end = self.clock.now + HOUR
        while self.clock.now < end:
            self.clock.now += self.process.attempt()

    def errors(self, code: ErrorCode) -> float | None:
        return self.metrics.registry.get_sample_value(
            "redis_memory_guard_certs_errors_total", {"error": code}
        )


@pytest.fixture
def running_process(server: ApiServer, tmp_path: Path) -> Running:
    return Running(server, tmp_path)


def test_an_hour_of_fight_over_a_ca_bundle_makes_a_bounded_number_of_writes(
    running_process: Running,
) -> None:
    server = running_process.server

    def undo(path: str) -> None:
        if path == MUTATING:
            server.put(MUTATING, by="argocd-controller", webhooks=THEIRS)

    undo(MUTATING)
    server.after_patch = undo
    running_process.spend_an_hour()

    assert server.writes() == [MUTATING] * 11
    action = running_process.reconciler.look().action
    assert isinstance(action, Hold)
    assert action.error is ErrorCode.CONTESTED
    assert "guard was changed by argocd-controller, and what is written there" in action.reason


def test_an_hour_of_emptying_the_ca_secret_makes_a_bounded_number_of_writes(
    running_process: Running,
) -> None:
    server, secret = running_process.server, f"{CORE}/guard-ca"

    def empty(path: str) -> None:
        if path == secret:
            server.put(secret, by="restore-tool", data={"ca.crt": "", "ca.key": ""})

    empty(secret)
    server.after_patch = empty
    running_process.spend_an_hour()

    assert server.writes() == [secret] * 11


def test_an_hour_of_conflicts_asks_for_few_writes_and_holds_up_no_renewal(
    running_process: Running,
) -> None:
    server = running_process.server
    server.put(VALIDATING, webhooks=THEIRS)
    server.answers["PATCH", VALIDATING] = (422, PATCH_FAILED, {})
    running_process.clock.now += 20 * DAY
    running_process.spend_an_hour()

    assert server.writes()[0] == f"{CORE}/guard-tls"
    assert set(server.writes()[1:]) == {VALIDATING}
    assert len(server.writes()) < 370
    assert running_process.errors(ErrorCode.CONFLICT) == len(server.writes()) - 1


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_configuration_that_is_forbidden_holds_up_no_renewal(
    method: str, running_process: Running
) -> None:
    server = running_process.server
    before = server.data("guard-tls")["tls.crt"]
    server.put(VALIDATING, webhooks=THEIRS)
    server.answers[method, VALIDATING] = (403, b'{"message": "forbidden"}', {})
    running_process.clock.now += 20 * DAY

    pause = running_process.process.attempt()

    assert pause == 10 * SECOND
    assert server.data("guard-tls")["tls.crt"] != before
    assert running_process.errors(ErrorCode.FORBIDDEN) == 1
