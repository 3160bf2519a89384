"""Stopping loses no admission: not ready at once, `Connection: close`, and only then the end."""

import os
import signal
from collections.abc import Callable

from tests.integration.running import Server
from tests.integration.steady_client import SteadyClient


def test_nothing_is_lost_when_a_replica_under_load_stops(
    start_server: Callable[..., Server],
) -> None:
    stopping = start_server("--drain-seconds", "2").wait_ready()
    trust = stopping.trust()
    # the endpoints forget a replica that is not ready
    client = SteadyClient(stopping.port, threads=8, trust=lambda: trust, dial=stopping.is_ready)
    client.start()
    stopping.wait_until(lambda: client.outcomes["200"] > 200, what="load")

    status = stopping.terminate()

    outcomes = client.stop()
    assert status == 0
    assert outcomes["told to close"] == 8
    assert set(outcomes) == {"200", "told to close"}
    assert [event["event"] for event in stopping.events("stopped")] == ["stopped"]


def test_a_draining_replica_still_answers_new_connections(
    start_server: Callable[..., Server],
) -> None:
    stopping = start_server("--drain-seconds", "3").wait_ready()
    with stopping.connect_tls():  # a parked connection does not hold up the end
        stopping.process.terminate()
        stopping.wait_until(lambda: not stopping.is_ready(), what="not ready", seconds=1)

        answer = stopping.post()

        assert stopping.get("/readyz").text == "draining: the process is stopping\n"
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        assert stopping.process.wait(timeout=15) == 0


def test_a_second_signal_ends_the_drain(start_server: Callable[..., Server]) -> None:
    stopping = start_server("--drain-seconds", "60").wait_ready()
    stopping.process.terminate()
    stopping.wait_until(lambda: not stopping.is_ready(), what="not ready")

    stopping.process.send_signal(signal.SIGTERM)

    assert stopping.process.wait(timeout=30) == 0


def test_a_killed_worker_is_replaced(start_server: Callable[..., Server]) -> None:
    server = start_server().wait_ready()
    killed = server.worker()

    os.kill(killed, signal.SIGKILL)

    server.wait_until(lambda: len(server.events("ready")) == 2, what="ready again")
    assert server.worker() != killed
    assert server.post().status_code == 200
