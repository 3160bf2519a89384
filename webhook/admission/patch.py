"""The JSON Patch that makes a Pod what its evaluation says: minimal, and it always applies.

It adds and replaces single elements and never a list that holds anything, so that what other
webhooks and the user wrote stays as it is.
"""

from collections.abc import Iterator, Sequence

from webhook.domain.evaluation.outcome import Evaluation
from webhook.domain.evaluation.status_annotation import encode_status
from webhook.domain.kubernetes.pod import Container, EnvironmentVariable
from webhook.domain.policy.annotations import INJECTED

PatchOperation = dict[str, object]


def pod_patch(evaluation: Evaluation) -> tuple[PatchOperation, ...]:
    """Write the operations on the Pod, none when it stays as it is."""
    return (*launch_patch(evaluation), *_annotation(evaluation))


def launch_patch(evaluation: Evaluation) -> tuple[PatchOperation, ...]:
    """Write the operations on command, args and env alone, without the status annotation."""
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


def _annotation(evaluation: Evaluation) -> Iterator[PatchOperation]:
    path = "/metadata/annotations/" + INJECTED.replace("/", "~1")
    record = encode_status(evaluation)
    annotations = evaluation.pod.annotations
    if record is None:
        if INJECTED in annotations:
            yield {"op": "remove", "path": path}
    elif not annotations:
        yield {"op": "add", "path": "/metadata/annotations", "value": {INJECTED: record}}
    elif annotations.get(INJECTED) != record:
        yield {"op": "add", "path": path, "value": record}
