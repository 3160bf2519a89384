"""Reading a body whose length was announced."""

import io

import pytest
from werkzeug.exceptions import ClientDisconnected

from webhook.server.http.body import BodyReader


@pytest.mark.parametrize("length", [0, 1, 65_536, 65_537, 3 * 1024 * 1024])
def test_a_body_is_read_to_its_length_and_no_further(length: int) -> None:
    stream = io.BytesIO(b"x" * length + b"next")

    with BodyReader(evicted=_nobody).read(stream, length) as body:
        assert body == b"x" * length

    assert stream.read() == b"next"


@pytest.mark.parametrize("sent", [0, 65_536, 69_999])
def test_a_body_that_ends_early_is_refused(sent: int) -> None:
    reader = BodyReader(evicted=_nobody)

    with pytest.raises(ClientDisconnected), reader.read(io.BytesIO(b"x" * sent), 70_000):
        pass


def _nobody() -> None:
    raise AssertionError("evicted")
