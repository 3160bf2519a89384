"""Connections stay below the limit of open files."""

import pytest

from webhook.server.gunicorn.open_files import ConnectionCaps, divide_files


@pytest.mark.parametrize(
    ("free", "reviews", "probes"),
    [
        (1_000_000, 512, 16),
        (512 + 16 + 32, 512, 16),
        (512 + 16 + 31, 511, 16),
        (96, 48, 16),
        (52, 15, 5),
        (0, 4, 4),
    ],
)
def test_what_is_free_is_divided(free: int, reviews: int, probes: int) -> None:
    assert divide_files(512, free=free) == ConnectionCaps(reviews=reviews, probes=probes)
