"""The memory limit that a LimitRange of the input gives to containers which have none.

Source: Kubernetes, plugin/pkg/admission/limitranger (mergeContainerResources) and the defaults of
pkg/apis/core/v1/defaults.go: an item of type Container whose `default` names no memory takes its
`max`. The plugin runs before webhooks, and fills in only what is not there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from webhook.cli.input.documents import Document
from webhook.domain.kubernetes.pod import ContainerList

_LISTS = (ContainerList.CONTAINERS, ContainerList.INIT_CONTAINERS)


def default_limits(objects: Iterable[Document], namespace: str) -> Mapping[str, object]:
    """Give the memory limit by namespace; `namespace` is of the LimitRanges that name none.

    Of several in one namespace the first counts, as the plugin keeps what an earlier one set.
    """
    found: dict[str, object] = {}
    for document in objects:
        amount = _default(document.content) if document.kind == "LimitRange" else None
        if amount is not None:
            found.setdefault(document.namespace or namespace, amount)
    return found


def with_default_limit(pod: Mapping[str, object], amount: object) -> Mapping[str, object]:
    """Give a Pod's manifest with the limit in every container that has none; the rest is shared."""
    spec = _object(pod.get("spec"))
    limited: dict[str, object] = {
        name: [_limited(item, amount) for item in items]
        for name in _LISTS
        if isinstance(items := spec.get(name), list)
    }
    return {**pod, "spec": {**spec, **limited}}


def _default(content: Mapping[str, object]) -> object:
    items = _object(content.get("spec")).get("limits")
    if not isinstance(items, Sequence) or isinstance(items, str):
        return None
    for item in map(_object, items):
        if item.get("type") == "Container":
            chosen = _object(item.get("default")).get("memory")
            amount = _object(item.get("max")).get("memory") if chosen is None else chosen
            if amount is not None:
                return amount
    return None


def _limited(container: Any, amount: object) -> Any:
    """Add the limit; what is no container is left for the core to refuse."""
    if not isinstance(container, Mapping):
        return container
    resources = _object(container.get("resources"))
    limits = _object(resources.get("limits"))
    if limits.get("memory") is not None:
        return container
    return {**container, "resources": {**resources, "limits": {**limits, "memory": amount}}}


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
