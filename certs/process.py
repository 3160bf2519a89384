"""The loop: attempt, tell, wait; until somebody asks it to stop."""

import queue
import signal
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

from certs.actions import AwaitPropagation, Keep
from certs.health import Health
from certs.metrics import Metrics
from certs.objects import ClusterError, ConflictError, ErrorCode
from certs.reconcile import Reconciler, Step
from webhook.observability.logs import EventLog

# Whoever won is done by then; without a pause two processes could race on.
_PAUSE = timedelta(seconds=1)


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
            pause = _PAUSE if isinstance(error, ConflictError) else self._interval
            self._fail(error.code, str(error))
        except Exception:  # noqa: BLE001 - the top: a bug must not end all renewal
            self._log.exception("bug")
            self._fail(ErrorCode.BUG, "please report it, with the traceback before this line")
        else:
            self._health.ended(in_order=True)
        return pause

    def _tell(self, step: Step) -> timedelta:
        """Log and count one step; return how long to wait after it."""
        self._metrics.saw(step.state)
        action = step.action
        event = action.code
        if not isinstance(action, AwaitPropagation | Keep):
            self._metrics.wrote(action)
            self._log.info(event, reason=action.reason)
            return timedelta()
        self._metrics.succeeded(step.now)
        until = action.until.isoformat(timespec="seconds")
        # Looked at every few seconds, said once.
        if self._waiting != (said := f"{event} {until}"):
            self._waiting = said
            self._log.info(event, reason=action.reason, until=until)
        return min(self._interval, max(_PAUSE, action.until - step.now))

    def _fail(self, error: ErrorCode, reason: str) -> None:
        self._waiting = ""
        self._health.ended(in_order=False)
        self._metrics.failed(error)
        self._log.warning("attempt-failed", error=error, reason=reason)


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
