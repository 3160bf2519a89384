"""Peers that park, stall, trickle or speak no TLS do not keep the others from being served."""

import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack, suppress

import pytest

from tests.integration.running import Server, http_request, read_answer, review

_HALF_A_HEAD = b"POST /mutate HTTP/1.1\r\nHost: guard.svc\r\nContent-"


def test_reviews_are_answered_beside_parked_stalled_half_sent_and_plain_connections(
    server: Server,
) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(server.connect_tls())
            stack.enter_context(server.connect()).sendall(b"\x16\x03\x01\x02\x00")
            stack.enter_context(server.connect_tls()).sendall(_HALF_A_HEAD)
            stack.enter_context(server.connect()).sendall(b"GET / HTTP/1.1\r\n\r\n")

        answers = [server.post(content=review(uid=str(n))).json() for n in range(20)]

    assert [answer["response"]["uid"] for answer in answers] == [str(n) for n in range(20)]


def test_a_parked_connection_can_be_used_later(server: Server) -> None:
    with server.connect_tls() as parked:
        assert server.post().status_code == 200

        parked.sendall(http_request(review()))

        assert parked.recv(12) == b"HTTP/1.1 200"


def test_plain_http_is_counted_and_closed(server: Server) -> None:
    counter = 'redis_memory_guard_tls_handshake_failures_total{cause="not-tls"}'
    before = server.metric(counter)
    with server.connect() as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        # what the server did not read may end the connection with a reset
        with suppress(ConnectionResetError):
            while plain.recv(100):
                pass

    assert server.metric(counter) == before + 1


def test_a_client_that_does_not_trust_us_is_counted(server: Server) -> None:
    counter = 'redis_memory_guard_tls_handshake_failures_total{cause="refused-by-peer"}'
    before = server.metric(counter)

    with server.connect() as plain, pytest.raises(ssl.SSLCertVerificationError):
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_socket(plain, server_hostname="localhost")

    server.wait_until(lambda: server.metric(counter) == before + 1, what="the count")


def test_parked_connections_over_the_cap_make_room(start_server: Callable[..., Server]) -> None:
    small = start_server("--connections", "32").wait_ready()
    with ExitStack() as stack:
        regular = stack.enter_context(small.connect_tls())
        regular.sendall(http_request(review()))
        read_answer(regular)
        parked = [stack.enter_context(small.connect_tls()) for _ in range(64)]

        answer = small.post()
        regular.sendall(http_request(review()))

        assert answer.status_code == 200
        assert read_answer(regular).startswith(b"HTTP/1.1 200 ")  # it had asked, so it stayed
        assert parked[0].recv(1) == b""  # the first to park was the first to go
        assert small.metric("redis_memory_guard_evicted_connections_total") == 34


@pytest.mark.parametrize("sent", [_HALF_A_HEAD, http_request(review())[:-10]], ids=["head", "body"])
def test_half_sent_requests_over_the_cap_make_room(
    start_server: Callable[..., Server], sent: bytes
) -> None:
    # 32 and the 100 that one turn of accepting may add: more than the server takes at all
    small = start_server("--connections", "32").wait_ready()
    with ExitStack() as stack:
        for _ in range(132):
            stack.enter_context(small.connect_tls()).sendall(sent)

        answer = small.post()

        assert answer.status_code == 200
        # before their own deadline, which is no eviction, would have ended them
        assert small.metric("redis_memory_guard_evicted_connections_total") > 0


def test_an_unfinished_handshake_or_request_is_closed_in_time(server: Server) -> None:
    with server.connect() as stalled, server.connect_tls() as half, server.connect_tls() as short:
        for connection in (stalled, half, short):
            connection.settimeout(100)  # less than what a kept-alive connection is given
        half.sendall(_HALF_A_HEAD)
        short.sendall(http_request(review())[:-10])

        assert [connection.recv(1) for connection in (half, short, stalled)] == [b"", b"", b""]
    assert server.post().status_code == 200


def test_large_reviews_are_answered_beside_peers_that_announce_one_and_send_little(
    server: Server,
) -> None:
    announced = http_request(b" " * 3 * 1024 * 1024)
    head = announced.index(b"\r\n\r\n") + 4
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(server.connect_tls()).sendall(announced[: head + 1])

        answer = server.post(content=review() + b" " * 2 * 1024 * 1024)

    assert answer.status_code == 200


def test_stalled_bodies_that_hold_all_the_room_make_room(
    start_server: Callable[..., Server],
) -> None:
    server = start_server().wait_ready()
    stalled = http_request(b" " * 3 * 1024 * 1024)[: 1024 * 1024]
    with ExitStack() as stack:
        for _ in range(12):
            connection = stack.enter_context(server.connect_tls())
            # what the server does not read yet stays in the kernel's buffers, which are smaller
            connection.settimeout(0.2)
            with suppress(TimeoutError):
                connection.sendall(stalled)

        answer = server.post(content=review() + b" " * 2 * 1024 * 1024)

    assert answer.status_code == 200
    assert server.metric("redis_memory_guard_evicted_connections_total") > 0


def test_both_ports_answer_beside_more_peers_than_files_may_be_open(
    start_server: Callable[..., Server],
) -> None:
    server = start_server(open_files=64).wait_ready()
    with ExitStack() as stack:
        for _ in range(64):
            probe = socket.create_connection(("127.0.0.1", server.health_port))
            stack.enter_context(probe)
            stack.enter_context(server.connect())

        assert server.is_ready()
        assert server.post().status_code == 200
    (warning,) = server.events("fewer connections than set")
    assert warning["limit"] == 64


def test_a_silent_probe_is_closed_in_time(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.health_port)) as silent:
        silent.settimeout(100)  # less than what the API server's kept-alive connections are given

        assert silent.recv(1) == b""


@pytest.mark.parametrize(
    "field",
    [b"X: " + b"x" * 100 + b"\r\n", b"X: " + b"x" * 20_000, b"x" * 20_000],
    ids=["many fields", "a long value", "a long name"],
)
def test_a_hoard_of_headers_is_refused_before_it_ends(server: Server, field: bytes) -> None:
    with server.connect_tls() as connection:
        connection.sendall(b"POST /mutate HTTP/1.1\r\n" + field * (20_000 // len(field) + 1))

        assert read_answer(connection).startswith(b"HTTP/1.1 431 ")


def test_a_head_that_trickles_is_answered(server: Server) -> None:
    request = http_request(review())
    end = request.index(b"\r\n\r\n") + 4
    with server.connect_tls() as connection:
        for byte in request[:end]:
            connection.sendall(bytes([byte]))
        connection.sendall(request[end:])

        assert read_answer(connection).startswith(b"HTTP/1.1 200 ")


def test_many_large_bodies_at_once_cost_little_memory_and_nobody_else(
    start_server: Callable[..., Server],
) -> None:
    server = start_server().wait_ready()
    assert server.post().status_code == 200
    before = server.worker_megabytes()
    most_of_a_body = http_request(b" " * 3 * 1024 * 1024)[: 2 * 1024 * 1024]
    with ExitStack() as stack:
        for _ in range(40):
            connection = stack.enter_context(server.connect_tls())
            # what the server does not read yet stays in the kernel's buffers, which are smaller
            connection.settimeout(0.2)
            with suppress(TimeoutError):
                connection.sendall(most_of_a_body)

        answer = server.post()

        assert answer.status_code == 200
        assert server.worker_megabytes() - before < 32


def test_every_kind_of_peer_at_once_and_few_open_files_keep_out_nobody(
    start_server: Callable[..., Server],
) -> None:
    server = start_server(open_files=64).wait_ready()
    announced = http_request(b" " * 3 * 1024 * 1024)
    sent_over_tls = (
        b"",
        _HALF_A_HEAD,
        announced[: announced.index(b"\r\n\r\n") + 5],
        b"POST /mutate HTTP/1.1\r\n" + b"X: y\r\n" * 100,
        b"POST /mutate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    )
    with ExitStack() as stack:
        for _ in range(10):
            for sent in sent_over_tls:
                stack.enter_context(server.connect_tls()).sendall(sent)
            for sent in (b"", b"GET /livez HTTP/1.1\r\nHo", b"X: y\r\n" * 100):
                probe = socket.create_connection(("127.0.0.1", server.health_port))
                stack.enter_context(probe).sendall(sent)

        assert server.post().status_code == 200
        assert server.is_ready()
    assert server.metric('redis_memory_guard_internal_errors_total{webhook="mutate"}') == 0
