"""Whether the process is live and ready, as the kubelet asks."""

import time
from collections.abc import Callable
from datetime import timedelta


class Health:
    """Live while attempts keep ending; ready while the last one found everything in order."""

    def __init__(
        self, *, patience: timedelta, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Take attempts for stuck when none has ended for `patience`."""
        self._patience = patience.total_seconds()
        self._monotonic = monotonic
        self._last_end = monotonic()
        self._in_order = False

    def ended(self, *, in_order: bool) -> None:
        """Note that an attempt ended, and how."""
        self._last_end = self._monotonic()
        self._in_order = in_order

    @property
    def is_live(self) -> bool:
        """An API server that cannot be reached is no reason to be restarted; a stuck loop is."""
        return self._monotonic() - self._last_end <= self._patience

    @property
    def is_ready(self) -> bool:
        """A valid certificate is issued and every caBundle that exists is ours."""
        return self._in_order and self.is_live
