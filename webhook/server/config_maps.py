"""How the serving process reads ConfigMaps: from the cluster it runs in, or not at all."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import gevent
from gevent.lock import BoundedSemaphore

from webhook.admission.handling import ReadConfigMaps, read_nothing

if TYPE_CHECKING:
    from webhook.cluster.config_maps import ConfigMapClient

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
    service_account: Path | None = None,
    most_seconds: float = MOST_SECONDS,
) -> ReadsFor:
    """Give what opens reads from the cluster that `environment` names; outside one, of nothing.

    The client is loaded with the first read. That saves memory where none is asked for, and it has
    to be in the worker: what is imported after gevent's patches lets others run while it waits.
    """
    host = environment.get("KUBERNETES_SERVICE_HOST", "")
    if not host:
        return no_reads
    port = int(environment.get("KUBERNETES_SERVICE_PORT", "443"))
    turns = BoundedSemaphore(_REVIEWS_AT_ONCE)

    @cache
    def client() -> "ConfigMapClient":
        from webhook.cluster.config_maps import (  # noqa: PLC0415 - see above
            SERVICE_ACCOUNT,
            ConfigMapClient,
        )

        mounted = SERVICE_ACCOUNT if service_account is None else service_account
        return ConfigMapClient(host=host, port=port, seconds=most_seconds, service_account=mounted)

    def read_one(namespace: str, name: str) -> Mapping[str, str] | None:
        return client().read(namespace, name)

    @contextmanager
    def open_reads(seconds: float) -> Iterator[ReadConfigMaps]:
        with ExitStack() as held:
            yield _ReviewReads(read_one, turns, held, seconds=min(seconds, most_seconds)).read

    return open_reads


@contextmanager
def no_reads(_seconds: float) -> Iterator[ReadConfigMaps]:
    """Open the reads of a process that reads no ConfigMap."""
    yield read_nothing


class _ReviewReads:
    """The reads of one review: side by side, within its time, its bytes and its turn."""

    def __init__(
        self,
        read_one: Callable[[str, str], Mapping[str, str] | None],
        turns: BoundedSemaphore,
        held: ExitStack,
        *,
        seconds: float,
    ) -> None:
        self._read_one = read_one
        self._turns = turns
        self._held = held
        self._end = time.monotonic() + seconds
        self._bytes_left = MOST_BYTES
        self._has_turn = False

    def read(self, namespace: str, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Read what can be read of them in the time that is left."""
        if not self._take_turn():
            return {}
        reads = {name: gevent.spawn(self._read_one, namespace, name) for name in names}
        gevent.joinall(list(reads.values()), timeout=self._seconds_left())
        gevent.killall([read for read in reads.values() if not read.ready()], block=False)
        return {
            name: read.value
            for name, read in reads.items()
            if read.successful() and self._has_room(read.value)
        }

    def _take_turn(self) -> bool:
        """Wait, the first time, until few enough other reviews read; kept until the answer."""
        if not self._has_turn and self._turns.acquire(timeout=self._seconds_left()):
            self._held.callback(self._turns.release)
            self._has_turn = True
        return self._has_turn

    def _seconds_left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def _has_room(self, texts: Mapping[str, str] | None) -> bool:
        if texts is None:
            return False
        size = sum(map(len, texts.values()))
        if size > self._bytes_left:
            return False
        self._bytes_left -= size
        return True
