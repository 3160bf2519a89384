"""The JSON Patch that makes a Pod what its evaluation says: minimal, and it always applies.

It adds and replaces single elements and never a list that holds anything, so that what other
webhooks and the user wrote stays as it is.
"""

from collections.abc import Iterator, Mapping, Sequence

from webhook.domain.evaluation.outcome import Evaluation
from webhook.domain.evaluation.status_annotation import encode_status
from webhook.domain.kubernetes.pod import Container, EnvironmentVariable, Pod
from webhook.domain.policy.annotations import GUARDED, INJECTED

PatchOperation = dict[str, object]


def pod_patch(evaluation: Evaluation) -> tuple[PatchOperation, ...]:
    """Write the operations on the Pod, none when it stays as it is."""
    status = encode_status(evaluation)
    return (
        *launch_patch(evaluation),
        *_annotation(evaluation.pod.annotations, status),
        *_label(evaluation.pod, status),
    )


def launch_patch(evaluation: Evaluation) -> tuple[PatchOperation, ...]:
    """Write the operations on command, args and env alone, without annotation and label."""
    return tuple(
        operation
        for outcome in evaluation.outcomes
        if outcome.after is not None
        for operation in _container(outcome.container, outcome.after)
    )


def _container(before: Container, after: Container) -> Iterator[PatchOperation]:
    path = f"/spec/{before.list}/{before.index}"
    yield from _elements(f"{path}/command", before.command, after.command)
    yield from _elements(f"{path}/args", before.args, after.args)
    if before.env is not after.env:
        yield from _variables(f"{path}/env", before.env, after.env)


def _elements(path: str, before: Sequence[str], after: Sequence[str]) -> Iterator[PatchOperation]:
    if not before:
        if after:
            yield {"op": "add", "path": path, "value": list(after)}
        return
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        if old != new:
            yield {"op": "replace", "path": f"{path}/{index}", "value": new}
    for new in after[len(before) :]:
        yield {"op": "add", "path": f"{path}/-", "value": new}
    for index in range(len(before) - 1, len(after) - 1, -1):
        yield {"op": "remove", "path": f"{path}/{index}"}


def _variables(
    path: str, before: Sequence[EnvironmentVariable], after: Sequence[EnvironmentVariable]
) -> Iterator[PatchOperation]:
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        if old.value is None and new.value is not None:
            # An entry may not have both a value and a source of one.
            given: dict[str, object] = {"name": new.name, "value": new.value}
            yield {"op": "replace", "path": f"{path}/{index}", "value": given}
        elif old != new:
            # A value that is "" may be left out on the wire; add sets it either way.
            yield {"op": "add", "path": f"{path}/{index}/value", "value": new.value}
    added = [{"name": new.name, "value": new.value} for new in after[len(before) :]]
    if added and not before:
        yield {"op": "add", "path": path, "value": added}
        return
    for entry in added:
        yield {"op": "add", "path": f"{path}/-", "value": entry}


def _annotation(annotations: Mapping[str, str], status: str | None) -> Iterator[PatchOperation]:
    if status is not None:
        yield from _entry("annotations", annotations, INJECTED, status)
    elif INJECTED in annotations:
        yield _removal("annotations", INJECTED)


def _label(pod: Pod, status: str | None) -> Iterator[PatchOperation]:
    """Write the label, or take it away together with the annotation that it came with.

    One that came alone is somebody's own: without it the Pod may not be its controller's any more,
    which would make another, and another.
    """
    if status is not None:
        yield from _entry("labels", pod.labels, GUARDED, "true")
    elif INJECTED in pod.annotations and GUARDED in pod.labels:
        yield _removal("labels", GUARDED)


def _entry(field: str, before: Mapping[str, str], key: str, value: str) -> Iterator[PatchOperation]:
    if not before:
        yield {"op": "add", "path": f"/metadata/{field}", "value": {key: value}}
    elif before.get(key) != value:
        yield {"op": "add", "path": _path(field, key), "value": value}


def _removal(field: str, key: str) -> PatchOperation:
    return {"op": "remove", "path": _path(field, key)}


def _path(field: str, key: str) -> str:
    return f"/metadata/{field}/{key.replace('/', '~1')}"
