"""The texts that a command was asked to look at: files, directories, standard input."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = (".yaml", ".yml", ".json")
STANDARD_INPUT = "-"
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One text: `name` as the user gave it, `path` None for standard input.

    A byte order mark is not part of `text`.
    """

    name: str
    path: Path | None
    text: str
    has_mark: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InputProblem:
    """Bad input: the file, the document (from 0), the line (from 1), and what is wrong."""

    source: str
    document: int | None = None
    line: int | None = None
    problem: str

    def __str__(self) -> str:
        """Give `deploy.yaml: document 0, line 7: what is wrong`."""
        number = None if self.document is None else f"document {self.document}"
        line = None if self.line is None else f"line {self.line}"
        place = ", ".join(part for part in (number, line) if part)
        return ": ".join(part for part in (self.source, place, self.problem) if part)


def read_sources(names: Sequence[str]) -> Iterator[Source | InputProblem]:
    """Read every text once, in the order given; a directory's files recursively, sorted by path.

    Of a directory the files with one of SUFFIXES are read, hidden directories are left out.
    """
    seen: set[Path] = set()
    for name in names:
        if name == STANDARD_INPUT:
            yield _read_standard_input()
        elif Path(name).is_dir():
            yield from _read_directory(name, seen)
        else:
            yield from _read_file(name, seen)


def _read_standard_input() -> Source | InputProblem:
    """Read it whole; an empty one is what a pipe gives whose writer has failed."""
    content = sys.stdin.buffer.read()
    if not content.strip():
        return InputProblem(source=STANDARD_INPUT, problem="is empty")
    return _decode(STANDARD_INPUT, None, content)


def _read_directory(name: str, seen: set[Path]) -> Iterator[Source | InputProblem]:
    files = []
    for directory, inner, entries in os.walk(name):
        inner[:] = [entry for entry in inner if not entry.startswith(".")]
        files += [str(Path(directory, entry)) for entry in entries if entry.endswith(SUFFIXES)]
    if not files:
        yield InputProblem(source=name, problem=f"holds no file named *{', *'.join(SUFFIXES)}")
    for file in sorted(files):
        yield from _read_file(file, seen)


def _read_file(name: str, seen: set[Path]) -> Iterator[Source | InputProblem]:
    path = Path(name)
    if path.resolve() in seen:
        return
    seen.add(path.resolve())
    try:
        content = path.read_bytes()
    except OSError as error:
        yield InputProblem(source=name, problem=f"cannot be read: {error.strerror}")
        return
    yield _decode(name, path, content)


def _decode(name: str, path: Path | None, content: bytes) -> Source | InputProblem:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return InputProblem(source=name, line=line, problem="is not UTF-8")
    bare = text.removeprefix(BYTE_ORDER_MARK)
    return Source(name=name, path=path, text=bare, has_mark=bare != text)
