"""A review over real TLS: its answer, its log line, its metrics, what the process loaded."""

import json
import re
import ssl
from collections.abc import Mapping

import pytest

from tests.integration.running import Server, http_request, read_answer, review


def test_a_redis_pod_is_answered_logged_and_counted(server: Server) -> None:
    answer = server.post(content=review(uid="uid-of-a-redis"))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    response = answer.json()["response"]
    assert (response["uid"], response["allowed"]) == ("uid-of-a-redis", True)
    decision = _logged(server, "uid-of-a-redis")
    assert {name: decision[name] for name in ("verdict", "reason", "namespace", "image")} == {
        "verdict": "inject",
        "reason": "ceiling-injected",
        "namespace": "shop",
        "image": "redis:7.2",
    }
    assert server.metric(
        "redis_memory_guard_decisions_total"
        '{mode="enforce",reason="ceiling-injected",verdict="inject",webhook="mutate"}'
    )


def test_nothing_is_said_of_a_pod_without_redis(server: Server) -> None:
    answer = server.post(content=review("nginx:1.27", uid="uid-of-an-nginx"))

    assert answer.status_code == 200
    server.post(content=review(uid="uid-of-the-next"))
    _logged(server, "uid-of-the-next")
    assert _decisions(server, "uid-of-an-nginx") == []


def test_a_name_cannot_forge_a_log_line(server: Server) -> None:
    forged = 'x\n{"event":"decision","uid":"forged"}\x1b[2K\u202e'

    server.post(content=review(container=forged, uid="uid-of-a-forger"))

    decision = _logged(server, "uid-of-a-forger")
    assert decision["container"] == forged
    assert _decisions(server, "forged") == []
    log = (server.directory / "log").read_bytes()
    assert log.isascii()
    assert b"\x1b" not in log


def test_a_replayed_review_is_answered_alike(server: Server) -> None:
    replayed = review(uid="uid-of-a-replay")

    first, second = (server.post(content=replayed).json() for _ in range(2))

    assert first["response"]["patchType"] == "JSONPatch"
    assert second == first


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/mutate", review(), b"200"),
        ("/validate", review(), b"200"),
        ("/mutate", review() + b" " * 60_000, b"200"),
        ("/mutate", b"no JSON", b"400"),
        ("/broken", review(), b"500"),
        ("/nowhere", review(), b"404"),
    ],
)
def test_a_review_is_answered_alike_to_the_letter_whatever_its_head_looks_like(
    server: Server, path: str, body: bytes, status: bytes
) -> None:
    of_api_server = http_request(body, path)
    of_others = of_api_server.replace(b"Accept-Encoding: gzip", b"X-Other: yes")

    with server.connect_tls() as connection:
        answers = [_exchange(connection, each) for each in (of_api_server, of_others) * 2]

    assert answers[0].startswith(b"HTTP/1.1 " + status)
    assert set(answers) == {answers[0]}


def test_a_review_may_come_in_pieces_and_the_next_one_right_behind_it(server: Server) -> None:
    requests = http_request(review(uid="one")) + http_request(review(uid="other"))

    with server.connect_tls() as connection:
        for start in range(0, len(requests), 500):
            connection.sendall(requests[start : start + 500])
        answers = [read_answer(connection) for _ in range(2)]

    assert [b'"uid":"one"' in answers[0], b'"uid":"other"' in answers[1]] == [True, True]


def test_a_bug_is_counted_once_whatever_the_head_looks_like(server: Server) -> None:
    counter = 'redis_memory_guard_internal_errors_total{webhook="broken"}'
    before = server.metric(counter)

    with server.connect_tls() as connection:
        connection.sendall(http_request(review(), "/broken"))
        read_answer(connection)

    assert server.metric(counter) == before + 1


def test_forged_reviews_make_no_metric_of_their_own(server: Server) -> None:
    def series() -> set[str]:
        lines = server.get("/metrics").text.splitlines()
        return {line.rsplit(" ", 1)[0] for line in lines if not line.startswith("#")}

    server.post(content=_forged(0))
    before = series()

    for n in range(1, 20):
        assert server.post(content=_forged(n)).status_code == 200

    assert series() == before
    assert "forged" not in server.get("/metrics").text


def test_the_serving_process_loads_nothing_that_it_does_not_need(server: Server) -> None:
    loaded = server.post("/modules").json()

    # click is not among them: Flask itself imports it
    packages = {name.partition(".")[0] for name in loaded}
    assert {"flask", "gunicorn", "gevent", "webhook"} <= packages
    assert (
        packages & {"kubernetes", "cryptography", "rich", "ruamel", "structlog", "certs"} == set()
    )


def _exchange(connection: ssl.SSLSocket, request: bytes) -> bytes:
    connection.sendall(request)
    return re.sub(rb"\r\nDate: [^\r]+", b"", read_answer(connection))


def _forged(n: int) -> bytes:
    """A review of which every name is another."""
    forged = f"forged-{n}"
    envelope = json.loads(review(f"redis:{forged}", uid=forged, container=forged))
    envelope["request"] |= {"name": forged, "namespace": forged, "userInfo": {"username": forged}}
    return json.dumps(envelope).encode()


def _logged(server: Server, uid: str) -> Mapping[str, object]:
    """Wait for the one decision about a review: it is logged after the answer is sent."""
    server.wait_until(lambda: bool(_decisions(server, uid)), what=f"the decision of {uid}")
    (decision,) = _decisions(server, uid)
    return decision


def _decisions(server: Server, uid: str) -> list[Mapping[str, object]]:
    return [event for event in server.events("decision") if event["uid"] == uid]
