"""The settings of gunicorn that the API server's behaviour demands."""

import pytest

from webhook.server.gunicorn.config import gunicorn_options
from webhook.server.settings import ServeSettings


def test_connections_outlast_the_api_servers_90_seconds() -> None:
    options = gunicorn_options(ServeSettings())

    assert options["keepalive"] == 120


@pytest.mark.parametrize(("drain_seconds", "killed_after"), [(0.0, 15), (5.0, 20), (299.5, 314)])
def test_a_drain_ends_before_gunicorn_kills_the_worker(
    drain_seconds: float, killed_after: int
) -> None:
    options = gunicorn_options(ServeSettings(drain_seconds=drain_seconds))

    assert options["graceful_timeout"] == killed_after


@pytest.mark.parametrize(
    ("address", "bound"),
    [
        ("10.0.0.7", ["10.0.0.7:8443", "10.0.0.7:8080"]),
        ("fd00::7", ["[fd00::7]:8443", "[fd00::7]:8080"]),
    ],
)
def test_the_tls_port_comes_first(address: str, bound: list[str]) -> None:
    options = gunicorn_options(ServeSettings(address=address))

    assert options["bind"] == bound


def test_a_replica_is_one_worker_that_is_never_recycled() -> None:
    options = gunicorn_options(ServeSettings())

    assert options["workers"] == 1
    assert "max_requests" not in options
