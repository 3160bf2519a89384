"""Reviews that take long hold up one another and nobody else."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.harness.builders import a_review
from tests.harness.hostile_pods import KINDS
from tests.integration.config_map_server import serving_config_maps
from tests.integration.running import PATIENCE_SECONDS, Server
from webhook.server.gunicorn.serving import LIGHT_BODY

LARGE = b" " * LIGHT_BODY
BUGS = 'redis_memory_guard_internal_errors_total{webhook="none"}'


def reason(server: Server, content: bytes) -> str:
    annotations = server.post(content=content).json()["response"]["auditAnnotations"]
    return str(annotations["reason"].partition(",")[0])


def test_others_are_answered_on_both_ports_while_a_large_review_is_at_work(
    start_server: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, let_go = threading.Event(), threading.Event()

    def hang(_: str) -> None:
        asked.set()
        let_go.wait(PATIENCE_SECONDS)

    pod, files = KINDS["a_file_that_includes_itself"](1)
    with (
        serving_config_maps(tmp_path / "account", files, before=hang) as environment,
        ThreadPoolExecutor() as pool,
    ):
        for name, value in {**environment, "READ_SECONDS": str(PATIENCE_SECONDS)}.items():
            monkeypatch.setenv(name, value)
        server = start_server().wait_ready()
        large = [pool.submit(reason, server, a_review(pod) + LARGE) for _ in range(3)]
        assert asked.wait(PATIENCE_SECONDS)

        answers = [server.post().status_code for _ in range(3)]

        assert answers == [200, 200, 200]
        assert server.is_ready()
        assert not any(each.done() for each in large)
        let_go.set()
        assert [each.result() for each in large] == ["redis=ceiling-injected"] * 3


@pytest.mark.parametrize("padding", [b"", LARGE], ids=["small", "large"])
def test_a_small_review_that_takes_long_is_answered_as_a_large_one_is(
    server: Server, padding: bytes
) -> None:
    pod, _ = KINDS["variables_that_double"](64)

    assert reason(server, a_review(pod) + padding) == "redis=too-complex"


def test_a_large_body_that_is_no_review_is_malformed(server: Server) -> None:
    answer = server.post(content=b"{}" + LARGE)

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "expected an AdmissionReview of admission.k8s.io/v1"},
    )


def test_a_large_body_that_is_no_review_is_the_clients_fault_and_no_bug(server: Server) -> None:
    bugs = server.metric(BUGS)

    answer = server.post(content=b"[" + LARGE)

    assert answer.status_code == 400
    assert server.metric(BUGS) == bugs
