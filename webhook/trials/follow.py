"""Following Pods until their loaders are through."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webhook.cluster.connection import ClusterError
from webhook.cluster.trial_namespace import TrialNamespace
from webhook.trials.history import History, with_log, with_status
from webhook.trials.pods import LOADER

_LOOK_SECONDS = 1.0
_LINES = 200
_START_SECONDS = 300.0
_LATE_SECONDS = 120.0
_PATIENCE = 30
_HOPELESS = ("ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError")


class TrialError(RuntimeError):
    """A trial did not come about; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What is followed: Pods by name with their memory limits, for so many seconds of load.

    `until_killed` ends with a Pod's first kill what is of no interest behind it.
    """

    namespace: TrialNamespace
    limits: Mapping[str, int]
    seconds: int
    until_killed: bool = False

    def is_over(self, history: History) -> bool:
        """Tell whether there is no more to see."""
        return history.end is not None or (self.until_killed and bool(history.oom_kills))


def follow(
    following: Following, show: Callable[[Mapping[str, History]], None]
) -> Mapping[str, History]:
    """Look every second, show, and give the histories when all are over.

    A request that fails is made again, up to 30 seconds long. Raises TrialError when a Pod does not
    start, or a loader does not end in time; ClusterError when the cluster stays away.
    """
    histories = {name: History(limit=limit) for name, limit in following.limits.items()}
    started = time.monotonic()
    failures = 0
    while not all(map(following.is_over, histories.values())):
        time.sleep(_LOOK_SECONDS)
        try:
            histories = {name: _look(following, name, each) for name, each in histories.items()}
            failures = 0
        except ClusterError:
            failures += 1
            if failures > _PATIENCE:
                raise
        show(histories)
        _check_progress(histories, following.seconds, time.monotonic() - started)
    return histories


def _look(following: Following, name: str, history: History) -> History:
    namespace = following.namespace
    history = with_status(history, namespace.read(name))
    return with_log(history, namespace.log(name, LOADER, lines=_LINES))


def _check_progress(histories: Mapping[str, History], seconds: int, elapsed: float) -> None:
    for name, history in histories.items():
        is_hopeless = any(reason in history.waiting for reason in _HOPELESS)
        if history.node is None and (is_hopeless or elapsed > _START_SECONDS):
            raise TrialError(
                f"the Pod {name} does not start: {history.waiting or 'no reason told'}"
            )
        if elapsed > _START_SECONDS + seconds + _LATE_SECONDS:
            raise TrialError(f"the loader of the Pod {name} does not end")
