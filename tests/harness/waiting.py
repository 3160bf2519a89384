"""Waiting for what a cluster does in its own time."""

import time
from collections.abc import Callable
from typing import TypeVar

_Seen = TypeVar("_Seen")

POLL_SECONDS = 0.25


def eventually(look: Callable[[], _Seen], *, what: str, seconds: float = 120) -> _Seen:
    """Look until what is seen counts as true, and return it; raises TimeoutError."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(POLL_SECONDS)
    return seen
