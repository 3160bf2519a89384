"""The values of YAML nodes, as kubectl and the API server read them.

Source: sigs.k8s.io/yaml (goyaml.v2/resolve.go, yaml.go), which differs from PyYAML: `y` is a
boolean, `1e3` is a number, `2026-01-01` and `22:22` are strings, and keys become strings.
"""

import re
from collections.abc import Mapping
from typing import assert_never

from yaml import MappingNode, Node, ScalarNode, SequenceNode

TAG = "tag:yaml.org,2002:"
PATTERNS: Mapping[str, re.Pattern[str]] = {
    f"{TAG}bool": re.compile(
        r"(?:[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE"
        r"|on|On|ON|off|Off|OFF)\Z"
    ),
    f"{TAG}null": re.compile(r"(?:|~|null|Null|NULL)\Z"),
    f"{TAG}int": re.compile(
        r"[-+]?(?:0_*[xX][0-9a-fA-F_]+|0_*[oO]?[0-7_]*|0_*[bB][01_]+|[1-9][0-9_]*)\Z"
    ),
    f"{TAG}float": re.compile(
        r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?\Z"
        r"|[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z"
    ),
    f"{TAG}merge": re.compile(r"<<\Z"),
}
_TRUE = frozenset({"y", "yes", "true", "on"})


class YamlError(ValueError):
    """YAML that cannot be read: the line, counted from 1, and what is wrong there."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


def construct(node: Node) -> object:
    """Give the value of a node: dict, list, str, int, float, bool or None.

    Of a key given twice the last one counts. Values behind one anchor are one shared object.
    """
    return _construct(node, {})


def key_text(node: Node) -> str:
    """Give a mapping's key as the string that it becomes in JSON."""
    if not isinstance(node, ScalarNode):
        raise YamlError(line_of(node), "a key must be a plain value, not a collection")
    match _scalar(node):
        case str(text):
            return text
        case bool(truth):
            return "true" if truth else "false"
        case int(number):
            return str(number)
        case float(number):
            return f"{number:g}"
        case None:
            raise YamlError(line_of(node), "a key must not be null")
        case unreachable:
            assert_never(unreachable)


def line_of(node: Node) -> int:
    """Give the line on which the node starts, counted from 1."""
    return int(node.start_mark.line) + 1


def repeated_keys(node: Node) -> tuple[tuple[int, str], ...]:
    """Give line and name of each key that its mapping already has, in the order of the text."""
    found: dict[int, tuple[tuple[int, str], ...]] = {}
    return tuple(sorted(set(_repeated(node, found))))


def _repeated(
    node: Node, found: dict[int, tuple[tuple[int, str], ...]]
) -> tuple[tuple[int, str], ...]:
    if id(node) in found:
        return ()
    found[id(node)] = ()
    if isinstance(node, SequenceNode):
        return tuple(item for child in node.value for item in _repeated(child, found))
    if not isinstance(node, MappingNode):
        return ()
    seen: set[str] = set()
    repeated: list[tuple[int, str]] = []
    for key, value in node.value:
        name = key_text(key)
        if name in seen and not _is_merge(key):
            repeated.append((line_of(key), name))
        seen.add(name)
        repeated.extend(_repeated(value, found))
    return tuple(repeated)


def _construct(node: Node, done: dict[int, object]) -> object:
    if id(node) in done:
        return done[id(node)]
    match node:
        case MappingNode():
            value: object = _mapping(node, done)
        case SequenceNode():
            value = [_construct(item, done) for item in node.value]
        case _:
            value = _scalar(node)
    done[id(node)] = value
    return value


def _mapping(node: MappingNode, done: dict[int, object]) -> dict[str, object]:
    merged: dict[str, object] = {}
    own: dict[str, object] = {}
    for key, value in node.value:
        if _is_merge(key):
            merged = {**_merge(value, done), **merged}
        else:
            own[key_text(key)] = _construct(value, done)
    return {**merged, **own}


def _merge(node: Node, done: dict[int, object]) -> dict[str, object]:
    """Give what `<<:` brings in: of several mappings the earlier ones win."""
    sources = node.value if isinstance(node, SequenceNode) else [node]
    merged: dict[str, object] = {}
    for source in sources:
        value = _construct(source, done)
        if not isinstance(value, dict):
            raise YamlError(line_of(node), "'<<' takes a mapping or a list of mappings")
        merged = {**value, **merged}
    return merged


def _is_merge(key: Node) -> bool:
    return bool(key.tag == f"{TAG}merge")


def _scalar(node: Node) -> str | int | float | bool | None:
    text = str(node.value)
    match str(node.tag).removeprefix(TAG):
        case "bool":
            return text.lower() in _TRUE
        case "null":
            return None
        case "int":
            return _integer(text, line_of(node))
        case "float":
            return _number(text, line_of(node))
        case _:
            return text


def _integer(text: str, line: int) -> int | float:
    plain = text.replace("_", "")
    digits = plain.lstrip("+-").lower()
    base = next((b for p, b in (("0x", 16), ("0o", 8), ("0b", 2)) if digits.startswith(p)), 10)
    if base == 10 and len(digits) > 1 and digits.startswith("0"):
        base = 8
    # int() of long decimals is slow and limited; 70 digits hold all 64 bits in base 2
    if len(digits) > 70:
        return _number(plain, line)
    try:
        return int(plain, base)
    except ValueError:
        return _number(plain, line)


def _number(text: str, line: int) -> int | float:
    plain = text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan")
    try:
        number = float(plain)
    except ValueError:
        raise YamlError(line, f"not a number: {text[:40]!r}") from None
    # JSON has one kind of number, and Go writes 1000.0 into it as 1000
    return int(number) if number.is_integer() and abs(number) < 1e21 else number
