"""Which servers a shell text starts, and which other ways it may take to one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from posixpath import basename

from webhook.domain.environment import Environment
from webhook.domain.expansion import UNKNOWN
from webhook.domain.families import (
    SENTINEL_PROGRAMS,
    SERVER_PROGRAMS,
    is_entrypoint,
    is_forwarded,
)
from webhook.domain.interpreter import ShellScript, ShellText, read_interpreter
from webhook.domain.shell import SimpleCommand, Unscannable, Word, scan
from webhook.domain.wrappers import program_index


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCommand:
    """A server started by its program; further words can be inserted at `offset`.

    `takes_parameters` tells that its last word is `"$@"`, which is then not among `words`.
    """

    program: str
    words: tuple[str, ...]
    offset: int
    background: bool
    takes_parameters: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelCommand:
    """A Sentinel started by its program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positional:
    """The text ends in running its own positional parameters: `exec "$@"`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptCommand:
    """A program or script run by its path, with the words behind it."""

    path: str
    words: tuple[str, ...]
    shell: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOfDirectory:
    """The text changes the directory that a server would start in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedShell:
    """A shell text within the text that names a server."""


ShellStart = (
    ServerCommand | SentinelCommand | Positional | ScriptCommand | ChangeOfDirectory | NestedShell
)

LONGEST_TEXT = 32_768
"""Characters of a shell text that is read: about 50 ms of work, and no server needs a tenth."""

_DIRECTORY_CHANGES = frozenset({"cd", "pushd", "chroot"})
_ALL_PARAMETERS = frozenset({'"$@"', "$@", '"${@}"', "${@}"})
_VARIABLE = re.compile(r'^("?)\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))\1$')
_ARRAY = re.compile(r'^"?\$\{([A-Za-z_]\w*)\[[@*]\]\}"?$')
_ARRAY_ASSIGNMENT = re.compile(r"^([A-Za-z_]\w*)\+?=\((.*)\)$", re.DOTALL)
_OPTION = re.compile(r"""^["']?(--[A-Za-z-]+)(?=["'\s]|$)""")
_NAMED = re.compile(r"(?:redis|valkey|keydb)-server\b")
# Each repetition is bounded: a text of a megabyte must not take quadratic time.
_AT_COMMAND = re.compile(
    r"(?:^|[;&|(\n]|\b(?:exec|then|do|else|nohup|(?:gosu|su-exec)\s{1,8}\S{1,64})\s)\s{0,64}"
    r"(?:[^\s;&|]{0,128}/)?(?:redis|valkey|keydb)-server(?![\w.:-])"
)


def names_server_command(text: str) -> bool:
    """Tell whether a text that cannot be scanned seems to start a server as a command."""
    return _AT_COMMAND.search(text) is not None


def find_starts(text: str, environment: Environment) -> tuple[ShellStart, ...]:
    """List what a shell text starts, in order; raises Unscannable where it cannot be read."""
    if len(text) > LONGEST_TEXT:
        raise Unscannable(f"more than {LONGEST_TEXT} characters")
    commands = scan(text)
    reader = _WordReader(commands, environment)
    return tuple(start for command in commands if (start := _start(command, reader)) is not None)


class _WordReader:
    """Gives the words of a command as far as the text and the environment tell them."""

    def __init__(self, commands: Sequence[SimpleCommand], environment: Environment) -> None:
        self._environment = environment
        self._arrays: dict[str, list[str]] = {}
        self._assigned: set[str] = set()
        for word in (word for command in commands for word in command.assignments):
            self._assigned.add(word.raw.partition("=")[0].rstrip("+"))
            if (array := _ARRAY_ASSIGNMENT.match(word.raw)) is not None:
                elements = [part for each in _array_commands(array[2]) for part in self.words(each)]
                self._arrays.setdefault(array[1], []).extend(elements)

    def words(self, words: Iterable[Word]) -> tuple[str, ...]:
        return tuple(text for word in words for text in self._word(word))

    def _word(self, word: Word) -> Sequence[str]:
        if word.value is not None:
            return (word.value,)
        if (array := _ARRAY.match(word.raw)) is not None:
            return self._arrays.get(array[1], [UNKNOWN])
        if (variable := _VARIABLE.match(word.raw)) is not None:
            return self._variable(variable[2] or variable[3], quoted=bool(variable[1]))
        if (option := _OPTION.match(word.raw)) is not None:
            return (f"{option[1]} {UNKNOWN}",)
        return (UNKNOWN,)

    def _variable(self, name: str, *, quoted: bool) -> Sequence[str]:
        value = None if name in self._assigned else self._environment.get(name)
        if value is None or UNKNOWN in value:
            return (UNKNOWN,)
        return (value,) if quoted else value.split()


def _array_commands(inner: str) -> Iterable[tuple[Word, ...]]:
    return (command.words for command in scan(inner.replace("\n", " ")))


def _start(command: SimpleCommand, reader: _WordReader) -> ShellStart | None:
    words = command.words
    index = program_index([word.value for word in words])
    if index is not None and is_entrypoint(words[index].value or ""):
        words = words[index + 1 :]
        if words and is_forwarded(words[0].value or ""):
            return _server("redis-server", words, command, reader)
        index = program_index([word.value for word in words])
    if index is None:
        return _behind_unknown(words)
    program = basename(words[index].value or "")
    if program in SERVER_PROGRAMS:
        return _server(program, words[index + 1 :], command, reader)
    if program in SENTINEL_PROGRAMS:
        return SentinelCommand()
    if program in _DIRECTORY_CHANGES:
        return ChangeOfDirectory()
    return _script(words[index:], reader)


def _server(
    program: str, words: Sequence[Word], command: SimpleCommand, reader: _WordReader
) -> ServerCommand:
    takes_parameters = bool(words) and words[-1].raw in _ALL_PARAMETERS
    return ServerCommand(
        program=program,
        words=reader.words(words[:-1] if takes_parameters else words),
        offset=command.end,
        background=command.background,
        takes_parameters=takes_parameters,
    )


def _behind_unknown(words: Sequence[Word]) -> ShellStart | None:
    if words and words[-1].raw in _ALL_PARAMETERS:
        return Positional()
    if any(basename(word.value or "") in SERVER_PROGRAMS for word in words):
        return NestedShell()
    return None


def _script(words: Sequence[Word], reader: _WordReader) -> ShellStart | None:
    match read_interpreter([word.value for word in words]):
        case ShellText(index=index):
            named = _NAMED.search(words[index].raw) is not None
            return NestedShell() if named else None
        case ShellScript(index=index):
            shell = basename(words[0].value or "")
        case None:
            index, shell = 0, ""
    path = words[index].value or ""
    return ScriptCommand(path=path, words=reader.words(words[index + 1 :]), shell=shell)
