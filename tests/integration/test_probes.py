"""The health port: live without a certificate, ready with one, and why not."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.integration.running import Server, review
from webhook.server.tls.dev_certificate import write_certificate


def test_the_process_waits_for_its_certificate(start_server: Callable[..., Server]) -> None:
    waiting = start_server(certificate=False)

    waiting.wait_until(lambda: waiting.get("/livez").text == "live\n", what="live")
    assert waiting.get("/readyz").status_code == 503
    assert waiting.get("/readyz").text == (
        f"no serving certificate: {waiting.directory}/tls.crt: No such file or directory\n"
    )
    assert waiting.events("ready") == []
    shown = waiting.get("/metrics").text
    assert "\nredis_memory_guard_certificate_expiry_timestamp_seconds" not in shown
    assert "\nredis_memory_guard_ready 0.0\n" in shown

    write_certificate(waiting.directory, now=datetime.now(UTC))
    waiting.wait_ready()
    assert waiting.metric("redis_memory_guard_ready") == 1
    assert waiting.post(content=review()).status_code == 200
    assert [e["url"] for e in waiting.events("ready")] == [f"https://localhost:{waiting.port}"]


def test_an_expired_certificate_is_not_served(start_server: Callable[..., Server]) -> None:
    waiting = start_server(certificate=False)
    write_certificate(waiting.directory, now=datetime.now(UTC) - timedelta(days=8))

    waiting.wait_until(lambda: "has expired" in waiting.get("/readyz").text, what="the reason")
    assert waiting.get("/readyz").text == (
        f"no serving certificate: {waiting.directory}/tls.crt: certificate has expired\n"
    )


def test_metrics_show_when_the_certificate_ends(server: Server) -> None:
    expiry = server.metric("redis_memory_guard_certificate_expiry_timestamp_seconds")

    week = timedelta(days=7).total_seconds()
    assert 0 < expiry - datetime.now(UTC).timestamp() < week


def test_a_start_says_what_is_served_and_nothing_else(
    start_server: Callable[..., Server],
) -> None:
    server = start_server().wait_ready()

    lines = (server.directory / "log").read_text().splitlines()

    assert [json.loads(line)["event"] for line in lines] == ["certificate loaded", "ready"]
    (ready,) = server.events("ready")
    assert (ready["certificate"], ready["policy"]) == (f"{server.directory}/tls.crt", "built-in")
