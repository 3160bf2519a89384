"""What is no review gets a clear 4xx over real TLS, a bug a 500, and the server goes on serving."""

import json

import httpx
import pytest

from tests.integration.running import Server, http_request, read_answer, review

_NESTED = b'{"request":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
_OTHER_KIND = json.dumps({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}}).encode()


def _changed(**fields: object) -> bytes:
    """A review whose request has other fields; None leaves one out."""
    envelope = json.loads(review())
    request = envelope["request"] | fields
    envelope["request"] = {name: value for name, value in request.items() if value is not None}
    return json.dumps(envelope).encode()


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(b"", 400, id="empty"),
        pytest.param(review()[:-20], 400, id="truncated"),
        pytest.param(b"\x00\xff\xfe", 400, id="binary"),
        pytest.param(b"null", 400, id="null"),
        pytest.param(_NESTED, 400, id="100,000 levels deep"),
        pytest.param(_OTHER_KIND, 400, id="another kind"),
        pytest.param(b" " * 4 * 1024 * 1024, 400, id="4 MiB"),
    ],
)
def test_a_body_that_is_no_review_is_refused_and_the_next_one_served(
    server: Server, content: bytes, status: int
) -> None:
    refused = server.post(content=content)

    assert refused.status_code == status
    assert list(refused.json()) == ["error"]
    assert refused.headers["content-type"] == "application/json"
    assert server.post().status_code == 200


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_changed(uid=None), "request.uid: must not be empty"),
        (_changed(kind=None), "request.kind: must be an object"),
        (_changed(object=None), "request.object: must be an object"),
        (
            _changed(operation="PATCH"),
            "request.operation: must be one of CREATE, UPDATE, DELETE, CONNECT",
        ),
    ],
)
@pytest.mark.parametrize("path", ["/mutate", "/validate"])
def test_a_review_that_no_api_server_sends_is_refused_by_its_field(
    server: Server, path: str, content: bytes, message: str
) -> None:
    refused = server.post(path, content=content)

    assert (refused.status_code, refused.json()) == (400, {"error": message})


@pytest.mark.parametrize("path", ["/mutate", "/validate"])
def test_a_deletion_which_has_no_object_is_let_through(server: Server, path: str) -> None:
    deletion = _changed(operation="DELETE", object=None)

    answer = server.post(path, content=deletion)

    assert answer.json()["response"] == {"uid": "uid-1", "allowed": True}


@pytest.mark.parametrize(
    ("request_", "status", "message"),
    [
        pytest.param({"method": "GET"}, 405, "method is not allowed", id="GET"),
        pytest.param({"path": "/"}, 404, "not found", id="another path"),
        pytest.param({"path": "/metrics"}, 404, "not found", id="metrics are not on this port"),
        pytest.param(
            {"headers": {"Content-Type": "text/plain"}},
            415,
            "expected content type application/json",
            id="another content type",
        ),
        pytest.param(
            {"headers": {}}, 415, "expected content type application/json", id="no content type"
        ),
    ],
)
def test_a_request_that_carries_no_review_is_refused(
    server: Server, request_: dict[str, object], status: int, message: str
) -> None:
    refused = server.post(**request_)

    assert refused.status_code == status
    assert message in refused.json()["error"]


def test_a_review_is_not_taken_over_plain_http(server: Server) -> None:
    refused = httpx.post(f"http://127.0.0.1:{server.health_port}/mutate", content=review())

    assert refused.status_code == 404


def test_a_bug_is_a_500_that_tells_nothing_but_is_counted_and_logged(server: Server) -> None:
    counter = 'redis_memory_guard_internal_errors_total{webhook="broken"}'
    before = server.metric(counter)
    body = review(uid="not-to-be-echoed")

    answer = server.post("/broken", content=body)

    assert answer.status_code == 500
    assert answer.json() == {"error": "internal error; the log has more"}
    assert server.metric(counter) == before + 1
    logged = server.events("internal error")[-1]
    assert logged["level"] == "error"
    assert str(logged["exception"]).endswith(f"RuntimeError: a bug, met with {len(body)} bytes")
    assert server.post().status_code == 200


_CHUNKED = b"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
_CHUNKED += b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "expected"),
    [
        (b"hello\r\n\r\n", 400, "a request of HTTP/1.1"),
        (b"GET /<b> HTTP/9.9\r\n\r\n", 400, "a request of HTTP/1.1"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, "a request of HTTP/1.1"),
        (b"GET /" + b"x" * 2000 + b" HTTP/1.1\r\n\r\n", 414, "a short request line"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 33 + b"\r\n", 431, "few and short header fields"),
        (_CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", 411, "a body of an announced length, not encoded"),
        (_CHUNKED + b"zz\r\n", 411, "a body of an announced length, not encoded"),
    ],
)
def test_what_is_no_http_request_gets_json_that_quotes_nothing(
    server: Server, sent: bytes, status: int, expected: str
) -> None:
    bugs = 'redis_memory_guard_internal_errors_total{webhook="none"}'
    counter = f'redis_memory_guard_refused_requests_total{{status="{status}",webhook="none"}}'
    before = server.metric(counter)
    with server.connect_tls() as connection:
        connection.sendall(sent)

        head, _, body = read_answer(connection).partition(b"\r\n\r\n")

        assert head.startswith(f"HTTP/1.1 {status} ".encode())
        assert b"gunicorn" not in head
        assert json.loads(body) == {"error": f"expected {expected}"}
        assert connection.recv(1) == b""
    assert server.metric(counter) == before + 1
    assert server.metric(bugs) == 0


def test_a_peer_that_leaves_within_its_body_is_no_bug(server: Server) -> None:
    counter = 'redis_memory_guard_refused_requests_total{status="400",webhook="mutate"}'
    before = server.metric(counter)
    bugs = len(server.events("internal error"))

    with server.connect_tls() as connection:
        connection.sendall(http_request(review())[:-10])

    server.wait_until(lambda: server.metric(counter) == before + 1, what="the count")
    assert len(server.events("internal error")) == bugs


def test_answers_do_not_tell_what_serves_them(server: Server) -> None:
    assert server.post().headers["server"] == "redis-memory-guard"


def test_malformed_reviews_are_counted(server: Server) -> None:
    counter = 'redis_memory_guard_malformed_reviews_total{webhook="mutate"}'
    before = server.metric(counter)

    server.post(content=b"{")

    assert server.metric(counter) == before + 1


def test_a_refused_body_is_not_taken_for_the_next_request(server: Server) -> None:
    too_large = b"POST /mutate HTTP/1.1\r\n\r\n" + b"x" * 4 * 1024 * 1024
    with server.connect_tls() as connection:
        connection.sendall(http_request(too_large) + http_request(review()))
        first = read_answer(connection)
        second = read_answer(connection)

    assert first.startswith(b"HTTP/1.1 400 ")
    assert second.startswith(b"HTTP/1.1 200 ")
