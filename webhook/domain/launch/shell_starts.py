"""Which servers a shell text starts, and which other ways it may take to one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from posixpath import basename

from webhook.domain.images.catalog import (
    SENTINEL_PROGRAMS,
    SERVER_PROGRAMS,
    is_entrypoint,
    is_forwarded,
)
from webhook.domain.kubernetes.environment import Environment
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.launch.shell_words import ALL_PARAMETERS, ZERO, WordReader, spend_on_text
from webhook.domain.redis.command_line import is_sentinel, special_of
from webhook.domain.shell import SimpleCommand, Unscannable, Word, scan
from webhook.domain.shell.exec_wrappers import may_change_directory, program_index
from webhook.domain.shell.interpreter import ShellCommandText, ShellScript, read_interpreter


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCommand:
    """A server started by its program; further words can be inserted at `offset`.

    `takes_parameters` tells that its last word is `"$@"`, `may_change_directory` that a program in
    front of it may start it elsewhere, `is_alone` that the text runs nothing else.
    """

    program: str
    words: tuple[str, ...]
    offset: int
    background: bool
    takes_parameters: bool
    may_change_directory: bool = False
    is_alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelCommand:
    """A Sentinel started by its program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positional:
    """The text runs its own positional parameters: `exec "$@"`, or `exec "$0" "$@"` with `$0`."""

    with_zero: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepends:
    """The text puts a server before its positional parameters: `set -- redis-server "$@"`."""


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
class UneditableStart:
    """A command that names a server where no option can be put.

    `is_certain` is False where the name may be a host's, behind words that are not known.
    """

    is_certain: bool


ShellStart = (
    ServerCommand
    | SentinelCommand
    | Positional
    | Prepends
    | ScriptCommand
    | ChangeOfDirectory
    | UneditableStart
)

LONGEST_TEXT = 16_384
"""Characters of a shell text that is read: about 50 ms of work, and no server needs a tenth."""

_DIRECTORY_CHANGES = frozenset({"cd", "pushd", "chroot"})
_SUBSTITUTION = re.compile(r"`|[$<>]\(")
_PARAMETERS = "\ue001"
"""Stands for the positional parameters where the program of a command is looked for."""

# Each repetition is bounded: a text of a megabyte must not take quadratic time.
_AT_COMMAND = re.compile(
    r"(?:^|[;&|(\n]|\b(?:exec|then|do|else|nohup|(?:gosu|su-exec)\s{1,8}\S{1,64})\s)\s{0,64}"
    r"(?:[^\s;&|]{0,128}/)?(?:redis|valkey|keydb)-server(?![\w.:-])"
)


def names_server_command(text: str) -> bool:
    """Tell whether a text that cannot be scanned seems to start a server as a command."""
    return _AT_COMMAND.search(text) is not None


def find_starts(
    text: str, environment: Environment, parameters: Sequence[str]
) -> tuple[ShellStart, ...]:
    """List what a shell text starts, in order; `parameters` are its `$1`, `$2` and so on.

    Raises Unscannable where it cannot be read, DirectiveError where the server could not start,
    TooComplexError.
    """
    if len(text) > LONGEST_TEXT:
        raise Unscannable(f"more than {LONGEST_TEXT} characters")
    spend_on_text(text, environment.budget)
    commands = scan(text)
    reader = WordReader(commands, environment, parameters)
    starts = tuple(start for command in commands if (start := _start(command, reader)) is not None)
    match starts:
        case (ServerCommand() as server,) if _runs_nothing_else(commands):
            return (replace(server, is_alone=True),)
        case _:
            return starts


def _runs_nothing_else(commands: Sequence[SimpleCommand]) -> bool:
    """Tell whether all but the last command only assign, and no word runs a command itself."""
    return not any(command.words for command in commands[:-1]) and not any(
        _SUBSTITUTION.search(word.raw)
        for command in commands
        for word in (*command.words, *command.assignments)
    )


def _start(command: SimpleCommand, reader: WordReader) -> ShellStart | None:
    words = command.words
    index = _program_index(words)
    if index is not None and is_entrypoint(words[index].value or ""):
        words = words[index + 1 :]
        if words and is_forwarded(words[0].value or ""):
            return _server("redis-server", words, command, reader)
        index = _program_index(words)
    if index is None:
        return _behind_unknown(words, reader)
    if words[index].raw in ALL_PARAMETERS | ZERO:
        return _positional([word.raw for word in words[index:]])
    program = basename(words[index].value or "")
    if program in SERVER_PROGRAMS:
        server = _server(program, words[index + 1 :], command, reader)
        wrappers = [word.value for word in words[:index]]
        if isinstance(server, ServerCommand) and may_change_directory(wrappers):
            return replace(server, may_change_directory=True)
        return server
    if program in SENTINEL_PROGRAMS:
        return SentinelCommand()
    if program in _DIRECTORY_CHANGES:
        return ChangeOfDirectory()
    if program == "set":
        named = any(basename(word.value or "") in SERVER_PROGRAMS for word in words)
        return Prepends() if named else None
    return _script(words[index:], reader)


def _behind_unknown(words: Sequence[Word], reader: WordReader) -> UneditableStart | None:
    """Evaluate a command whose program is not known, such as `exec $COMMAND`."""
    unknown = next((word for word in words if word.value is None), None)
    named = any(names_server_command(word.value or "") for word in words)
    if named or (unknown is not None and reader.names_server(unknown)):
        return UneditableStart(is_certain=False)
    return None


def _positional(words: Sequence[str]) -> Positional | UneditableStart:
    match words:
        case (parameters,) if parameters in ALL_PARAMETERS:
            return Positional()
        case (zero, parameters) if zero in ZERO and parameters in ALL_PARAMETERS:
            return Positional(with_zero=True)
        case _:
            return UneditableStart(is_certain=False)


def _program_index(words: Sequence[Word]) -> int | None:
    return program_index(
        [_PARAMETERS if word.raw in ALL_PARAMETERS | ZERO else word.value for word in words]
    )


def _server(
    program: str, words: Sequence[Word], command: SimpleCommand, reader: WordReader
) -> ServerCommand | SentinelCommand | None:
    known = reader.words(words)
    if is_sentinel(known):
        return SentinelCommand()
    if special_of(known) is not None:
        return None  # It prints something and ends.
    return ServerCommand(
        program=program,
        words=known,
        offset=command.end,
        background=command.background,
        takes_parameters=bool(words) and words[-1].raw in ALL_PARAMETERS,
    )


def _script(words: Sequence[Word], reader: WordReader) -> ShellStart | None:
    match read_interpreter([word.value for word in words]):
        case ShellCommandText(index=index):
            return _nested(words[index], reader)
        case ShellScript(index=index):
            shell = basename(words[0].value or "")
        case _:
            index, shell = 0, ""
    path = words[index].value or ""
    return ScriptCommand(path=path, words=reader.words(words[index + 1 :]), shell=shell)


def _nested(word: Word, reader: WordReader) -> UneditableStart | None:
    """Evaluate a shell text within the text, which is not edited."""
    try:
        starts = find_starts(word.value or "", reader.environment, (UNKNOWN,))
    except Unscannable:
        starts = ()
    if any(isinstance(start, ServerCommand) for start in starts):
        return UneditableStart(is_certain=True)
    named = any(isinstance(start, UneditableStart) for start in starts)
    is_unread = not starts and names_server_command(word.raw.strip("\"'"))
    return UneditableStart(is_certain=False) if named or is_unread else None
