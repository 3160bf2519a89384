"""Where reviews that take long are answered: beside the loop, which goes on with all others.

docs/decisions/0016-a-side-thread-for-heavy-reviews.md has the measurements.
"""

import sys
from collections.abc import Callable
from functools import cached_property
from typing import ParamSpec, TypeVar

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


class SideThread:
    """One thread beside the loop, for one task at a time; the others wait for their turn.

    Who is closed while waiting leaves nothing behind.
    """

    def __init__(self) -> None:
        self._turn = BoundedSemaphore(1)

    def run(self, task: Callable[[], Result]) -> Result:
        """Run a task there, and let others run here; raises what the task raises."""
        with self._turn:
            result: Result = self._thread.apply(task)
            return result

    def from_loop(self, function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        """Give a function for tasks that runs in the loop: sockets and locks are the loop's."""
        loop = gevent.get_hub().loop

        def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            ended: list[gevent.Greenlet] = []
            waiting = _allocate_lock()
            waiting.acquire()

            def end(greenlet: gevent.Greenlet) -> None:
                ended.append(greenlet)
                waiting.release()

            def begin() -> None:
                # of the loop's thread, as greenlets are of the one that makes them
                gevent.spawn(function, *args, **kwargs).link(end)

            loop.run_callback_threadsafe(begin)
            waiting.acquire()
            result: Result = ended[0].get(block=False)
            return result

        return call

    @cached_property
    def _thread(self) -> ThreadPool:
        # made in the worker, as threads do not outlive a fork
        sys.setswitchinterval(_SWITCH_SECONDS)
        return ThreadPool(1)
