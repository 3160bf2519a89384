"""Follow a text that gives itself a server's command line as parameters, and then runs them.

`set -- redis-server /conf`, `set -- "$@" --requirepass x`, `exec "$@"`: the options go behind the
last of these, where that can be followed to its end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from posixpath import basename

from webhook.domain.images.catalog import SERVER_PROGRAMS
from webhook.domain.reasons import Reason
from webhook.domain.redis.command_line import is_sentinel, special_of
from webhook.domain.shell import Kind, Program, SimpleCommand, Word
from webhook.domain.shell.exec_wrappers import program_index
from webhook.domain.starts.arguments import WHOLE_PARAMETERS, ArgumentReader, perhaps
from webhook.domain.starts.assignments import names_elsewhere
from webhook.domain.starts.commands import (
    Positional,
    Prepends,
    ServerCommand,
    ShellStart,
    UneditableStart,
)
from webhook.domain.starts.parameters import changes_parameters, sets_parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """A `set` that names a server: the program's index among its operands."""

    command: SimpleCommand
    operands: tuple[Word, ...]
    program: int


def follow_set(
    program: Program, starts: Sequence[ShellStart | None], reader: ArgumentReader
) -> Iterable[ShellStart | None]:
    """Put in place of what runs the parameters the server that they are; one start a command."""
    changes = [
        each for each in program.commands if changes_parameters(each) and reader.is_own(each)
    ]
    settings = [
        setting for each in changes if (setting := _server_setting(each, reader)) is not None
    ]
    if not settings:
        return starts
    first = settings[0]
    is_hidden = any(names_elsewhere(each) for each in program.commands)
    is_first = first.command is changes[0] and len(settings) == 1
    if is_first and not is_hidden and _is_followed(changes, starts):
        return _servers(first, changes[1:], program, starts, reader)
    if all(each.operands[-1].raw in WHOLE_PARAMETERS for each in settings):
        return (*starts, *(Prepends(word=each.operands[-1]) for each in settings))
    return (*starts, UneditableStart(is_certain=False, reason=Reason.LAUNCH_UNDECIDABLE))


def _server_setting(command: SimpleCommand, reader: ArgumentReader) -> _Setting | None:
    operands = _operands(command)
    index = program_index([reader.value(word) for word in operands])
    if index is None or basename(reader.value(operands[index]) or "") not in SERVER_PROGRAMS:
        return None
    return _Setting(command=command, operands=operands, program=index)


def _operands(command: SimpleCommand) -> tuple[Word, ...]:
    if not sets_parameters(command):
        return ()
    words = command.words
    values = [word.value for word in words]
    return words[values.index("--") + 1 :] if "--" in values else words[1:]


def _is_followed(changes: Sequence[SimpleCommand], starts: Sequence[ShellStart | None]) -> bool:
    """Tell whether the first change sets the server at any rate, and each other one adds to it.

    What the parameters are before it, and within a subshell, is another matter: nothing may run
    them there, as each of the commands that do comes to start the server.
    """
    first, *others = changes
    is_sure = first.always_runs and all(_adds(each) for each in others)
    runs = [start for start in starts if isinstance(start, Positional)]
    behind = all(start.words[0].start > first.end and not start.with_zero for start in runs)
    return is_sure and behind and bool(runs)


def _adds(command: SimpleCommand) -> bool:
    operands = _operands(command)
    is_apart = command.piped or any(block.kind is Kind.SUBSHELL for block in command.blocks)
    return bool(operands) and operands[0].raw in WHOLE_PARAMETERS and not is_apart


def _servers(
    setting: _Setting,
    additions: Sequence[SimpleCommand],
    program: Program,
    starts: Sequence[ShellStart | None],
    reader: ArgumentReader,
) -> Iterable[ShellStart | None]:
    for command, start in zip(program.commands, starts, strict=True):
        if not isinstance(start, Positional):
            yield start
            continue
        words = _words(setting, additions, reader)
        if is_sentinel(words) or special_of(words) is not None:
            yield None
            continue
        name = basename(reader.value(setting.operands[setting.program]) or "")
        last = setting.operands[-1]
        yield ServerCommand(
            program=name,
            words=words,
            command=command,
            called="",
            handed_on=(last, start.words[-1]) if last.raw in WHOLE_PARAMETERS else (),
            is_exec=command.words[0].value == "exec",
        )


def _words(
    setting: _Setting, additions: Sequence[SimpleCommand], reader: ArgumentReader
) -> tuple[str, ...]:
    words: list[str] = []
    for word in setting.operands[setting.program + 1 :]:
        is_all = word.raw in WHOLE_PARAMETERS
        words += reader.given if is_all else reader.words((word,), setting.command)
    for addition in additions:
        added = reader.words(_operands(addition)[1:], addition)
        words += added if addition.always_runs else perhaps(added)
    return tuple(words)
