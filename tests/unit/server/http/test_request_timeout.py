"""The API server's timeout, as Go writes it."""

import pytest

from webhook.server.http.request_timeout import parse_timeout


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3s", 3.0),
        ("1m30s", 90.0),
        ("500ms", 0.5),
        ("2.5s", 2.5),
        ("1h0m0s", 3600.0),
        ("1.5ms", 0.0015),
        ("250µs", 0.00025),
        ("7ns", 7e-9),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_timeout(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "3", "s", "-3s", "3s!", " 3s", "1e9s", "٣s", "9" * 10 + "s"])
def test_what_is_no_duration_is_three_seconds(text: str) -> None:
    assert parse_timeout(text) == 3.0
