"""Apply the operations of a JSON Patch (RFC 6902) that the core writes: add, replace, remove."""

from collections.abc import Mapping, Sequence
from typing import cast

from webhook.admission.patch import PatchOperation


def apply_patch(content: object, operations: Sequence[PatchOperation]) -> object:
    """Give the content after the operations; what they do not touch is shared, never copied."""
    for operation in operations:
        path = str(operation["path"]).split("/")[1:]
        steps = [step.replace("~1", "/").replace("~0", "~") for step in path]
        content = _applied(content, steps, operation)
    return content


def _applied(content: object, steps: Sequence[str], operation: PatchOperation) -> object:
    if not steps:
        return operation["value"]
    head, *rest = steps
    if isinstance(content, Mapping):
        return _in_mapping(cast("Mapping[str, object]", content), head, rest, operation)
    if isinstance(content, list):
        return _in_list(content, head, rest, operation)
    raise ValueError(f"{operation['path']}: no object or list at {head!r}")


def _in_mapping(
    content: Mapping[str, object], key: str, rest: Sequence[str], operation: PatchOperation
) -> object:
    if not rest and operation["op"] == "remove":
        return {name: item for name, item in content.items() if name != key}
    return {**content, key: _applied(content.get(key), rest, operation)}


def _in_list(
    content: list[object], place: str, rest: Sequence[str], operation: PatchOperation
) -> object:
    index = len(content) if place == "-" else int(place)
    before, after = content[:index], content[index + 1 :]
    if rest:
        return [*before, _applied(content[index], rest, operation), *after]
    if operation["op"] == "add":
        return [*before, operation["value"], *content[index:]]
    if operation["op"] == "remove":
        return [*before, *after]
    return [*before, operation["value"], *after]
