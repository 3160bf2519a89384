"""Arithmetic expansion: `$((LIMIT * 3 / 4))`, in whole numbers as every shell reckons it.

Source: The Shell Command Language of POSIX.1-2024, 2.6.4, without what assigns, compares or shifts.
"""

import re
from collections.abc import Callable

LONGEST = 120
"""Characters of an expression that is read."""

_TOKEN = re.compile(
    r"[ \t]*(?:(?P<number>0|[1-9][0-9]{0,18})(?!\w)"
    r"|\$\{(?P<braced>[A-Za-z_]\w*)\}|\$?(?P<name>[A-Za-z_]\w*)|(?P<sign>[-+*/%()]))",
    re.ASCII,
)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)

Lookup = Callable[[str], str | None]


class _UnknownError(ValueError):
    """The expression is none that is read here, or a variable in it is not known."""


def evaluate(text: str, lookup: Lookup) -> int | None:
    """Give what an expression comes to; None where that is not certain, or is below 0.

    `lookup` gives the values of variables. `evaluate("M * 3 / 4", {"M": "100"}.get)` is 75.
    """
    if len(text) > LONGEST:
        return None
    try:
        value = _Expression(text, lookup).value()
    except _UnknownError:
        return None
    return value if value >= 0 else None


class _Expression:
    """Goes through the tokens of an expression: a sum of products of units."""

    def __init__(self, text: str, lookup: Lookup) -> None:
        self._lookup = lookup
        self._tokens: list[int | str] = []
        position, end = 0, len(text.rstrip(" \t"))
        while position < end:
            token = _TOKEN.match(text, position, end)
            if token is None:
                raise _UnknownError
            self._tokens.append(self._read(token))
            position = token.end()
        self._tokens.reverse()

    def value(self) -> int:
        value = self._sum()
        if self._tokens:
            raise _UnknownError
        return value

    def _read(self, token: re.Match[str]) -> int | str:
        if token["sign"]:
            return token["sign"]
        text = token["number"] or self._lookup(token["braced"] or token["name"])
        if text is None or _NUMBER.fullmatch(text) is None:
            raise _UnknownError
        return int(text)

    def _take(self, signs: str) -> str:
        last = self._tokens[-1] if self._tokens else 0
        return str(self._tokens.pop()) if isinstance(last, str) and last in signs else ""

    def _sum(self) -> int:
        value = self._product()
        while sign := self._take("+-"):
            value += self._product() if sign == "+" else -self._product()
        return value

    def _product(self) -> int:
        value = self._unit()
        while sign := self._take("*/%"):
            operand = self._unit()
            if sign == "*":
                value *= operand
            elif value < 0 or operand <= 0:
                raise _UnknownError  # Python rounds down where a shell cuts off.
            else:
                value = value // operand if sign == "/" else value % operand
        return value

    def _unit(self) -> int:
        if self._take("("):
            value = self._sum()
            if self._take(")"):
                return value
        elif self._tokens and isinstance(number := self._tokens.pop(), int):
            return number
        raise _UnknownError
