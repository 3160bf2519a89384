import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis.server import RealServer

MISSING = "needs redis-server: apt-get install redis-server"


@pytest.fixture
def server() -> Iterator[RealServer]:
    """A real server that is not started yet; it is stopped at the end of the test."""
    if shutil.which("redis-server") is None or shutil.which("redis-cli") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    # Not tmp_path: a socket's path may have 107 characters at most.
    with (
        tempfile.TemporaryDirectory(prefix="redis-") as directory,
        RealServer(Path(directory)) as real,
    ):
        yield real
