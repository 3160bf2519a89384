"""Quotes and expansions: where they end, and their value where it is fixed."""

import re
from collections.abc import Callable, Sequence

from webhook.domain.shell.cursor import Cursor

# Reads the commands of a substitution whose opening ("$(") stands here, up to and with its ")".
ReadSubstitution = Callable[[str], None]

_SINGLE_QUOTED = re.compile(r"'[^']*+'")
_ANSI_QUOTED = re.compile(r"\$'[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL)
_BACKQUOTED = re.compile(r"`[^`\\]*+(?:\\.[^`\\]*+)*+`", re.DOTALL)
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_IN_DOUBLE_QUOTES = re.compile(r'[^"\\$`]++')
_IN_BRACES = re.compile(r"""[^}'"\\$`]++""")
_IN_ARITHMETIC = re.compile(r"[^()\\$`]++")
_PARAMETER = re.compile(r"\$(?:[A-Za-z_]\w*|[0-9@*#?$!-])", re.ASCII)
_BRACED_NAME = re.compile(r"[!#]?(?:\w+|[@*#?$!-])?(?:\[[^\]}]*\])?", re.ASCII)


def joined(parts: Sequence[str | None]) -> str | None:
    """Return the parts as one value; None when the value of any is not known."""
    known = [part for part in parts if part is not None]
    return "".join(known) if len(known) == len(parts) else None


class Quoting:
    """Reads one quotation or expansion that begins at the cursor."""

    __slots__ = ("_cursor", "_read_substitution")

    def __init__(self, cursor: Cursor, read_substitution: ReadSubstitution) -> None:
        self._cursor = cursor
        self._read_substitution = read_substitution

    def single_quoted(self) -> str:
        """``'…'``."""
        start = self._cursor.offset
        quoted = self._closed(_SINGLE_QUOTED, "'")
        self._cursor.note_quoted(start)
        return quoted[1:-1]

    def double_quoted(self) -> str | None:
        """``"…"``."""
        cursor = self._cursor
        cursor.enter('"', cursor.offset)
        cursor.offset += 1
        parts: list[str | None] = []
        while not cursor.take_literal('"'):
            parts.append(self._double_quoted_part())
        cursor.leave()
        return joined(parts)

    def escaped(self) -> str:
        r"""``\x`` outside quotes; nothing for a continued line."""
        escape = self._escape()
        return "" if escape == "\\\n" else escape[1]

    def backquoted(self) -> None:
        """Backquotes and what stands between them."""
        self._cursor.enter_substitution("`", self._cursor.offset)
        self._closed(_BACKQUOTED, "`")
        self._cursor.leave_substitution()

    def dollar(self, *, quoted: bool) -> str | None:
        """Whatever a ``$`` begins; its value is known only where it begins nothing.

        ``$'…'`` has none either: dash reads the dollar as itself.
        """
        cursor = self._cursor
        at = cursor.offset
        if cursor.take_literal("$(("):
            self.arithmetic("$((", at)
        elif cursor.at("$("):
            self._read_substitution("$(")
        elif cursor.at("${"):
            self._braced(quoted=quoted)
        elif cursor.at("$["):
            cursor.refuse("the old arithmetic '$['", at)
        elif not quoted and cursor.at("$'"):
            self._closed(_ANSI_QUOTED, "$'")
        elif not quoted and cursor.at('$"'):
            cursor.offset += 1
            self.double_quoted()
        elif not cursor.take(_PARAMETER):
            cursor.offset += 1
            return "$"
        return None

    def arithmetic(self, opening: str, at: int) -> None:
        """Skip the rest of ``$((…))`` or ``((…))``, whose opening stands at offset ``at``.

        Raise Unscannable for a subshell at the start of another.

        Shells tell the two apart by trying one after the other, which is not linear.
        """
        cursor = self._cursor
        depth = 0
        cursor.enter(opening, at)
        while depth or not cursor.take_literal("))"):
            if cursor.take_literal("("):
                depth += 1
            elif depth and cursor.take_literal(")"):
                depth -= 1
            elif cursor.at(")"):
                cursor.refuse(f"{opening!r} that is not closed by '))'", at)
            elif not cursor.take(_IN_ARITHMETIC):
                self._substituted_or_escaped(quoted=True)
        cursor.leave()

    def _braced(self, *, quoted: bool) -> None:
        """``${…}``. Inside double quotes, the ``'`` of ``${x:-it's}`` is an ordinary character."""
        cursor = self._cursor
        start = cursor.offset
        cursor.enter("${", start)
        cursor.offset += 2
        if cursor.at((" ", "\t", "\n", "|")):
            cursor.refuse("a command substitution in '${ …; }'", start)
        cursor.take(_BRACED_NAME)
        plain_apostrophe = quoted and cursor.at((":", "-", "=", "+", "?"))
        while not cursor.take_literal("}"):
            if cursor.take(_IN_BRACES):
                continue
            if cursor.at('"'):
                self.double_quoted()
            elif plain_apostrophe and cursor.take_literal("'"):
                continue
            elif cursor.at("'"):
                self.single_quoted()
            else:
                self._substituted_or_escaped(quoted=quoted)
        cursor.leave()

    def _double_quoted_part(self) -> str | None:
        cursor = self._cursor
        if plain := cursor.take(_IN_DOUBLE_QUOTES):
            return plain
        if not cursor.at("\\"):
            return self._substituted_or_escaped(quoted=True)
        escape = self._escape()
        if escape == "\\\n":
            return ""
        return escape[1] if escape[1] in '$`"\\' else escape

    def _substituted_or_escaped(self, *, quoted: bool) -> str | None:
        cursor = self._cursor
        if cursor.at("$"):
            return self.dollar(quoted=quoted)
        if cursor.at("`"):
            self.backquoted()
        else:
            self._escape()
        return None

    def _escape(self) -> str:
        return self._cursor.take(_ESCAPE) or self._cursor.refuse_here()

    def _closed(self, pattern: re.Pattern[str], opening: str) -> str:
        start = self._cursor.offset
        return self._cursor.take(pattern) or self._cursor.refuse(
            f"{opening!r} without its end", start
        )
