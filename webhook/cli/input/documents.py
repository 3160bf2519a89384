"""The documents of a text and the Kubernetes objects in them, as kubectl would take them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from webhook.cli.input.sources import InputProblem, Source
from webhook.yamltext.documents import TextDocument, compose, split_documents
from webhook.yamltext.values import YamlError, construct, key_text, line_of

FieldPath = tuple[str | int, ...]

# Lines are found by composing JSON as YAML, which costs too much for the dump of a cluster.
_MAX_JSON_WITH_LINES = 1024 * 1024
_STEP = re.compile(r"\[([0-9]+)\]|\.?([^.\[\]]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument:
    """One document of a source: its text, and what it stands for.

    `node` tells where in the text each part stands, None where that is not known.
    """

    source: str
    place: TextDocument
    is_json: bool
    content: object
    node: Node | None = field(repr=False, compare=False)

    def line_at(self, path: FieldPath) -> int:
        """Give the line on which a field stands, or the nearest field around it that is known."""
        if self.node is None:
            return self.place.line
        return self.place.line - 1 + _line_at(self.node, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One Kubernetes object, which is a whole document or an item of a List in it (`path`)."""

    inside: SourceDocument
    path: FieldPath
    kind: str
    content: Mapping[str, object]

    @property
    def source(self) -> str:
        """The name of the source, as the user gave it."""
        return self.inside.source

    @property
    def index(self) -> int:
        """The number of the document in its source, from 0."""
        return self.inside.place.index

    @property
    def name(self) -> str:
        """The name of the object; empty when it has none."""
        return self._metadata("name") or self._metadata("generateName")

    @property
    def namespace(self) -> str:
        """The namespace that the object names; empty when it names none."""
        return self._metadata("namespace")

    def line_at(self, path: FieldPath = ()) -> int:
        """Give the line of the object, or of a field in it."""
        return self.inside.line_at(self.path + path)

    def _metadata(self, key: str) -> str:
        metadata = self.content.get("metadata")
        value = metadata.get(key) if isinstance(metadata, Mapping) else None
        return value if isinstance(value, str) else ""


def read_documents(source: Source) -> Iterator[SourceDocument | InputProblem]:
    """Read every document of a text; a bad one becomes a problem and hides no other."""
    start = source.text.lstrip()[:1]
    if start in ("{", "["):
        documents = list(_json_documents(source))
        # what starts like JSON may also be YAML in flow style
        if source.name.endswith(".json") or not isinstance(documents[-1], InputProblem):
            yield from documents
            return
    for place in split_documents(source.text):
        yield _yaml_document(source.name, place)


def objects_of(document: SourceDocument) -> Iterator[Document | InputProblem]:
    """Give the Kubernetes objects of a document, those of a List one by one."""
    if document.content is not None:
        yield from _objects(document, (), document.content, "")


def parse_field_path(text: str) -> FieldPath:
    """Parse `spec.containers[0].args[1]`, the form in which the core names fields."""
    return tuple(int(index) if index else key for index, key in _STEP.findall(text))


def _yaml_document(source: str, place: TextDocument) -> SourceDocument | InputProblem:
    try:
        node = compose(place.text)
        content = None if node is None else construct(node)
    except YamlError as error:
        line = place.line - 1 + error.line
        return InputProblem(source=source, document=place.index, line=line, problem=error.problem)
    return SourceDocument(source=source, place=place, is_json=False, content=content, node=node)


def _json_documents(source: Source) -> Iterator[SourceDocument | InputProblem]:
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    text, position = source.text, _skip_space(source.text, 0)
    for index in range(len(text)):
        if position == len(text):
            return
        line = text.count("\n", 0, position) + 1
        try:
            content, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            at = error.lineno if isinstance(error, json.JSONDecodeError) else line
            what = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            yield InputProblem(
                source=source.name, document=index, line=at, problem=f"not JSON: {what}"
            )
            return
        place = TextDocument(index=index, start=position, line=line, text=text[position:end])
        yield SourceDocument(
            source=source.name, place=place, is_json=True, content=content, node=_json_node(place)
        )
        position = _skip_space(text, end)


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no value")


def _json_node(place: TextDocument) -> Node | None:
    if len(place.text) > _MAX_JSON_WITH_LINES:
        return None
    try:
        return compose(place.text)
    except YamlError:
        return None


def _objects(
    document: SourceDocument, path: FieldPath, content: object, kind: str
) -> Iterator[Document | InputProblem]:
    if not isinstance(content, Mapping):
        what = "a list" if isinstance(content, list) else "a single value"
        yield InputProblem(
            source=document.source,
            document=document.place.index,
            line=document.line_at(path),
            problem=f"is no Kubernetes object but {what}",
        )
        return
    own = content.get("kind")
    kind = own if isinstance(own, str) else kind
    items = content.get("items")
    if kind.endswith("List") and isinstance(items, Sequence) and not isinstance(items, str):
        for index, item in enumerate(items):
            # the API leaves the kind out of the items of a PodList
            yield from _objects(document, (*path, "items", index), item, kind.removesuffix("List"))
        return
    yield Document(inside=document, path=path, kind=kind, content=content)


def _line_at(node: Node, path: FieldPath) -> int:
    line = line_of(node)
    for step in path:
        child = _child(node, step)
        if child is None:
            return line
        key, node = child
        line = line_of(key)
    return line


def _child(node: Node, step: str | int) -> tuple[Node, Node] | None:
    """Give the node of a key or index, and the node at whose line it stands."""
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    if isinstance(node, MappingNode):
        for key, value in reversed(node.value):
            if isinstance(key, ScalarNode) and key_text(key) == step:
                return key, value
    return None
