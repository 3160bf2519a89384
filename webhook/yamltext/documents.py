"""The documents of a YAML text, each composed on its own, so that one bad document hides no other.

Hostile text is refused before it can hurt: deep nesting overflows the C stack of libyaml's
binding, and aliases of aliases ("billion laughs") expand without bound.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml import CollectionNode, MappingNode, Node
from yaml.reader import ReaderError

from webhook.yamltext.values import PATTERNS, YamlError, line_of

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

MAX_DEPTH = 100
MAX_EXPANSION = 1_000_000
_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_CONTENTLESS = re.compile(r"(?:[ \t\ufeff]*(?:#[^\n]*|%[^\n]*|\r)?(?:\n|\Z))*\Z")


class _Loader(_SafeLoader):
    """libyaml with the scalars of Kubernetes; only composes, see `values.construct`."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own attribute, shared by design


for _tag, _pattern in PATTERNS.items():
    _Loader.add_implicit_resolver(_tag, _pattern, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDocument:
    """One document: its number from 0, where it starts in the whole text, and on which line."""

    index: int
    start: int
    line: int
    text: str


def split_documents(text: str) -> Iterator[TextDocument]:
    """Split a text at its `---` lines, as kubectl does; comments before the first one join it."""
    starts = [found.start() for found in _SEPARATOR.finditer(text)]
    if not starts or not _CONTENTLESS.match(text[: starts[0]]):
        starts.insert(0, 0)
    starts[0] = 0
    line = 1
    for index, (start, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True)):
        yield TextDocument(index=index, start=start, line=line, text=text[start:end])
        line += text.count("\n", start, end)


def compose(text: str) -> Node | None:
    """Compose the one document of `text`, None when it is empty.

    Raises YamlError, its line counted within `text`, for what is no YAML, holds a second document,
    nests deeper than MAX_DEPTH or expands to more than MAX_EXPANSION nodes by aliases.
    """
    try:
        _refuse_depth(text)
        node: Node | None = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise YamlError(line, error.problem or "not YAML") from None
    except (ReaderError, UnicodeEncodeError) as error:
        raise YamlError(_unreadable_line(text, error), "holds what is no YAML character") from None
    if node is not None:
        _refuse_expansion(node)
    return node


def _refuse_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            mark = event.start_mark
            line = 1 if mark is None else mark.line + 1
            raise YamlError(line, f"nested deeper than {MAX_DEPTH} levels")


def _refuse_expansion(root: Node) -> None:
    """Measure every node once, children first; an alias counts as often as it is used."""
    sizes: dict[int, tuple[int, int]] = {}
    entered: set[int] = set()
    stack = [root]
    while stack:
        node = stack[-1]
        children = _children(node)
        if id(node) not in entered:
            entered.add(id(node))
            for child in children:
                if id(child) in entered and id(child) not in sizes:
                    raise YamlError(line_of(child), "an alias stands inside its own anchor")
            stack.extend(child for child in children if id(child) not in entered)
            continue
        stack.pop()
        size = 1 + sum(sizes[id(child)][0] for child in children)
        depth = 1 + max((sizes[id(child)][1] for child in children), default=0)
        if size - len(entered) > MAX_EXPANSION or depth > MAX_DEPTH + 1:
            raise YamlError(line_of(node), "aliases expand beyond what any manifest needs")
        sizes[id(node)] = (size, depth)


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, CollectionNode) else []


def _unreadable_line(text: str, error: ReaderError | UnicodeEncodeError) -> int:
    position = error.start if isinstance(error, UnicodeEncodeError) else error.position
    return text.count("\n", 0, position) + 1
