"""The version of a server, as far as its image's tag tells it."""

from webhook.domain.kubernetes.image_reference import ImageError, parse_image

_OLDEST = (2, 8)
"""No server in use is older: a lower number in a tag is the version of something else."""

_NEWEST = 9999
"""The minor version of a tag that names none: `8` is the newest 8."""


def read_version(image: str) -> tuple[int, int] | None:
    """Read a version such as `7`, `7.2` or `7.2.4-alpine` from an image's tag."""
    numbers = _numbers(image)
    if not numbers:
        return None
    version = numbers[0], numbers[1] if len(numbers) > 1 else _NEWEST
    return version if version >= _OLDEST else None


def read_release(image: str) -> tuple[int, ...] | None:
    """Read all three numbers of a version such as `7.2.4-alpine`; None where it names fewer."""
    numbers = _numbers(image)
    return numbers[:3] if len(numbers) > 2 and numbers >= _OLDEST else None


def _numbers(image: str) -> tuple[int, ...]:
    """Read the numbers of a tag, none where it is no version."""
    try:
        tag = parse_image(image).tag or ""
    except ImageError:
        return ()
    numbers = tag.partition("-")[0].split(".")
    if not all(number.isascii() and number.isdigit() and len(number) < 5 for number in numbers):
        return ()
    return tuple(map(int, numbers))
