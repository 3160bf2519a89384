"""Log lines as JSON objects in printable ASCII: no name that a tenant chose can forge a line.

Built on the standard `logging`, so that gunicorn's lines and those of libraries take the same
shape. The certificate process logs through it, too; it imports nothing of ours.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

LevelName = Literal["debug", "info", "warning", "error"]
LEVELS: Final[dict[LevelName, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}

Field = str | int | float | bool | None

_LONGEST_VALUE = 512
_LONGEST_TRACEBACK = 8192
_FIELDS = "fields"
_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


class EventLog:
    """Named events with fields, on a standard logger.

    The name of an event is fixed text; whatever varies is a field.
    """

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **fields: Field) -> None:
        """Log what only helps whoever looks into one connection."""
        self._logger.debug(event, extra={_FIELDS: fields})

    def info(self, event: str, **fields: Field) -> None:
        """Log what an operator may want to know later."""
        self._logger.info(event, extra={_FIELDS: fields})

    def warning(self, event: str, **fields: Field) -> None:
        """Log what an operator should look at."""
        self._logger.warning(event, extra={_FIELDS: fields})

    def exception(self, event: str, **fields: Field) -> None:
        """Log a bug with the traceback of the exception being handled."""
        self._logger.error(event, exc_info=True, extra={_FIELDS: fields})  # noqa: LOG014 - by contract


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object: time (UTC), level, logger, event, then its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record; long values are cut, control characters and non-ASCII escaped."""
        line: dict[str, Field] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _cut(record.getMessage()),
        }
        for name, value in getattr(record, _FIELDS, {}).items():
            line.setdefault(name, _cut(value) if isinstance(value, str) else value)
        if record.exc_info:
            # the end of a traceback names the error, so its beginning is what is cut
            line["exception"] = self.formatException(record.exc_info)[-_LONGEST_TRACEBACK:]
        return _ENCODER.encode(line)


def configure_logs(level: LevelName, *, stream: TextIO | None = None) -> None:
    """Send every logger of the process to `stream` (standard output) as JSON lines.

    A write waits for whoever reads the stream: a container runtime always does. Calling it again
    replaces what an earlier call set up.
    """
    handler = logging.StreamHandler(sys.stdout if stream is None else stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=LEVELS[level], handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # no line says where in the code it was logged, or by which thread
    logging._srcfile = None  # noqa: SLF001 - as logging's HOWTO has it, under Optimization
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def _cut(value: str) -> str:
    if len(value) <= _LONGEST_VALUE:
        return value
    return f"{value[:_LONGEST_VALUE]}… ({len(value)} characters)"
