"""A memory cgroup of this machine, of version 1 or 2, that a measured process runs in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Self

from tests.harness.cgroups import create_cgroups, remove_cgroups

_VERSION_2 = Path("/sys/fs/cgroup")
_VERSION_1 = _VERSION_2 / "memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryCgroup:
    """A limit on memory, and the most that was used of it."""

    path: Path

    @classmethod
    @contextmanager
    def limited(cls, limit: int) -> Iterator[Self]:
        """Make one of so many bytes, which goes with the context; takes root."""
        name = f"benchmark-{token_hex(4)}"
        create_cgroups(name)
        try:
            cgroup = cls(path=(_VERSION_1 if _VERSION_1.is_dir() else _VERSION_2) / name)
            cgroup._file("memory.limit_in_bytes", "memory.max").write_text(str(limit))
            yield cgroup
        finally:
            remove_cgroups(name)

    def command(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """Give a command that runs another one in here."""
        return ("sh", "-c", 'echo $$ >"$0"; exec "$@"', str(self.path / "cgroup.procs"), *command)

    def peak_bytes(self) -> int:
        """Give the most that was used at once."""
        return int(self._file("memory.max_usage_in_bytes", "memory.peak").read_text())

    def _file(self, version_1: str, version_2: str) -> Path:
        return self.path / (version_1 if _VERSION_1.is_dir() else version_2)
