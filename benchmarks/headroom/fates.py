"""What becomes of a server under its load."""

from enum import StrEnum


class Fate(StrEnum):
    """What became of a server; one that stalled lives at its limit, and answers nobody."""

    SURVIVED = "survived"
    OOM_KILLED = "OOM-killed"
    STALLED = "stalled"
    FORK_FAILED = "fork failed"
    ENDED = "ended"
    NOT_FILLED = "not filled"
