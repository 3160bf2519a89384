"""How the serving process reads ConfigMaps: from the cluster it runs in, or not at all."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import gevent
from gevent import Greenlet
from gevent.lock import BoundedSemaphore

from webhook.admission.handling import ReadConfigMaps, read_nothing
from webhook.observability.labels import ReadOutcome
from webhook.observability.metrics import WebhookMetrics

if TYPE_CHECKING:
    from webhook.cluster.config_maps import ConfigMapClient

Read = Mapping[str, str] | ReadOutcome
"""A ConfigMap's texts, or why there are none."""

ReadsFor = Callable[[float], AbstractContextManager[ReadConfigMaps]]
"""Opens the reads of one review, which may take so many seconds altogether."""

MOST_BYTES = 4 * 1024 * 1024
"""Characters of text that are kept for one review; a ConfigMap beyond them stays hidden."""

MOST_SECONDS = 1.5
"""How long the reads of one review may take altogether, whatever the request allows."""

# what reviews hold while they wait for reads is more than the container's memory allows hundreds of
_REVIEWS_AT_ONCE = 4


def reads_for(
    environment: Mapping[str, str],
    *,
    metrics: WebhookMetrics,
    service_account: Path | None = None,
    most_seconds: float = MOST_SECONDS,
) -> ReadsFor:
    """Give what opens reads from the cluster that `environment` names; outside one, of nothing."""
    host = environment.get("KUBERNETES_SERVICE_HOST", "")
    if not host:
        return no_reads
    port = int(environment.get("KUBERNETES_SERVICE_PORT", "443"))
    turns = BoundedSemaphore(_REVIEWS_AT_ONCE)
    client = cache(partial(_load_client, host, port, service_account, seconds=most_seconds))

    def read_one(namespace: str, name: str) -> Read:
        return client().read(namespace, name)

    def open_reads(seconds: float) -> "_ReviewReads":
        return _ReviewReads(read_one, turns, seconds=min(seconds, most_seconds), metrics=metrics)

    return open_reads


def no_reads(_seconds: float) -> AbstractContextManager[ReadConfigMaps]:
    """Open the reads of a process that reads no ConfigMap."""
    return nullcontext(read_nothing)


def _load_client(
    host: str, port: int, service_account: Path | None, *, seconds: float
) -> "ConfigMapClient":
    """Load the client with the first read.

    That saves memory where none is asked for, and it has to be in the worker: what is imported
    after gevent's patches lets others run while it waits.
    """
    from webhook.cluster.config_maps import SERVICE_ACCOUNT, ConfigMapClient  # noqa: PLC0415

    mounted = SERVICE_ACCOUNT if service_account is None else service_account
    return ConfigMapClient(host=host, port=port, seconds=seconds, service_account=mounted)


class _ReviewReads:
    """The reads of one review: side by side, within its time, its bytes and its turn."""

    def __init__(
        self,
        read_one: Callable[[str, str], Read],
        turns: BoundedSemaphore,
        *,
        seconds: float,
        metrics: WebhookMetrics,
    ) -> None:
        self._read_one = read_one
        self._turns = turns
        self._end = time.monotonic() + seconds
        self._metrics = metrics
        self._bytes_left = MOST_BYTES
        self._has_turn = False
        self._is_closed = False

    def __enter__(self) -> ReadConfigMaps:
        return self.read

    def __exit__(self, *_error: object) -> None:
        """Read nothing any more: a thread may go on with a review that nobody waits for."""
        self._is_closed = True
        if self._has_turn:
            self._turns.release()

    def read(self, namespace: str, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Read what can be read of them in the time that is left."""
        began = time.monotonic()
        reads = self._read_all(namespace, names) if self._take_turn() else {}
        kept = {name: self._keep(reads.get(name, ReadOutcome.TIMED_OUT)) for name in names}
        outcomes = [ReadOutcome.READ if isinstance(e, Mapping) else e for e in kept.values()]
        self._metrics.read_config_maps(outcomes, seconds=time.monotonic() - began)
        return {name: texts for name, texts in kept.items() if isinstance(texts, Mapping)}

    def _read_all(self, namespace: str, names: Sequence[str]) -> Mapping[str, Read]:
        reads = {name: gevent.spawn(self._read_one, namespace, name) for name in names}
        gevent.joinall(list(reads.values()), timeout=self._seconds_left())
        results = {name: _result(read) for name, read in reads.items()}
        gevent.killall([read for read in reads.values() if not read.ready()], block=False)
        return results

    def _take_turn(self) -> bool:
        """Wait, the first time, until few enough other reviews read; kept until the answer."""
        if not self._has_turn and self._turns.acquire(timeout=self._seconds_left()):
            if self._is_closed:
                self._turns.release()
                return False
            self._has_turn = True
        return self._has_turn and not self._is_closed

    def _seconds_left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def _keep(self, read: Read) -> Read:
        """Take texts out of what the review may hold, where they fit in."""
        if isinstance(read, ReadOutcome):
            return read
        size = sum(map(len, read.values()))
        if size > self._bytes_left:
            return ReadOutcome.TOO_LARGE
        self._bytes_left -= size
        return read


def _result(read: Greenlet) -> Read:
    """Tell what a read has come to; one that has not ended is late, one that raised is a bug."""
    if not read.ready():
        return ReadOutcome.TIMED_OUT
    result: Read = read.value if read.successful() else ReadOutcome.FAILED
    return result
