"""Reviews: their bytes in, the answer out, and what is told of them afterwards."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from webhook.admission.handling import Admitted
from webhook.observability.decisions import log_decisions
from webhook.observability.logs import EventLog
from webhook.observability.metrics import WebhookMetrics
from webhook.server.http.body import BodyReader, Stream
from webhook.server.http.request_timeout import parse_timeout

Webhook = Callable[[bytes, float], Admitted]
"""Answers a review's body, given the seconds that its reads may take altogether."""

_LOG = EventLog("redis-memory-guard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a review; `tell` logs and counts it once it is sent: no Pod waits for that."""

    body: bytes
    tell: Callable[[], None]


class Reviews:
    """The webhooks by their paths, such as `/mutate`."""

    def __init__(self, webhooks: Mapping[str, Webhook], *, metrics: WebhookMetrics) -> None:
        self.webhooks = webhooks
        self.metrics = metrics
        self._bodies = BodyReader(evicted=metrics.evicted)

    @contextmanager
    def read(self, path: str, stream: Stream, length: int) -> Iterator[bytes]:
        """Read a review's body, which counts as in flight until the context ends.

        Raises ClientDisconnected when it ends early.
        """
        with self.metrics.in_flight(name_of(path)), self._bodies.read(stream, length) as body:
            yield body

    def answer(self, path: str, body: bytes, *, timeout: str) -> Answer:
        """Answer a review; `timeout` is how long its sender waits, as its query says.

        Raises MalformedReviewError, and whatever a bug raises.
        """
        # the other half is for waiting, evaluating and the way back
        seconds_to_read = parse_timeout(timeout) / 2
        started = perf_counter()
        admitted = self.webhooks[path](body, seconds_to_read)
        seconds = perf_counter() - started
        return Answer(
            body=admitted.answer, tell=lambda: self._tell(name_of(path), admitted, seconds)
        )

    def _tell(self, name: str, admitted: Admitted, seconds: float) -> None:
        try:
            self.metrics.admitted(name, admitted, seconds=seconds)
            log_decisions(name, admitted, seconds=seconds)
        except Exception:  # noqa: BLE001 - no error handler stands behind a sent answer
            report_bug(name, metrics=self.metrics)


def name_of(path: str) -> str:
    """Name the webhook at a path, as logs and metrics do."""
    return path.strip("/")


def report_bug(name: str, *, metrics: WebhookMetrics) -> None:
    """Log and count the bug that is being handled."""
    metrics.internal_error(name)
    _LOG.exception("internal error", webhook=name)
