"""Stopping loses no admission: not ready at once, `Connection: close`, and only then the end."""

import os
import signal
from collections.abc import Callable

from tests.integration.running import Server
from tests.integration.steady_client import SteadyClient


def test_nothing_is_lost_when_a_replica_under_load_stops(
    start_server: Callable[..., Server],
) -> None:
    stopping = start_server("--drain-seconds", "300").wait_ready()
    trust = stopping.trust()
    # the endpoints forget a replica that is not ready
    client = SteadyClient(stopping.port, threads=8, trust=lambda: trust, dial=stopping.is_ready)
    client.start()
    stopping.wait_until(lambda: len(client.answered) == 8, what="an answer to everyone")

    stopping.process.terminate()
    stopping.wait_until(lambda: client.outcomes["told to close"] == 8, what="everyone's leave")

    outcomes = client.stop()
    assert set(outcomes) == {"200", "told to close"}
    stopping.process.terminate()
    assert stopping.wait_end() == 0


def test_a_drain_ends_by_itself(start_server: Callable[..., Server]) -> None:
    stopping = start_server("--drain-seconds", "0.1").wait_ready()
    with stopping.connect_tls():  # a parked connection does not hold it up
        assert stopping.terminate() == 0

    assert [event["event"] for event in stopping.events("stopped")] == ["stopped"]


def test_a_draining_replica_still_answers_new_connections(
    start_server: Callable[..., Server],
) -> None:
    stopping = start_server("--drain-seconds", "300").wait_ready()
    stopping.process.terminate()
    stopping.wait_until(lambda: not stopping.is_ready(), what="not ready")

    answer = stopping.post()

    assert stopping.get("/readyz").text == "draining: the process is stopping\n"
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")


def test_a_second_signal_ends_the_drain(start_server: Callable[..., Server]) -> None:
    stopping = start_server("--drain-seconds", "300").wait_ready()
    stopping.process.terminate()
    stopping.wait_until(lambda: not stopping.is_ready(), what="not ready")

    assert stopping.terminate() == 0


def test_a_killed_worker_is_replaced(start_server: Callable[..., Server]) -> None:
    server = start_server().wait_ready()
    killed = server.worker()

    os.kill(killed, signal.SIGKILL)

    server.wait_until(lambda: len(server.events("ready")) == 2, what="ready again")
    assert server.worker() != killed
    assert server.post().status_code == 200
