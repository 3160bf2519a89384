"""The version of a server, as far as its image's tag tells it."""

from webhook.domain.kubernetes.image_reference import ImageError, parse_image

_OLDEST = (2, 8)
"""No server in use is older: a lower number in a tag is the version of something else."""

_NEWEST = 9999
"""The minor version of a tag that names none: `8` is the newest 8."""


def read_version(image: str) -> tuple[int, int] | None:
    """Read a version such as `7`, `7.2` or `7.2.4-alpine` from an image's tag."""
    try:
        tag = parse_image(image).tag or ""
    except ImageError:
        return None
    numbers = tag.partition("-")[0].split(".")
    if not all(number.isascii() and number.isdigit() and len(number) < 5 for number in numbers):
        return None
    version = int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else _NEWEST
    return version if version >= _OLDEST else None
