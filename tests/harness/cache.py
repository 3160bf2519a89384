"""What is made once and kept between runs: below `.cache/cluster`, which git ignores."""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = REPOSITORY / ".cache" / "cluster"


def digest(*sources: Path | str) -> str:
    """Twelve hex digits over texts and files (a directory stands for all files below it)."""
    content = hashlib.sha256()
    for source in sources:
        if isinstance(source, str):
            content.update(source.encode() + b"\0")
            continue
        for file in sorted(source.rglob("*")) if source.is_dir() else (source,):
            if file.is_file():
                content.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return content.hexdigest()[:12]


def made_once(target: Path, make: Callable[[Path], None]) -> Path:
    """Return the directory `target`, after filling it with `make(directory)` if it is not there.

    It appears whole or not at all, and two callers at a time do the work once.
    """
    if target.exists():
        return target
    with alone_with(target):
        if target.exists():
            return target
        unfinished = target.with_name(f"{target.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        make(unfinished)
        unfinished.rename(target)
    return target


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Wait until no other process is inside for this `path`: the lock goes with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
