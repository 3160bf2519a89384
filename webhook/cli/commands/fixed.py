"""Manifests as they should be: the injections made in the texts that they came from."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import jsonpatch

from webhook.admission.patch import PatchOperation, launch_patch
from webhook.cli.input.documents import Document, FieldPath, SourceDocument
from webhook.cli.input.manifests import EvaluatedWorkload, Manifests
from webhook.cli.input.sources import Source
from webhook.cli.report.finding import finding_in_file
from webhook.domain.evaluation.outcome import Outcome
from webhook.domain.kubernetes.quantity import format_bytes, parse_bytes
from webhook.domain.reasons import Reason
from webhook.yamltext.rewrite import RewriteError, rewrite
from webhook.yamltext.values import YamlError

_ORDER = (
    "apiVersion",
    "kind",
    "metadata",
    "name",
    "image",
    "imagePullPolicy",
    "workingDir",
    "command",
    "args",
    "ports",
    "envFrom",
    "env",
    "resources",
)
"""Keys of a container in the order that people write them in."""

_JSON_INDENT = re.compile(r"[\[{]\r?\n([ \t]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """One source and its text as it should be; `failures` tell what could not be written."""

    source: Source
    text: str
    failures: tuple[str, ...]


def with_memory_limit(
    manifests: Manifests, evaluated: Sequence[EvaluatedWorkload], limit: str
) -> tuple[Manifests, tuple[str, ...]]:
    """Give every server without a memory limit one, and tell where that cannot be."""
    failures: list[str] = []
    changed: dict[tuple[str, int, FieldPath], Document] = {}
    for workload in evaluated:
        operations: list[PatchOperation] = []
        for outcome in workload.evaluation.outcomes:
            if outcome.server and outcome.reason is Reason.NO_MEMORY_LIMIT:
                request = outcome.container.memory_request or 0
                if request > parse_bytes(limit):
                    finding = finding_in_file(workload, outcome)
                    failures.append(
                        f"{finding.location}: {finding.title}: its memory request of "
                        f"{format_bytes(request)} is over {limit}"
                    )
                    continue
                operations += _limit_patch(workload, outcome, limit)
        if operations:
            changed[_key(workload.document)] = _patched(workload, operations)
    objects = tuple(changed.get(_key(item), item) for item in manifests.objects)
    return replace(manifests, objects=objects), tuple(failures)


def inject(manifests: Manifests, evaluated: Sequence[EvaluatedWorkload]) -> Iterator[Fixed]:
    """Write every source anew with the injections made; one without a change keeps its text."""
    objects = {_key(item): item for item in manifests.objects}
    for workload in evaluated:
        operations = launch_patch(workload.evaluation)
        if operations:
            objects[_key(workload.document)] = _patched(workload, operations)
    inside: dict[tuple[str, int], list[Document]] = {}
    for item in objects.values():
        inside.setdefault((item.source, item.index), []).append(item)
    for source in manifests.sources:
        own = [document for document in manifests.documents if document.source == source.name]
        contents = [_content(each, inside.get((source.name, each.place.index), ())) for each in own]
        yield _write(source, own, contents)


def _applied(content: object, operations: Sequence[PatchOperation]) -> object:
    """Apply JSON Patch to a copy in which nothing is shared, as YAML's aliases share it."""
    return jsonpatch.apply_patch(json.loads(json.dumps(content)), operations, in_place=True)


def _limit_patch(
    workload: EvaluatedWorkload, outcome: Outcome, limit: str
) -> Iterator[PatchOperation]:
    """Add resources.limits.memory and whatever of it is not there yet."""
    steps = ("spec", str(outcome.container.list), str(outcome.container.index))
    container: object = workload.manifest.content
    for step in steps:
        container = container[int(step)] if isinstance(container, list) else _get(container, step)
    path = "/" + "/".join(steps)
    for key in ("resources", "limits"):
        container = _get(container, key)
        path = f"{path}/{key}"
        if container is None:
            yield {"op": "add", "path": path, "value": {}}
    yield {"op": "add", "path": f"{path}/memory", "value": limit}


def _get(content: object, key: str) -> object:
    return content.get(key) if isinstance(content, Mapping) else None


def _patched(workload: EvaluatedWorkload, operations: Sequence[PatchOperation]) -> Document:
    prefix = "".join(f"/{step}" for step in workload.manifest.template)
    moved = [{**operation, "path": f"{prefix}{operation['path']}"} for operation in operations]
    content = _applied(workload.document.content, moved)
    assert isinstance(content, Mapping)  # noqa: S101 - no operation replaces the whole object
    return replace(workload.document, content=content)


def _key(document: Document) -> tuple[str, int, FieldPath]:
    return document.source, document.index, document.path


def _write(
    source: Source, documents: Sequence[SourceDocument], contents: Sequence[object]
) -> Fixed:
    text, failures = source.text, []
    # from the end, so that the places of the documents before stay
    for document, content in reversed(tuple(zip(documents, contents, strict=True))):
        if content == document.content:
            continue
        start, end = document.place.start, document.place.start + len(document.place.text)
        try:
            text = text[:start] + _rewritten(document, content) + text[end:]
        except RewriteError as error:
            failures.append(
                f"{source.name}: document {document.place.index}, line {document.place.line}: "
                f"not changed: {error}"
            )
    return Fixed(source=source, text=text, failures=tuple(reversed(failures)))


def _content(document: SourceDocument, objects: Sequence[Document]) -> object:
    """Put the objects of a document back into it."""
    content = document.content
    for item in objects:
        path = "".join(f"/{step}" for step in item.path)
        content = _applied(content, [{"op": "replace", "path": path, "value": item.content}])
    return content


def _rewritten(document: SourceDocument, content: object) -> str:
    text = document.place.text
    if not document.is_json:
        return rewrite(text, content, _ORDER)
    try:
        changed = rewrite(text, content, _ORDER)
        if json.loads(changed) == content:
            return changed
    except (RewriteError, YamlError, ValueError):
        # JSON that YAML reads otherwise, such as escaped surrogates, is written anew
        pass
    found = _JSON_INDENT.match(text)
    separators = None if found or ": " in text else (",", ":")
    ascii_only = text.isascii()
    indent = found[1] if found else None
    return json.dumps(content, indent=indent, separators=separators, ensure_ascii=ascii_only)
