"""The API server that the certificate process speaks to."""

from collections.abc import Iterator

import pytest

from tests.integration.certs.api_server import ApiServer, running


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with running() as server:
        yield server
