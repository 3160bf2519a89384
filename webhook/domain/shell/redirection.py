"""Redirections."""

import re
from dataclasses import dataclass

from webhook.domain.shell.cursor import Cursor
from webhook.domain.shell.words import WordReader

_FILE = r"(?:<<<|<<-?|<&|>&|<>|>>|>\||[<>](?!\())"
# dash takes one digit for a descriptor, bash any number: longer ones are read as words, because
# the place behind the redirection is then the right one for further words in both.
_IN_SIMPLE_COMMAND = re.compile(rf"&>>?|[0-9]?{_FILE}")
_BEHIND_COMPOUND = re.compile(rf"&>>?|(?:[0-9]+|\{{\w+\}})?{_FILE}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirection:
    """Where a redirection stands; ``is_both`` for ``&>``, which dash reads as ``&`` and ``>``."""

    start: int
    end: int
    is_both: bool


def read_redirection(cursor: Cursor, words: WordReader) -> Redirection | None:
    """Read a redirection of a simple command that begins here."""
    return _read(cursor, words, _IN_SIMPLE_COMMAND)


def skip_redirections(cursor: Cursor, words: WordReader) -> None:
    """Skip the redirections behind a compound command."""
    cursor.skip_blanks()
    while _read(cursor, words, _BEHIND_COMPOUND):
        cursor.skip_blanks()


def _read(cursor: Cursor, words: WordReader, pattern: re.Pattern[str]) -> Redirection | None:
    start = cursor.offset
    operator = cursor.take(pattern)
    if not operator:
        return None
    if operator.endswith(("<<", "<<-")) and not operator.endswith("<<<"):
        cursor.refuse("a here-document", start)
    cursor.skip_blanks()
    target = words.required()
    return Redirection(start=start, end=target.end, is_both=operator.startswith("&"))
