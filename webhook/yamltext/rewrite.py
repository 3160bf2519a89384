"""Change a YAML text so that it reads otherwise, and touch nothing but what differs.

Comments, order, quotes, indentation, blank lines and line breaks of all the rest stay as they are,
which no parse-and-dump round trip gives. The result is read again and compared before it is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from webhook.yamltext.documents import compose
from webhook.yamltext.edits import Edits
from webhook.yamltext.extent import Extent, node_style
from webhook.yamltext.render import flow, item_lines, pair_lines, scalar
from webhook.yamltext.splice import rewrite_literal, splice
from webhook.yamltext.values import YamlError, construct, key_text


class RewriteError(ValueError):
    """A change that cannot be made in the text as it is written."""


class _Manner(Enum):
    """How a text in the document is changed, the least intrusive first."""

    SPLICED = auto()
    LITERAL = auto()
    QUOTED = auto()


def rewrite(text: str, content: object, order: Sequence[str] = ()) -> str:
    """Make a document read `content`; new keys come behind the ones before them in `order`.

    Raises RewriteError where the change would have to be made behind an alias, or in notation
    that cannot be edited, and YamlError when the text is no YAML.
    """
    node = compose(text)
    if node is None:
        raise RewriteError("the document is empty")
    for manner in _Manner:
        changed = _Rewriter(text, node, order, manner).apply(content)
        if _reads(changed, content):
            return changed
    raise RewriteError("the text is written in a way that cannot be edited safely")


def _reads(text: str, content: object) -> bool:
    try:
        node = compose(text)
        return node is not None and construct(node) == content
    except YamlError:
        return False


class _Rewriter:
    """One walk over a node and the value it should have, which collects edits of the text."""

    def __init__(self, text: str, node: Node, order: Sequence[str], manner: _Manner) -> None:
        self._text = text
        self._node = node
        self._order = {key: position for position, key in enumerate(order)}
        self._manner = manner
        self._extent = Extent(text)
        self._style = node_style(text, node)
        self._edits = Edits(text, self._style.newline)
        self._seen: dict[int, object] = {}

    def apply(self, content: object) -> str:
        self._visit(self._node, content, floor=0, flowing=False)
        return self._edits.apply()

    def _visit(self, node: Node, value: object, *, floor: int, flowing: bool) -> None:
        if construct(node) == value:
            return
        if self._extent.is_alias(node, floor):
            if self._seen.get(id(node)) == value:
                return
            raise RewriteError("the change stands behind an alias: make it where the anchor is")
        self._seen[id(node)] = value
        match node:
            case MappingNode() if isinstance(value, Mapping):
                self._visit_mapping(node, value, flowing=flowing or bool(node.flow_style))
            case SequenceNode() if isinstance(value, list):
                self._visit_sequence(node, value, flowing=flowing or bool(node.flow_style))
            case ScalarNode() if not isinstance(value, list | Mapping):
                self._replace_scalar(node, value)
            case _:
                end = self._extent.end(node, floor)
                text = flow(value, self._quotes(flowing=flowing))
                self._put(node.start_mark.index, end, text)

    def _visit_mapping(
        self, node: MappingNode, value: Mapping[str, object], *, flowing: bool
    ) -> None:
        before = construct(node)
        if not isinstance(before, dict) or any(key not in value for key in before):
            raise RewriteError("a key would have to be removed")
        own = {key_text(key): (key, inner) for key, inner in node.value}
        for name, (key, inner) in own.items():
            if name in value:
                self._visit_value(node, key, inner, value[name], flowing=flowing)
        # what came by a merge key is overridden by a key of the mapping's own
        added = {
            name: item
            for name, item in value.items()
            if name not in own and (name not in before or before[name] != item)
        }
        for name in sorted(added, key=lambda name: self._order.get(name, len(self._order))):
            self._add_pair(node, name, added[name], flowing=flowing)

    def _visit_value(
        self, node: MappingNode, key: Node, inner: Node, value: object, *, flowing: bool
    ) -> None:
        floor = key.end_mark.index
        is_empty = isinstance(inner, ScalarNode) and inner.value == "" and not inner.style
        if flowing or not is_empty or not isinstance(value, list | Mapping) or not value:
            self._visit(inner, value, floor=floor, flowing=flowing)
            return
        # `resources:` with nothing behind it
        name, *lines = pair_lines(key_text(key), value, self._style)
        del name
        end = self._extent.line_after(self._extent.end(inner, floor))
        self._edits.insert_lines(end, node.value[0][0].start_mark.column, lines)

    def _add_pair(self, node: MappingNode, name: str, value: object, *, flowing: bool) -> None:
        key, last = self._anchor(node, name)
        if flowing:
            text = f"{scalar(name, self._quotes(flowing=True))}: "
            text += flow(value, self._quotes(flowing=True))
            joint = self._extent.joint_before(key, 0) if key else ""
            end = self._extent.end(last, key.end_mark.index) if key and last else None
            self._insert_flow(node, end, joint, [text])
            return
        if key is None or last is None:
            raise RewriteError("an empty mapping in block style")
        end = self._extent.line_after(self._extent.end(last, key.end_mark.index))
        lines = pair_lines(name, value, self._style)
        if isinstance(value, list) and _has_flow_neighbour(node):
            lines = [f"{scalar(name)}: {flow(value, self._style.quote)}"]
        self._edits.insert_lines(end, node.value[0][0].start_mark.column, lines)

    def _anchor(self, node: MappingNode, name: str) -> tuple[Node, Node] | tuple[None, None]:
        """Give the pair behind which a new key goes: the last one that is before it in order."""
        place = self._order.get(name, len(self._order))
        known = [pair for pair in node.value if self._order.get(pair[0].value, place + 1) < place]
        pairs = known or node.value
        return pairs[-1] if pairs else (None, None)

    def _visit_sequence(self, node: SequenceNode, value: list[object], *, flowing: bool) -> None:
        if len(value) < len(node.value):
            raise RewriteError("an element would have to be removed")
        before = end = node.start_mark.index
        for item, new in zip(node.value, value, strict=False):
            before, end = end, self._extent.end(item, end)
            self._visit(item, new, floor=before, flowing=flowing)
        added = value[len(node.value) :]
        if not added:
            return
        quote = self._extent.quote_of(node.value)
        if flowing:
            new_items = [flow(item, self._quotes(flowing=True) or quote) for item in added]
            joint = self._extent.joint_before(node.value[-1], before) if node.value else ""
            self._insert_flow(node, end if node.value else None, joint, new_items)
            return
        style = replace(self._style, quote=quote)
        column = self._extent.dash_column(node.value[0])
        self._edits.insert_lines(self._extent.line_after(end), column, item_lines(added, style))

    def _replace_scalar(self, node: ScalarNode, value: object) -> None:
        start, end = node.start_mark.index, self._extent.end(node, 0)
        self._put(start, end, self._scalar(node, value, self._text[start:end]))

    def _scalar(self, node: ScalarNode, value: object, source: str) -> str:
        if self._manner is _Manner.SPLICED and isinstance(value, str) and node.value != value:
            spliced = splice(source, node.value, value)
            if spliced is not None:
                return spliced
        if self._manner is not _Manner.QUOTED and node.style == "|" and isinstance(value, str):
            return rewrite_literal(source, value)
        return scalar(value, node.style if node.style in ("'", '"') else "")

    def _put(self, start: int, end: int, text: str) -> None:
        """Replace a value; behind `key:` and `-` with nothing after them it needs a space."""
        is_bare = start == end and self._text[start - 1 : start] in (":", "-")
        self._edits.replace(start, end, f" {text}" if is_bare else text)

    def _insert_flow(self, node: Node, end: int | None, joint: str, new: Sequence[str]) -> None:
        """Insert behind the last entry's end, which is None in an empty collection."""
        if end is None:
            bracket = "{" if isinstance(node, MappingNode) else "["
            start = self._text.index(bracket, node.start_mark.index) + 1
            self._edits.insert(start, ", ".join(new))
            return
        self._edits.insert(end, "".join(joint + item for item in new))

    def _quotes(self, *, flowing: bool) -> str:
        """Quote in flow style as JSON does, where the whole document is flow style."""
        return '"' if flowing and bool(getattr(self._node, "flow_style", False)) else ""


def _has_flow_neighbour(node: MappingNode) -> bool:
    """Tell whether another list of single values, such as `command`, is written in brackets."""
    sequences = [value for _, value in node.value if isinstance(value, SequenceNode)]
    return any(
        value.flow_style and value.value and isinstance(value.value[0], ScalarNode)
        for value in sequences
    )
