"""A container's environment as the kubelet makes it, as far as it can be seen from the Pod.

Source: kubelet makeEnvironmentVariables: envFrom first, then env in order, later entries win, and
`$(NAME)` in a value refers to what was defined before it.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from webhook.domain.kubernetes.budget import Budget, Work
from webhook.domain.kubernetes.config_maps import Files
from webhook.domain.kubernetes.expansion import UNKNOWN, expand
from webhook.domain.kubernetes.pod import (
    Container,
    EnvironmentVariable,
    Pod,
    ResourceReference,
)

_KEY = re.compile(r"[A-Za-z0-9._-]+")
"""A key of a Secret or ConfigMap: `$(hostname -f)` in shell text is none."""

_FIELD = re.compile(r"metadata\.(?P<map>labels|annotations)\['(?P<key>[^']+)'\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Names and values; a value that cannot be seen is UNKNOWN.

    `hidden_prefixes` are those of envFrom sources that cannot be read, by their length: any name
    that starts with one of them may be defined there; `knows_image` tells that the image itself is
    known to define nothing else. `budget` bounds what is made of the values.
    """

    values: Mapping[str, str]
    hidden_prefixes: Mapping[int, AbstractSet[str]]
    knows_image: bool = False
    budget: Budget = field(default_factory=Budget)

    def get(self, name: str) -> str | None:
        """Give a variable's value, UNKNOWN where it may be defined out of sight, None otherwise."""
        value = self.values.get(name)
        if value is not None or not self.hidden_prefixes or not _KEY.fullmatch(name):
            return value
        self.budget.spend(Work.LOOKUPS, len(self.hidden_prefixes))
        is_hidden = any(name[:size] in each for size, each in self.hidden_prefixes.items())
        return UNKNOWN if is_hidden else None

    def lacks(self, name: str) -> bool:
        """Tell whether a variable is certain not to be set."""
        return self.knows_image and self.get(name) is None


def read_environment(
    container: Container, files: Files, pod: Pod, *, knows_image: bool = False
) -> Environment:
    """Read a container's env and envFrom; raises TooComplexError."""
    values: dict[str, str] = {}
    hidden: set[str] = set()
    for source in container.env_from:
        data = None if source.config_map is None else files.config_map(source.config_map)
        if data is None:
            hidden.add(source.prefix)
            continue
        files.budget.spend(Work.VARIABLES, len(data))
        values.update({source.prefix + key: value for key, value in data.items()})
    for variable in container.env:
        if variable.resource is not None:
            files.budget.spend(Work.LOOKUPS, len(pod.containers))
            values[variable.name] = _resource_value(variable.resource, container, pod)
        elif variable.field is not None:
            values[variable.name] = _field_value(variable.field, pod)
        else:
            values[variable.name] = _value(variable, values, files)
    by_length: dict[int, set[str]] = {}
    for prefix in hidden:
        by_length.setdefault(len(prefix), set()).add(prefix)
    return Environment(
        values=values, hidden_prefixes=by_length, knows_image=knows_image, budget=files.budget
    )


def _resource_value(reference: ResourceReference, container: Container, pod: Pod) -> str:
    """Compute a memory limit or request as the kubelet does: in units of the divisor, rounded up.

    A request that is not set is the limit; a limit that is not set is the node's to say. Source:
    k8s.io/kubernetes pkg/api/v1/resource/helpers.go, ExtractContainerResourceValue.
    """
    named = {each.name: each for each in pod.containers} | {container.name: container}
    holder = named.get(reference.container or container.name)
    if holder is None:
        return UNKNOWN
    match reference.resource:
        case "limits.memory":
            amount = holder.memory_limit
        case "requests.memory":
            amount = holder.memory_request or holder.memory_limit
        case _:
            amount = None
    return UNKNOWN if amount is None else str(-(-amount // reference.divisor))


def _field_value(path: str, pod: Pod) -> str:
    """Give a label or an annotation, which is empty where the Pod has none of that name."""
    field = _FIELD.fullmatch(path)
    if field is None:
        return UNKNOWN
    return (pod.labels if field["map"] == "labels" else pod.annotations).get(field["key"], "")


def _value(variable: EnvironmentVariable, defined: Mapping[str, str], files: Files) -> str:
    if variable.value is not None:
        return expand(variable.value, defined.get, files.budget).text
    if variable.config_map is None:
        return UNKNOWN
    value = files.key(variable.config_map.name, variable.config_map.key)
    return UNKNOWN if value is None else value
