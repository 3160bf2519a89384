"""Where nodes end in the text, and in which style it is written.

libyaml's marks tell where a node starts; a block collection's end mark is where the next token
starts, behind comments and blank lines, and an alias has the marks of its anchor.
"""

import re
from collections.abc import Iterator, Sequence

from yaml import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from webhook.yamltext.render import Style

_ALIAS = re.compile(r"(?:[ \t\r\n,:?-]|#[^\n]*\n)*\*[^\s,\[\]{}]+")


class Extent:
    """The places of nodes in one text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def is_alias(self, node: Node, floor: int) -> bool:
        """Tell whether an alias stands for the node: its anchor is before `floor`.

        `floor` is the end of what comes before in the text, such as the node's key.
        """
        return bool(node.start_mark.index < floor)

    def end(self, node: Node, floor: int) -> int:
        """Give the position behind the last character of the node; `floor` as in is_alias."""
        if self.is_alias(node, floor):
            found = _ALIAS.match(self._text, floor)
            return found.end() if found else floor
        if isinstance(node, ScalarNode):
            return self._scalar_end(node)
        if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
            return int(node.end_mark.index)
        if isinstance(node, MappingNode):
            key, last = node.value[-1]
            return self.end(last, key.end_mark.index)
        floor = node.start_mark.index
        for item in node.value:
            floor = self.end(item, floor)
        return floor

    def line_after(self, position: int) -> int:
        """Give the start of the line behind the one that `position` is on, comments included."""
        if position and self._text[position - 1] == "\n":
            return position
        found = self._text.find("\n", position)
        return len(self._text) if found < 0 else found + 1

    def dash_column(self, item: Node) -> int:
        """Give the column of the `-` before an item of a block sequence."""
        before = self._text[: item.start_mark.index].rstrip(" ")
        line = before.rfind("\n") + 1
        return len(before) - 1 - line

    def joint_before(self, entry: Node, floor: int) -> str:
        """Give what joins another entry to a flow collection: a new line, if this one has its."""
        if self.is_alias(entry, floor):
            return ", "
        start = entry.start_mark.index
        line = self._text.rfind("\n", 0, start) + 1
        before = self._text[line:start]
        if before.strip() or not line:
            return ", "
        newline = "\r\n" if self._text[line - 2 : line] == "\r\n" else "\n"
        return f",{newline}{before}"

    def quote_of(self, items: Sequence[Node]) -> str:
        """Give the quote that all of the items stand in; empty when they differ or have none."""
        styles = {item.style or "" for item in items if isinstance(item, ScalarNode)}
        quote = styles.pop() if len(styles) == 1 else ""
        return quote if quote in ("'", '"') else ""

    def _scalar_end(self, node: ScalarNode) -> int:
        start, end = node.start_mark.index, node.end_mark.index
        if node.style not in ("|", ">"):
            return int(end)
        source = self._text[start:end]
        header = source.split("\n", 1)[0]
        if "+" in header.split("#")[0]:
            return int(end)
        return int(start + len(source.rstrip()))


def node_style(text: str, root: Node) -> Style:
    """Tell the style of a text by the first nested mapping and sequence in it."""
    mapping = sequence = None
    for column, inner in _block_pairs(root):
        if isinstance(inner, MappingNode) and mapping is None:
            mapping = inner.value[0][0].start_mark.column - column
        if isinstance(inner, SequenceNode) and sequence is None:
            sequence = Extent(text).dash_column(inner.value[0]) - column
    return Style(
        mapping_indent=mapping if mapping and mapping > 0 else 2,
        sequence_indent=sequence if sequence is not None and sequence >= 0 else 2,
        newline="\r\n" if "\r\n" in text else "\n",
    )


def _block_pairs(root: Node) -> Iterator[tuple[int, Node]]:
    """Give each block collection that is a mapping's value, with the column of its key."""
    todo, seen = [root], set()
    while todo:
        node = todo.pop(0)
        if id(node) in seen or not isinstance(node, MappingNode | SequenceNode):
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            todo.extend(node.value)
            continue
        for key, inner in node.value:
            todo.append(inner)
            is_block = isinstance(inner, MappingNode | SequenceNode) and not inner.flow_style
            if is_block and inner.value and inner.start_mark.index > key.end_mark.index:
                yield key.start_mark.column, inner
