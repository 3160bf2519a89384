"""The loop: attempt, tell, wait; until somebody asks it to stop."""

import queue
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType

from certs.actions import AwaitPropagation, Hold, Keep
from certs.health import Health
from certs.metrics import Metrics
from certs.objects import ClusterError, UnreachableError
from certs.reconcile import Reconciler, Step
from certs.state import ErrorCode
from webhook.observability.logs import EventLog

# Whoever won is done by then; without a pause two processes could race on.
_PAUSE = timedelta(seconds=1)
# A proxy's or an attacker's `Retry-After` of a year must not end all renewal.
_LONGEST_RETRY_AFTER = timedelta(minutes=1)


class Process:
    """Keeps one release's certificates in order, and tells what it does and why."""

    def __init__(
        self, reconciler: Reconciler, *, interval: timedelta, metrics: Metrics, health: Health
    ) -> None:
        self._reconciler = reconciler
        self._interval = interval
        self._metrics = metrics
        self._health = health
        self._log = EventLog("redis-memory-guard-certs")
        self._waiting = ""
        self._conflicts = 0

    def run(self, wait: Callable[[timedelta], bool]) -> None:
        """Attempt, and wait, for as long as `wait` returns true."""
        while wait(self.attempt()):
            pass

    def attempt(self) -> timedelta:
        """Converge once; return the pause before the next attempt. Nothing is raised."""
        pause = self._interval
        try:
            for step in self._reconciler.converge():
                pause = self._tell(step)
        except ClusterError as error:
            self._log.warning("attempt-failed", error=error.code, reason=str(error))
            self._waiting = ""
            pause = self._fail(error.code)
            if isinstance(error, UnreachableError):
                pause = max(pause, min(error.retry_after, _LONGEST_RETRY_AFTER))
        except Exception:  # noqa: BLE001 - the top: a bug must not end all renewal
            self._log.exception("bug")
            self._waiting = ""
            pause = self._fail(ErrorCode.BUG)
        return pause

    def _tell(self, step: Step) -> timedelta:
        """Log and count one step; return how long to wait after it."""
        self._metrics.saw(step.state)
        action = step.action
        match action:
            case AwaitPropagation(until=until) | Keep(until=until):
                said = until.isoformat(timespec="seconds")
                if self._is_news(f"{action.code} {said}"):
                    self._log.info(action.code, reason=action.reason, until=said)
                return self._succeed(step.now, until)
            case Hold(error=error, reason=reason):
                if self._is_news(f"{action.code} {reason}"):
                    self._log.warning(action.code, error=error, reason=reason)
                return self._fail(error)
            case _:
                self._metrics.wrote(action)
                self._log.info(action.code, reason=action.reason)
                return timedelta()

    def _is_news(self, said: str) -> bool:
        # Looked at every few seconds, said once.
        before, self._waiting = self._waiting, said
        return before != said

    def _succeed(self, now: datetime, until: datetime) -> timedelta:
        self._conflicts = 0
        self._health.ended(in_order=True)
        self._metrics.succeeded(now)
        return min(self._interval, max(_PAUSE, until - now))

    def _fail(self, error: ErrorCode) -> timedelta:
        """Note an attempt that did not end in order; return the pause after it."""
        self._health.ended(in_order=False)
        self._metrics.failed(error)
        if error is not ErrorCode.CONFLICT:
            self._conflicts = 0
            return self._interval
        # Soon after one, later after many: somebody writes all the time.
        self._conflicts += 1
        doubled: int = 2 ** min(self._conflicts - 1, 10)
        return min(self._interval, _PAUSE * doubled)


class StopSignals:
    """SIGTERM and SIGINT as something to wait for, so that no write is cut in two.

    A SimpleQueue, because its `put` may be called from a signal handler while `get` waits; an
    Event may deadlock there.
    """

    def __init__(self) -> None:
        self._received: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._receive)

    def wait(self, pause: timedelta) -> bool:
        """Wait for `pause`, or less; tell whether to go on."""
        try:
            self._received.get(timeout=pause.total_seconds())
        except queue.Empty:
            return True
        return False

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        self._received.put(number)
