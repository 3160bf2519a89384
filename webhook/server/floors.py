"""The floors of ceilings, from a mounted ConfigMap: the newest, or none."""

from datetime import datetime
from pathlib import Path

from webhook.domain.policy.floors import NO_FLOORS, Floors
from webhook.floors.record import NOTHING, Record, floors_at
from webhook.floors.text import MAX_BYTES, RecordError, parse_record
from webhook.observability.logs import EventLog

_LOG = EventLog("redis-memory-guard")

_Version = tuple[int, int, int]


class MountedFloors:
    """The floors that count, as of the last look at a file, which may be missing or broken.

    What cannot be read floors nothing: no review depends on it, and no readiness.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._version: _Version | None = None
        self._record: Record = NOTHING
        self.current: Floors = NO_FLOORS

    def look(self, now: datetime) -> None:
        """Read the file where it has changed, and forget what counts no more."""
        if self._path is None:
            return
        version = _version_of(self._path)
        if version != self._version:
            self._version = version
            self._record = _read(self._path)
        self.current = floors_at(self._record, now)


def _version_of(path: Path) -> _Version | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _read(path: Path) -> Record:
    """Read a record and say what became of it; a file that is not there is nothing to tell of."""
    try:
        with path.open("rb") as file:
            record = parse_record(file.read(MAX_BYTES + 1))
    except FileNotFoundError:
        return NOTHING
    except OSError as error:
        _LOG.warning("floors not usable", problem=f"{path}: {error.strerror}")
        return NOTHING
    except RecordError as error:
        _LOG.warning("floors not usable", problem=f"{path}: {error}")
        return NOTHING
    _LOG.info("floors loaded", servers=len(record))
    return record
