"""The version of a server by its image's tag."""

import pytest

from webhook.domain.redis.version import read_release, read_version


@pytest.mark.parametrize(
    ("image", "version", "release"),
    [
        ("redis:7.2.4-alpine", (7, 2), (7, 2, 4)),
        ("redis:7.2", (7, 2), None),
        ("redis:8", (8, 9999), None),
        ("redis:2.8.0", (2, 8), (2, 8, 0)),
        ("redis:2.7.9", None, None),
        ("redis:latest", None, None),
        ("redis", None, None),
        ("redis@sha256:" + "0" * 64, None, None),
        ("redis:7.20000.1", None, None),
        ("no reference: 7.2.4", None, None),
        ("", None, None),
    ],
)
def test_what_a_tag_tells(
    image: str, version: tuple[int, int] | None, release: tuple[int, ...] | None
):
    assert (read_version(image), read_release(image)) == (version, release)
