"""What a running server says of itself, out of the answer of the script that asks it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Silence(StrEnum):
    """Why a running server told nothing. None of these is an error of the audit."""

    NOT_RUNNING = "not running"
    EXEC_FORBIDDEN = "exec forbidden"
    NO_SHELL = "no shell"
    NO_CLIENT = "no client"
    NOAUTH = "NOAUTH"
    NOPERM = "NOPERM"
    TLS_ONLY = "TLS only"
    NO_ANSWER = "no answer"
    TIMEOUT = "timeout"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveServer:
    """A server by its own INFO; sizes in bytes.

    `run_id` is another one after each start. `saves` is the text of its save points, None where
    CONFIG is renamed or not allowed. `settings` tells what became of each directive that was set:
    empty for done, else the server's words.
    """

    version: str
    run_id: str
    role: str
    maxmemory: int
    eviction_policy: str
    used: int
    peak: int
    resident: int
    evicted: int
    keys: int
    expiring: int
    appends: bool
    saves: str | None
    uptime: int
    settings: Mapping[str, str]

    @property
    def is_replica(self) -> bool:
        """Tell whether it follows a master, and so does not evict by itself."""
        return self.role in ("slave", "replica")

    @property
    def persists(self) -> bool:
        """Tell whether it writes its data; True where that cannot be told."""
        return self.appends or self.saves is None or self.saves != ""


_MARK = "@redis-memory-guard "
_REFUSALS = {
    "NOAUTH": Silence.NOAUTH,
    "WRONGPASS": Silence.NOAUTH,
    "NOPERM": Silence.NOPERM,
}
_SILENCES = {
    "no-client": Silence.NO_CLIENT,
    "tls-only": Silence.TLS_ONLY,
    "no-answer": Silence.NO_ANSWER,
}


def parse_answer(text: str) -> LiveServer | Silence:
    """Read what the script printed; UNREADABLE for what is no answer of it."""
    sections = dict(_sections(text))
    for word, silence in _SILENCES.items():
        if word in sections:
            return silence
    info = sections.get("info", "")
    first = info.removeprefix("(error) ").partition(" ")[0]
    if first in _REFUSALS:
        return _REFUSALS[first]
    try:
        return _server(_fields(info), sections)
    except (KeyError, ValueError):
        return Silence.UNREADABLE


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Split at the marks; a section's name is the rest of its mark's line."""
    name = ""
    lines: list[str] = []
    for line in text.replace("\r", "").split("\n"):
        if line.startswith(_MARK):
            yield name, "\n".join(lines).strip("\n")
            name, lines = line.removeprefix(_MARK), []
        else:
            lines.append(line)


def _fields(info: str) -> Mapping[str, str]:
    pairs = (line.split(":", 1) for line in info.split("\n") if not line.startswith("#"))
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _server(fields: Mapping[str, str], sections: Mapping[str, str]) -> LiveServer:
    keyspace = [_keyspace(text) for name, text in fields.items() if name.startswith("db")]
    return LiveServer(
        version=fields.get("valkey_version") or fields["redis_version"],
        run_id=fields.get("run_id", ""),
        role=fields.get("role", ""),
        maxmemory=int(fields["maxmemory"]),
        eviction_policy=fields["maxmemory_policy"],
        used=int(fields["used_memory"]),
        peak=int(fields["used_memory_peak"]),
        resident=int(fields["used_memory_rss"]),
        evicted=int(fields.get("evicted_keys", 0)),
        keys=sum(keys for keys, _ in keyspace),
        expiring=sum(expiring for _, expiring in keyspace),
        appends=fields.get("aof_enabled") == "1",
        saves=_saves(sections.get("save", "")),
        uptime=int(fields.get("uptime_in_seconds", 0)),
        settings={
            name.removeprefix("set "): "" if said == "OK" else said or "no answer"
            for name, said in sections.items()
            if name.startswith("set ")
        },
    )


def _keyspace(text: str) -> tuple[int, int]:
    parts = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    return int(parts.get("keys", 0)), int(parts.get("expires", 0))


def _saves(answer: str) -> str | None:
    """Read the answer to CONFIG GET save: its name, and its value on the next line."""
    name, _, value = answer.partition("\n")
    return value.strip() if name == "save" else None
