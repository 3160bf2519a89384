"""Which servers a shell text starts, and which other ways it may take to one."""

from collections.abc import Sequence
from dataclasses import replace
from posixpath import basename

from webhook.domain.images.catalog import (
    SENTINEL_PROGRAMS,
    SERVER_PROGRAMS,
    SERVER_SCRIPTS,
    is_entrypoint,
    is_forwarded,
    through_server_script,
)
from webhook.domain.kubernetes.environment import Environment
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.reasons import Reason
from webhook.domain.redis.command_line import is_sentinel, special_of
from webhook.domain.shell import Program, SimpleCommand, Unscannable, Word, read_program
from webhook.domain.shell.exec_wrappers import may_change_directory, program_index
from webhook.domain.shell.interpreter import SHELLS, ShellCommandText, ShellScript, read_interpreter
from webhook.domain.starts.arguments import (
    ALL_PARAMETERS,
    WHOLE_PARAMETERS,
    ZERO,
    ArgumentReader,
    spend_on_text,
)
from webhook.domain.starts.commands import (
    ChangeOfDirectory,
    Positional,
    ScriptCommand,
    SentinelCommand,
    ServerCommand,
    ShellStart,
    UneditableStart,
)
from webhook.domain.starts.evals import evaluates_clients_only, is_eval
from webhook.domain.starts.own_parameters import follow_set
from webhook.domain.starts.reading import ShellReading
from webhook.domain.starts.server_mentions import (
    PARAMETER,
    hands_on_server,
    is_parameter_of_server,
    names_any_server,
)
from webhook.domain.starts.unscanned import names_server_command

MOST_BYTES = 131_000
"""The longest text that is read: the kernel takes no argument of 131,072 bytes, options and all."""

_DIRECTORY_CHANGES = frozenset({"cd", "pushd", "chroot"})
_UNDECIDABLE = UneditableStart(is_certain=False, reason=Reason.LAUNCH_UNDECIDABLE)
_PARAMETERS = "\ue001"
"""Stands for the positional parameters where the program of a command is looked for."""


def read_shell(text: str, environment: Environment, parameters: Sequence[str]) -> ShellReading:
    """Read what a shell text starts; `parameters` are its `$1`, `$2` and so on.

    Raises Unscannable where it cannot be read, DirectiveError where the server could not start,
    TooComplexError.
    """
    if len(text) > MOST_BYTES or len(text.encode()) > MOST_BYTES:
        raise Unscannable(f"more than {MOST_BYTES} bytes")
    spend_on_text(text, environment.budget)
    program = read_program(text)
    _refuse_hidden(program, environment)
    reader = ArgumentReader(text, program, environment, parameters)
    runners = {command.function or "" for command in program.commands if _runs_parameters(command)}
    starts = [_start(command, reader, runners) for command in program.commands]
    followed = [start for start in follow_set(program, starts, reader) if start is not None]
    if any(isinstance(start, ServerCommand) for start in followed) and _feeds_a_shell(program):
        followed.append(UneditableStart(is_certain=False))
    return ShellReading(text=text, program=program, starts=tuple(followed))


def _refuse_hidden(program: Program, environment: Environment) -> None:
    """Raise Unscannable where commands may be run that are not to be seen."""
    for command in program.commands:
        if is_eval(command) and not evaluates_clients_only(command, program, environment):
            raise Unscannable(f"'eval' at offset {command.words[0].start}")
    for span in program.functions:
        if span.name in SERVER_PROGRAMS:
            raise Unscannable(f"a function of the name {span.name} at offset {span.start}")


def _start(command: SimpleCommand, reader: ArgumentReader, runners: set[str]) -> ShellStart | None:
    words = command.words
    index = _program_index(words, reader)
    if index is not None and is_entrypoint(words[index].value or ""):
        words = words[index + 1 :]
        if words and is_forwarded(words[0].value or ""):
            return _server("redis-server", words, command, reader)
        index = _program_index(words, reader)
    if index is None:
        return _behind_unknown(words, reader)
    if words[index].raw in ALL_PARAMETERS | ZERO:
        return _positional(words[index:], command, reader)
    program = basename(reader.value(words[index]) or "")
    start = _named(program, words[index:], command, reader, runners)
    wrappers = [word.value for word in words[:index]]
    if isinstance(start, ServerCommand) and may_change_directory(wrappers):
        return replace(start, may_change_directory=True)
    return start


def _named(
    program: str,
    words: Sequence[Word],
    command: SimpleCommand,
    reader: ArgumentReader,
    runners: set[str],
) -> ShellStart | None:
    """Evaluate a command whose program is known; `words` begin with it."""
    if program in SERVER_PROGRAMS or program in SERVER_SCRIPTS:
        return _server(program, words[1:], command, reader)
    if program in SENTINEL_PROGRAMS:
        return SentinelCommand()
    if program in _DIRECTORY_CHANGES:
        return ChangeOfDirectory()
    hands_to_runner = program in runners and program not in reader.inlined
    if (hands_to_runner or program == "trap") and names_any_server(words[1:], reader):
        return UneditableStart(is_certain=False)
    if program == "set":
        names_server = not reader.is_own(command) and names_any_server(words, reader)
        return _UNDECIDABLE if names_server else None
    if hands_on_server(reader.words(words[1:], command)):
        return UneditableStart(is_certain=False)
    return _script(words, command, reader)


def _feeds_a_shell(program: Program) -> bool:
    """Tell whether a shell reads what it runs from its standard input."""
    return any(
        command.words
        and basename(command.words[0].value or "") in SHELLS
        and all((word.value or "").startswith("-") for word in command.words[1:])
        for command in program.commands
    )


def _runs_parameters(command: SimpleCommand) -> bool:
    """Tell whether a command's program is one of the parameters."""
    values = [_PARAMETERS if PARAMETER.match(word.raw) else word.value for word in command.words]
    index = program_index(values)
    return index is not None and values[index] == _PARAMETERS


def _behind_unknown(words: Sequence[Word], reader: ArgumentReader) -> UneditableStart | None:
    """Evaluate a command whose program is not known, such as `exec $COMMAND`."""
    unknown = next((word for word in words if word.value is None), None)
    if unknown is not None and is_parameter_of_server(unknown, reader):
        return _UNDECIDABLE
    named = any(names_server_command(word.value or "") for word in words)
    if named or (unknown is not None and reader.names_server(unknown)):
        return UneditableStart(is_certain=False)
    return None


def _positional(
    words: Sequence[Word], command: SimpleCommand, reader: ArgumentReader
) -> Positional | UneditableStart | None:
    if not reader.is_own(command):
        return None  # A function's own parameters are looked at where it is called.
    match [word.raw for word in words]:
        case (parameters,) if parameters in ALL_PARAMETERS:
            return Positional(words=tuple(words), is_whole=parameters in WHOLE_PARAMETERS)
        case (zero, parameters) if zero in ZERO and parameters in ALL_PARAMETERS:
            is_whole = parameters in WHOLE_PARAMETERS
            return Positional(words=tuple(words), with_zero=True, is_whole=is_whole)
        case _:
            return UneditableStart(is_certain=False)


def _program_index(words: Sequence[Word], reader: ArgumentReader) -> int | None:
    return program_index(
        [_PARAMETERS if word.raw in ALL_PARAMETERS | ZERO else reader.value(word) for word in words]
    )


def _server(
    program: str, words: Sequence[Word], command: SimpleCommand, reader: ArgumentReader
) -> ServerCommand | SentinelCommand | None:
    known = reader.words(words, command)
    if is_sentinel(known):
        return SentinelCommand()
    if special_of(known) is not None:
        return None  # It prints something and ends.
    server = ServerCommand(
        program=program,
        words=known,
        command=command,
        called=program,
        handed_on=tuple(word for word in words[-1:] if _hands_on(word, command, reader)),
        is_exec=command.words[0].value == "exec",
    )
    if program not in SERVER_SCRIPTS:
        return server
    return replace(server, program=SERVER_SCRIPTS[program], words=through_server_script(known))


def _hands_on(word: Word, command: SimpleCommand, reader: ArgumentReader) -> bool:
    return word.raw in WHOLE_PARAMETERS and reader.is_own(command)


def _script(
    words: Sequence[Word], command: SimpleCommand, reader: ArgumentReader
) -> ShellStart | None:
    is_sourced = words[0].value in (".", "source") and len(words) > 1
    match read_interpreter([word.value for word in words]):
        case _ if is_sourced:
            index, shell = 1, ""
        case ShellCommandText(index=index):
            return _nested(words[index], reader)
        case ShellScript(index=index):
            shell = basename(words[0].value or "")
        case _:
            index, shell = 0, ""
    return ScriptCommand(
        path=reader.value(words[index]) or "",
        words=reader.words(words[index + 1 :], command),
        shell=shell,
        command=command,
        is_sourced=is_sourced,
    )


def _nested(word: Word, reader: ArgumentReader) -> UneditableStart | None:
    """Evaluate a shell text within the text, which is not edited."""
    try:
        reading = read_shell(word.value or "", reader.environment, (UNKNOWN,))
    except Unscannable:
        reading = None
    if reading is not None and reading.servers:
        return UneditableStart(is_certain=True)
    named = reading is not None and bool(reading.uneditable)
    is_unread = not (reading and reading.starts) and names_server_command(word.raw.strip("\"'"))
    return UneditableStart(is_certain=False) if named or is_unread else None
