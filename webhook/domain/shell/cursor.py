"""A place in shell text, and the constructs that are open there."""

import re
from typing import NoReturn

from webhook.domain.shell.command import Span, Unscannable

# Deep enough for any text that a person wrote, and shallow enough for Python's own stack: one
# level costs up to eight calls.
MAX_DEPTH = 40

_COMMENT = re.compile(r"#[^\n]*+")
_BLANKS = re.compile(r"(?:[ \t]|\\\n)*+(?:#[^\n]*+)?")
_LINES = re.compile(r"(?:[ \t\n]|\\\n|#[^\n]*+)*+")
_SERVER = re.compile(r"(?<![\w.-])(?:redis|valkey|keydb)-server(?![\w.-])")


class Cursor:
    """Walks the text forwards only, which keeps a scan linear."""

    __slots__ = ("_open", "_substitutions", "comments", "offset", "quoted", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0
        self._open: list[tuple[str, int]] = []
        self._substitutions = 0
        self.comments: list[Span] = []
        self.quoted: list[Span] = []

    def take(self, pattern: re.Pattern[str]) -> str:
        """Consume what the pattern matches here; empty when it does not match."""
        found = pattern.match(self.text, self.offset)
        if found is None:
            return ""
        self.offset = found.end()
        return found.group()

    def take_literal(self, literal: str) -> bool:
        """Consume the literal if the text goes on with it."""
        if not self.at(literal):
            return False
        self.offset += len(literal)
        return True

    def at(self, prefix: str | tuple[str, ...]) -> bool:
        """Whether the text goes on with the prefix, or with one of them."""
        return self.text.startswith(prefix, self.offset)

    def is_done(self) -> bool:
        """Whether nothing is left of the text."""
        return self.offset >= len(self.text)

    def skip_blanks(self) -> None:
        """Go to the next token of this line; only to be called between tokens."""
        self._note_comments(self.take(_BLANKS))

    def skip_lines(self) -> None:
        """Go to the next token of this or a later line; only to be called between tokens."""
        self._note_comments(self.take(_LINES))

    def note_quoted(self, start: int) -> None:
        """Note that from start up to here stands in single quotes."""
        self.quoted.append(Span(start=start, end=self.offset))

    def _note_comments(self, skipped: str) -> None:
        if "#" not in skipped:
            return
        start = self.offset - len(skipped)
        for comment in _COMMENT.finditer(skipped):
            self.comments.append(Span(start=start + comment.start(), end=start + comment.end()))

    def enter(self, opening: str, at: int) -> None:
        """Note a construct that has to be closed; raise Unscannable when too many are open."""
        self._open.append((opening, at))
        if len(self._open) > MAX_DEPTH:
            self.refuse(f"more than {MAX_DEPTH} constructs inside one another", at)

    def leave(self) -> None:
        """Note that the innermost construct is closed."""
        self._open.pop()

    def enter_substitution(self, opening: str, at: int) -> None:
        """Do as ``enter``, for text whose commands are not listed."""
        self.enter(opening, at)
        self._substitutions += 1

    def leave_substitution(self) -> None:
        """Do as ``leave``; raise Unscannable when a server may run in there, out of reach.

        Only the outermost substitution is searched: it holds the text of the inner ones, and
        searching at each level would not be linear.
        """
        opening, start = self._open.pop()
        self._substitutions -= 1
        if self._substitutions == 0:
            self.refuse_server(f"inside '{opening}'", start)

    def refuse_server(self, where: str, start: int) -> None:
        """Raise Unscannable when a server's name stands between start and here."""
        found = _SERVER.search(self.text, start, self.offset)
        if found is not None:
            self.refuse(f"{found.group()} {where}", found.start())

    def refuse(self, what: str, at: int) -> NoReturn:
        """Raise Unscannable."""
        raise Unscannable(f"{what} at offset {at}")

    def refuse_here(self) -> NoReturn:
        """Raise Unscannable for what stands here: a token out of place, or the end of the text."""
        if not self.is_done():
            self.refuse(f"an unexpected {self.text[self.offset]!r}", self.offset)
        if self._open:
            opening, start = self._open[-1]
            self.refuse(f"{opening!r} without its end", start)
        self.refuse("an unexpected end of the text", self.offset)
