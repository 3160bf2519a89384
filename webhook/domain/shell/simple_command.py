"""One simple command: assignments, words and redirections in any order."""

import re
from dataclasses import replace

from webhook.domain.shell.command import SimpleCommand, Word
from webhook.domain.shell.cursor import Cursor
from webhook.domain.shell.redirection import Redirection, read_redirection
from webhook.domain.shell.words import WordReader, unfolded

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=", re.ASCII)
# To bash a descriptor, to dash a word, when a redirection follows at once.
_PERHAPS_DESCRIPTOR = re.compile(r"[0-9]+|\{\w+\}", re.ASCII)


def read_simple_command(cursor: Cursor, words: WordReader) -> SimpleCommand | None:
    """Read up to the next operator; None when there is nothing, or redirections alone."""
    draft = _Draft(cursor)
    while True:
        if redirection := read_redirection(cursor, words):
            draft.add_redirection(redirection)
        elif word := words.optional():
            draft.add_word(word)
        else:
            return draft.finish()
        cursor.skip_blanks()


class _Draft:
    __slots__ = ("_assignments", "_cursor", "_end", "_has_both", "_words")

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._words: list[Word] = []
        self._assignments: list[Word] = []
        self._end = cursor.offset
        self._has_both = False

    def add_word(self, word: Word) -> None:
        if self._has_both:
            # bash passes it to the command; dash has ended the command at the '&'.
            self._cursor.refuse("a word behind '&>'", word.start)
        if self._cursor.at(("<", ">")) and _PERHAPS_DESCRIPTOR.fullmatch(unfolded(word)):
            word = replace(word, value=None)
        if not self._words and _ASSIGNMENT.match(word.raw):
            self._assignments.append(word)
        else:
            self._words.append(word)
        self._end = word.end

    def add_redirection(self, redirection: Redirection) -> None:
        if redirection.is_both:
            self._has_both = True
        elif redirection.start == self._end:
            self._end = redirection.end

    def finish(self) -> SimpleCommand | None:
        if not self._words and not self._assignments:
            return None
        return SimpleCommand(
            words=tuple(self._words),
            assignments=tuple(self._assignments),
            background=False,
            end=self._end,
        )
