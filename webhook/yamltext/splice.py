"""Change part of a scalar's text where it stands, so that its style and line breaks stay."""

import re
from itertools import takewhile

_SPACE = re.compile(r"[ \t\r\n]+")


def rewrite_literal(source: str, new: str) -> str:
    """Write a text in the place of a literal block scalar, under its header and indentation."""
    header, _, body = source.partition("\n")
    first = next((line for line in body.split("\n") if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    lines = (indent + line if line else "" for line in new.rstrip("\n").split("\n"))
    return "\n".join((header, *lines))


def splice(source: str, old: str, new: str) -> str | None:
    """Make the source text of a scalar that reads `old` read `new`; None where that cannot be done.

    Only what differs is exchanged. White space in the value may stand for any white space in the
    source, as in folded and continued scalars. The caller has to read the result again: what a
    style makes of the new characters is not looked at here.
    """
    start, tail = _difference(old, new)
    offsets = _offsets(source, old)
    if offsets is None:
        return None
    fragment = new[start : len(new) - tail]
    begin, end = offsets[start], offsets[len(old) - tail]
    if "\n" in fragment:
        return None
    return source[:begin] + fragment + source[end:]


def _difference(old: str, new: str) -> tuple[int, int]:
    """Give how much both texts have in common at their start and at their end.

    Of the places where an insertion may be seen the one before white space is taken: between
    `a --x` and `a --save --x` that is ` --save`, not `save --`.
    """
    start = _common(old, new)
    tail = _common(old[start:][::-1], new[start:][::-1])
    grown = len(new) - len(old)
    while start + tail == len(old) and start and new[start : start + 1].strip():
        if old[start - 1] != new[start + grown - 1]:
            break
        start, tail = start - 1, tail + 1
    return start, tail


def _common(one: str, other: str) -> int:
    """Give the length of what both texts start with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _offsets(source: str, value: str) -> list[int] | None:
    """Give for each position in the value, and for its end, the position in the source."""
    position = _body_start(source)
    offsets: list[int] = []
    index = 0
    while index < len(value):
        space = _SPACE.match(value, index)
        if space is None:
            position = _skip_space(source, position) if index == 0 else position
            if position >= len(source) or source[position] != value[index]:
                return None
            offsets.append(position)
            position += 1
            index += 1
            continue
        written = _skip_space(source, position)
        if written == position and space.end() < len(value):
            return None
        # white space that is written otherwise is one joint: a change in it goes before all of it
        run = source[position:written]
        is_same = run.startswith(space[0])
        offsets += [position + step * is_same for step in range(len(space[0]))]
        position, index = written, space.end()
    offsets.append(position)
    return offsets


def _body_start(source: str) -> int:
    """Skip the header of a block scalar, or the opening quote."""
    if source[:1] in ("|", ">"):
        return source.find("\n") + 1 or len(source)
    return 1 if source[:1] in ("'", '"') else 0


def _skip_space(source: str, position: int) -> int:
    found = _SPACE.match(source, position)
    return found.end() if found else position
