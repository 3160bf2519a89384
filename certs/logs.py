"""Log lines as JSON objects, one a line, in the shape of the webhook's own."""

import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict


def configure_logs(*, stream: TextIO | None = None) -> None:
    """Send all log lines to `stream` (standard output).

    A traceback is its plain text: the structured form would show local variables, and there are
    private keys among them.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            _in_order,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout if stream is None else stream),
        cache_logger_on_first_use=False,
    )


def _in_order(_logger: object, _method: str, event: EventDict) -> EventDict:
    first = {"time": event.pop("time"), "level": event.pop("level")}
    return {**first, "logger": "redis-memory-guard-certs", "event": event.pop("event"), **event}
