"""New YAML text for values, in the style of the text that it joins."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from webhook.yamltext.values import PATTERNS

_PLAIN = re.compile(
    r"(?:[A-Za-z0-9_./]|-(?=\S)(?!--\Z))[A-Za-z0-9_./+=@%^~-]*(?::[A-Za-z0-9_./+=@%-]+)*\Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a text is written: indentation of mappings, of sequences in them, quotes, line ends."""

    mapping_indent: int = 2
    sequence_indent: int = 2
    quote: str = ""
    newline: str = "\n"


def scalar(value: object, quote: str = "") -> str:
    """Write a single value on one line; `quote` is the quote of its neighbours, empty for none."""
    if not isinstance(value, str):
        return "null" if value is None else str(value).lower()
    if not quote and _PLAIN.match(value) and not any(p.match(value) for p in PATTERNS.values()):
        return value
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    text: str = yaml.safe_dump(value, default_style='"', width=float("inf"), allow_unicode=True)
    return text.rstrip("\n")


def flow(value: object, quote: str = "") -> str:
    """Write a value in flow style on one line."""
    match value:
        case Mapping():
            pairs = (f"{scalar(key)}: {flow(item, quote)}" for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        case list():
            return "[" + ", ".join(flow(item, quote) for item in value) + "]"
        case _:
            return scalar(value, quote)


def pair_lines(key: str, value: object, style: Style) -> list[str]:
    """Write `key: value` in block style, as lines without their common indentation."""
    name = scalar(key)
    if isinstance(value, Mapping) and value:
        inner = [line for k, v in value.items() for line in pair_lines(k, v, style)]
        return [f"{name}:", *_indented(inner, style.mapping_indent)]
    if isinstance(value, list) and value:
        return [f"{name}:", *_indented(item_lines(value, style), style.sequence_indent)]
    return [f"{name}: {flow(value, style.quote)}"]


def item_lines(items: Sequence[object], style: Style) -> list[str]:
    """Write the items of a sequence in block style, as lines without their common indentation."""
    lines: list[str] = []
    for item in items:
        if isinstance(item, Mapping) and item:
            first, *rest = [line for k, v in item.items() for line in pair_lines(k, v, style)]
            lines += [f"- {first}", *_indented(rest, 2)]
        else:
            lines.append(f"- {flow(item, style.quote)}")
    return lines


def _indented(lines: Sequence[str], columns: int) -> list[str]:
    return [" " * columns + line for line in lines]
