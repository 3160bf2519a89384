"""How the server splits a line of configuration into arguments.

Source: Redis, src/sds.c, sdssplitargs and sdscatrepr; the same in Valkey and KeyDB.
"""

import re
from collections.abc import Mapping

BLANKS = " \t\n\v\f\r"

# Within a word a vertical tab or form feed separates nothing, though both are skipped before it.
_DELIMITER = re.compile(r"[ \t\n\r\"']")
# Possessive: what an escape has consumed is never tried as a closing quote again.
_QUOTED: Mapping[str, re.Pattern[str]] = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL),
    "'": re.compile(r"'((?:\\'|[^'])*+)'", re.DOTALL),
}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED: Mapping[str, str] = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "a": "\a"}
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')


def split_arguments(line: str) -> tuple[str, ...] | None:
    r"""Split a line at blanks outside quotes; None when a quote is unbalanced.

    Double quotes know `\n \r \t \b \a` and `\xHH`, here the character of that number; single quotes
    know `\'`. A closing quote ends the argument, and text right behind it is an error.
    """
    arguments = []
    position = _skip_blanks(line, 0)
    while position < len(line):
        argument = _scan(line, position)
        if argument is None:
            return None
        text, end = argument
        arguments.append(text)
        position = _skip_blanks(line, end)
    return tuple(arguments)


def quote_argument(text: str) -> str:
    """Quote a text so that it splits into itself, as one argument."""
    return '"' + _SPECIAL.sub(lambda special: f"\\x{ord(special[0]):02x}", text) + '"'


def _skip_blanks(line: str, position: int) -> int:
    while position < len(line) and line[position] in BLANKS:
        position += 1
    return position


def _scan(line: str, start: int) -> tuple[str, int] | None:
    delimiter = _DELIMITER.search(line, start)
    if delimiter is None:
        return line[start:], len(line)
    bare, quote = line[start : delimiter.start()], delimiter[0]
    if quote not in _QUOTED:
        return bare, delimiter.start()
    quoted = _QUOTED[quote].match(line, delimiter.start())
    if quoted is None:
        return None
    end = quoted.end()
    if end < len(line) and line[end] not in BLANKS:
        return None
    return bare + _unescape(quoted[1], quote), end


def _unescape(text: str, quote: str) -> str:
    if quote == "'":
        return text.replace("\\'", "'")
    return _ESCAPE.sub(_escaped, text)


def _escaped(escape: re.Match[str]) -> str:
    if escape[1] is not None:
        return chr(int(escape[1], 16))
    return _ESCAPED.get(escape[2], escape[2])
