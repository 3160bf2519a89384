"""The limits that a namespace's LimitRanges give to a Pod, as their admission plugin does.

Source: plugin/pkg/admission/limitranger: defaultContainerResourceRequirements and
mergeContainerResources. The API server has filled `default` from `max` when it stored the object.
"""

from collections.abc import Iterable, Mapping
from typing import Any

_LISTS = ("containers", "initContainers")
_SIDES = (("limits", "default"), ("requests", "defaultRequest"))


def with_default_limits(
    manifest: Mapping[str, Any], limit_ranges: Iterable[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Give a Pod's manifest with the memory that LimitRanges add where a container says none.

    Several are applied by name, the first that says something wins: the plugin knows no order.
    """
    ordered = sorted(limit_ranges, key=lambda each: str(each["metadata"]["name"]))
    defaults = [item for each in ordered for item in _container_items(each)]
    if not any(item.get(key) for item in defaults for _, key in _SIDES):
        return manifest
    spec = dict(manifest["spec"])
    for name in _LISTS:
        if spec.get(name):
            spec[name] = [_filled(container, defaults) for container in spec[name]]
    return {**manifest, "spec": spec}


def _container_items(limit_range: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    items = (limit_range.get("spec") or {}).get("limits") or ()
    return [item for item in items if item.get("type") == "Container"]


def _filled(
    container: Mapping[str, Any], defaults: Iterable[Mapping[str, Any]]
) -> Mapping[str, Any]:
    resources = dict(container.get("resources") or {})
    for side, key in _SIDES:
        amounts = dict(resources.get(side) or {})
        for item in defaults:
            memory = (item.get(key) or {}).get("memory")
            if memory is not None:
                amounts.setdefault("memory", memory)
        if amounts:
            resources[side] = amounts
    return {**container, "resources": resources}
