"""Edits of a text, collected first and made all at once."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    start: int
    end: int
    text: str


class Edits:
    """Replacements and insertions in one text, by positions in the unchanged text."""

    def __init__(self, text: str, newline: str) -> None:
        self._text = text
        self._newline = newline
        self._edits: list[_Edit] = []

    def replace(self, start: int, end: int, text: str) -> None:
        """Put other text in the place of what stands from start to end."""
        self._edits.append(_Edit(start=start, end=end, text=text))

    def insert(self, position: int, text: str) -> None:
        """Put text before a position, behind what was inserted there earlier."""
        self.replace(position, position, text)

    def insert_lines(self, position: int, column: int, lines: Sequence[str]) -> None:
        """Put whole lines, indented to a column, at the start of a line or the end of the text."""
        text = "".join(" " * column + line + self._newline for line in lines)
        if position and self._text[position - 1] not in "\r\n":
            # the last line of a text without a line end keeps having none
            text = self._newline + text.removesuffix(self._newline)
        self.insert(position, text)

    def apply(self) -> str:
        """Give the text with all edits made."""
        text = self._text
        places = sorted((edit.start, number) for number, edit in enumerate(self._edits))
        # from the end, so that positions stay; of two at one place the later one goes in first
        for _, number in reversed(places):
            edit = self._edits[number]
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text
