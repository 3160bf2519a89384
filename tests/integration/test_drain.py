"""Stopping loses no admission: not ready at once, `Connection: close`, and only then the end."""

import os
import signal
import ssl
from collections.abc import Callable

from tests.integration.running import Server, http_request, read_answer, review
from tests.integration.steady_client import SteadyClient
from webhook.server.gunicorn.dismissal import ELSEWHERE


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
    assert {"200", "told to close"} <= set(outcomes) <= {"200", "told to close", "to be repeated"}
    stopping.process.terminate()
    assert stopping.wait_end() == 0


def test_who_is_connected_is_sent_elsewhere_before_asking(
    start_server: Callable[..., Server],
) -> None:
    stopping = start_server("--drain-seconds", "300").wait_ready()
    with stopping.connect_tls() as parked, stopping.connect_tls() as kept_alive:
        kept_alive.sendall(http_request(review()))
        answered = read_answer(kept_alive)
        stopping.process.terminate()

        told = [_all_of(connection) for connection in (parked, kept_alive)]

    assert answered.startswith(b"HTTP/1.1 200 OK\r\n")
    assert told == [ELSEWHERE.encode()] * 2
    assert b"503 Service Unavailable" in told[0]
    assert b"\r\nConnection: close\r\n" in told[0]
    assert b"\r\nRetry-After: 0\r\n" in told[0]


def test_a_request_that_has_begun_is_answered_by_a_replica_that_stops(
    start_server: Callable[..., Server],
) -> None:
    stopping = start_server("--drain-seconds", "300").wait_ready()
    begun = http_request(review())
    with stopping.connect_tls() as connection:
        connection.sendall(begun[:20])
        # The first byte has been read once the second connection, behind it, is answered.
        stopping.post()
        stopping.process.terminate()
        stopping.wait_until(lambda: not stopping.is_ready(), what="not ready")
        connection.sendall(begun[20:])

        answer = _all_of(connection)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in answer


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


def _all_of(connection: ssl.SSLSocket) -> bytes:
    """Read until the other side is done; it closes without TLS's own goodbye."""
    return b"".join(iter(lambda: connection.recv(65536), b""))
