"""Where reviews that take long are answered: beside the loop, which goes on with all others.

docs/decisions/0016-a-side-thread-for-heavy-reviews.md has the measurements.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Generic, ParamSpec, TypeVar, cast

import gevent
from gevent.lock import BoundedSemaphore
from gevent.monkey import get_original
from gevent.threadpool import ThreadPool

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

# how long the thread keeps the interpreter from the loop, which asks for it several times a review;
# Python's own 5 ms would add up
_SWITCH_SECONDS = 0.0005

_allocate_lock = get_original("_thread", "allocate_lock")


@dataclass(frozen=True, slots=True)
class _Ended(Generic[Result]):
    """How a task ended: what a thread or a greenlet raises, gevent takes for nobody's, and logs."""

    value: Result | None
    error: BaseException | None = None

    def result(self) -> Result:
        if self.error is not None:
            raise self.error
        return cast("Result", self.value)


class SideThread:
    """One thread beside the loop, for one task at a time; the others wait for their turn.

    Who is closed while waiting leaves nothing behind.
    """

    def __init__(self) -> None:
        self._turn = BoundedSemaphore(1)

    def run(self, task: Callable[[], Result]) -> Result:
        """Run a task there, and let others run here; raises what the task raises."""
        with self._turn:
            ended: _Ended[Result] = self._thread.apply(_end_of, (task,))
        return ended.result()

    def from_loop(self, function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        """Give a function for tasks that runs in the loop: sockets and locks are the loop's."""
        loop = gevent.get_hub().loop

        def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            ended: list[_Ended[Result]] = []
            waiting = _allocate_lock()
            waiting.acquire()

            def run() -> None:
                ended.append(_end_of(partial(function, *args, **kwargs)))
                waiting.release()

            # a greenlet is of the thread that makes it
            loop.run_callback_threadsafe(partial(gevent.spawn, run))
            waiting.acquire()
            return ended[0].result()

        return call

    @cached_property
    def _thread(self) -> ThreadPool:
        # made in the worker, as threads do not outlive a fork
        sys.setswitchinterval(_SWITCH_SECONDS)
        return ThreadPool(1)


def _end_of(task: Callable[[], Result]) -> _Ended[Result]:
    try:
        return _Ended(task())
    except BaseException as error:  # noqa: BLE001 - gevent's time-outs too: somebody waits for it
        return _Ended(None, error)
