"""Serving processes for the tests: real gunicorn, real TLS, started as a subprocess."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.running import Server, start


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One ready server for all tests that leave it as it is."""
    running = start(tmp_path_factory.mktemp("server"))
    try:
        yield running.wait_ready()
    finally:
        running.interrupt()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server of the test's own, with options; it is not waited for."""
    started: list[Server] = []

    def begin(*options: str, certificate: bool = True, open_files: int | None = None) -> Server:
        running = start(tmp_path, *options, certificate=certificate, open_files=open_files)
        started.append(running)
        return started[-1]

    yield begin

    for running in started:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()
