"""What a shell text starts, by kind."""

from dataclasses import dataclass

from webhook.domain.reasons import Reason
from webhook.domain.shell import SimpleCommand, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCommand:
    """A server started by its program; further words can be inserted at the command's end.

    `called` is the word that names it on its line, "" where none does. `handed_on` are the words by
    which it gets all of the text's parameters, as its last ones. `is_exec` tells that it takes the
    shell's place, `may_change_directory` that a program in front of it may start it elsewhere.
    """

    program: str
    words: tuple[str, ...]
    command: SimpleCommand
    called: str
    handed_on: tuple[Word, ...] = ()
    may_change_directory: bool = False
    is_exec: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelCommand:
    """A Sentinel started by its program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positional:
    """The text runs its own positional parameters: `exec "$@"`, or `exec "$0" "$@"` with `$0`.

    `is_whole` tells that empty ones are handed on, which they are within double quotes only.
    """

    words: tuple[Word, ...]
    with_zero: bool = False
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepends:
    """The text puts a server before its positional parameters: `set -- redis-server "$@"`."""

    word: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptCommand:
    """A program or script run by its path, with the words behind it.

    `shell` is the one that is named to run it, "" for none. `is_sourced` tells that the text's own
    shell runs it: `. /scripts/env.sh`.
    """

    path: str
    words: tuple[str, ...]
    shell: str
    command: SimpleCommand
    is_sourced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOfDirectory:
    """The text changes the directory that a server would start in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UneditableStart:
    """A command that names a server where no option can be put.

    `is_certain` is False where the name may be a host's, behind words that are not known.
    """

    is_certain: bool
    reason: Reason = Reason.UNREADABLE_SHELL_TEXT


ShellStart = (
    ServerCommand
    | SentinelCommand
    | Positional
    | Prepends
    | ScriptCommand
    | ChangeOfDirectory
    | UneditableStart
)
