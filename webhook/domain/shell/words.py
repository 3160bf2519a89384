"""Words of shell text, as the shell's own reader cuts them out."""

import re

from webhook.domain.shell.command import Word
from webhook.domain.shell.cursor import Cursor
from webhook.domain.shell.quoting import Quoting, ReadSubstitution, joined

UNKNOWN = "\ue000"  # stands in the text for a piece that is not known

_RUN = re.compile(r"""[^ \t\n;&|<>()\\'"$`]++""")
# Most words: no quotes, nothing to expand. Only faster than the general way.
_PLAIN_WORD = re.compile(r"""[^ \t\n;&|<>()\\'"$`*?\[{~\ue000]++(?=[ \t\n;&|)]|\Z)""")
# Patterns, brace expansion and home directories.
_EXPANDED = re.compile(r"[*?\[]|\{(?!\})|^~|[=:]~")
_ARRAY_NAME = re.compile(r"[A-Za-z_]\w*\+?=", re.ASCII)


class WordReader:
    """Reads one word that begins at the cursor."""

    __slots__ = ("_cursor", "_quoting", "_read_substitution")

    def __init__(self, cursor: Cursor, read_substitution: ReadSubstitution) -> None:
        self._cursor = cursor
        self._read_substitution = read_substitution
        self._quoting = Quoting(cursor, read_substitution)

    def optional(self) -> Word | None:
        """Return the word, or None when the text ends here or goes on with an operator."""
        start = self._cursor.offset
        if plain := self._cursor.take(_PLAIN_WORD):
            return Word(raw=plain, value=plain, start=start, end=self._cursor.offset)
        value = joined(self._parts())
        end = self._cursor.offset
        raw = self._cursor.text[start:end]
        if not raw:
            return None
        if raw in ("[", "{"):
            value = raw
        elif UNKNOWN in raw:
            value = None
        return Word(raw=raw, value=value, start=start, end=end)

    def required(self) -> Word:
        """Return the word; raise Unscannable when there is none."""
        return self.optional() or self._cursor.refuse_here()

    def keyword(self) -> str:
        """Return the word as reserved words are compared; empty when there is none."""
        word = self.optional()
        return "" if word is None else unfolded(word)

    def skip_arithmetic(self, opening: str, at: int) -> None:
        """Skip the rest of ``((…))``, whose opening stands at offset ``at``."""
        self._quoting.arithmetic(opening, at)

    def _parts(self) -> list[str | None]:
        cursor, quoting = self._cursor, self._quoting
        start = cursor.offset
        parts: list[str | None] = []
        while True:
            if run := cursor.take(_RUN):
                parts.append(None if _EXPANDED.search(run) else run)
            elif cursor.at("\\"):
                parts.append(quoting.escaped())
            elif cursor.at("'"):
                parts.append(quoting.single_quoted())
            elif cursor.at('"'):
                parts.append(quoting.double_quoted())
            elif cursor.at("$"):
                parts.append(quoting.dollar(quoted=False))
            elif self._skip_without_value(start):
                parts.append(None)
            else:
                return parts

    def _skip_without_value(self, start: int) -> bool:
        cursor = self._cursor
        if cursor.at("`"):
            self._quoting.backquoted()
        elif cursor.at(("<(", ">(")):
            self._read_substitution(cursor.text[cursor.offset : cursor.offset + 2])
        elif cursor.at("(") and _ARRAY_NAME.fullmatch(cursor.text, start, cursor.offset):
            self._skip_array()
        else:
            return False
        return True

    def _skip_array(self) -> None:
        self._cursor.enter("(", self._cursor.offset)
        self._cursor.offset += 1
        self._cursor.skip_lines()
        while not self._cursor.take_literal(")"):
            self.required()
            self._cursor.skip_lines()
        self._cursor.leave()


def unfolded(word: Word) -> str:
    """Return the word as written, with continued lines put together."""
    return word.raw.replace("\\\n", "")
