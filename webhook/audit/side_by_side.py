"""Many small waits at once, in order, and without waiting for all of them at an interruption."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def side_by_side(
    function: Callable[[_Item], _Result], items: Iterable[_Item], *, at_once: int
) -> Iterator[_Result]:
    """Give what `function` makes of each item, in order, a few of them being made at a time.

    Where the consumer stops or is interrupted, only what has begun is waited for.
    """
    pool = ThreadPoolExecutor(at_once)
    try:
        yield from pool.map(function, items)
    finally:
        pool.shutdown(cancel_futures=True)
