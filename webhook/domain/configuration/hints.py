"""What a Pod says elsewhere of a configuration that cannot be seen.

Charts let an init container, or the launch itself, copy and extend a ConfigMap's file: valkey's,
redis-ha, Argo CD's. Then the file that the server reads is out of sight, and what it is made of is
not. Such hints only ever lower a ceiling and keep an eviction policy away.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import basename

from webhook.domain.kubernetes.budget import Work
from webhook.domain.kubernetes.environment import read_environment
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.kubernetes.pod import ConfigMapFiles, Container, VolumeMount
from webhook.domain.launch.context import ContainerContext
from webhook.domain.redis.directives import (
    Directive,
    DirectiveError,
    parse_config,
    parse_memory,
)

_LONGEST = 1 << 16
"""Characters of a text that is read for hints; configurations are far shorter."""

_WORDS = ("maxmemory", "appendonly", "save ")
_DIRECTIVES = frozenset({
    "appendonly", "bind", "databases", "dbfilename", "dir", "include", "maxclients", "maxmemory",
    "maxmemory-policy", "port", "protected-mode", "replicaof", "requirepass", "save", "slaveof",
    "tcp-keepalive", "timeout",
})  # fmt: skip
"""Some that tell a configuration from any other text."""

_WRITTEN = re.compile(
    r"(?<![\w.-])(?:--)?(?P<name>maxmemory|maxmemory-policy)[ \t]+[\"']?"
    r"(?:(?P<value>[\w-]{1,40})|\$\{?(?P<variable>[A-Za-z_]\w{0,60})(?::?-(?P<default>[\w-]{1,40}))?)",
    re.IGNORECASE | re.ASCII,
)
_ASSIGNED = re.compile(
    r"(?<![\w.-])(?P<name>[A-Za-z_]\w{0,60})=[\"']?(?P<value>[\w-]{1,40})", re.ASCII
)
_WRITES = re.compile(r">|\btee\b|\bsed\b")
_PERSISTENCE = ("save", "appendonly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Hints at one server's configuration.

    `maxmemory` is the least of the ceilings found, in bytes. `is_copied` tells that all of it
    stands in files of the name of the one that cannot be seen. `persistence` are the `save` and
    `appendonly` directives of such files. `sources` say where it was found.
    """

    maxmemory: int | None
    eviction_policies: frozenset[str]
    persistence: tuple[Directive, ...]
    sources: tuple[str, ...]
    is_copied: bool


@dataclass(slots=True, kw_only=True)
class _Found:
    """One text with what it says."""

    source: str
    name: str
    is_configuration: bool
    directives: Sequence[Directive] = field(default=())


def read_hints(
    context: ContainerContext, hidden: Iterable[str], seen: Collection[str]
) -> Hints | None:
    """Look for a configuration of which the files `hidden` cannot be seen; None without any hint.

    Files of the same names count before all others; the texts `seen` are known already. Raises
    TooComplexError.
    """
    names = {basename(path) for path in hidden}
    found = [each for each in _found(context, seen) if each.directives]
    copied = [each for each in found if each.is_configuration and each.name in names]
    chosen = copied or found
    least, policies = min(_ceilings(chosen), default=None), frozenset(_policies(chosen))
    persistence = tuple(_of_persistence(copied))
    if least is None and not policies and not persistence:
        return None
    return Hints(
        maxmemory=least,
        eviction_policies=policies,
        persistence=persistence,
        sources=tuple(dict.fromkeys(each.source for each in chosen)),
        is_copied=bool(copied),
    )


def _of_persistence(copied: Iterable[_Found]) -> Iterator[Directive]:
    for each in copied:
        yield from (directive for directive in each.directives if directive.name in _PERSISTENCE)


def _ceilings(found: Iterable[_Found]) -> Iterator[int]:
    for value in _said(found, "maxmemory"):
        amount = parse_memory(value)
        if amount:
            yield amount


def _policies(found: Iterable[_Found]) -> Iterator[str]:
    return (value.lower() for value in _said(found, "maxmemory-policy"))


def _said(found: Iterable[_Found], name: str) -> Iterator[str]:
    """Give the value of a configuration's last line of a name, and of each that a script writes."""
    for each in found:
        of_name = [directive for directive in each.directives if directive.name == name]
        for directive in of_name[-1:] if each.is_configuration else of_name:
            if directive.values and directive.values[0] is not None:
                yield directive.values[0]


def _found(context: ContainerContext, seen: Collection[str]) -> Iterator[_Found]:
    for container, config_map, key, text in _mounted(context):
        if text not in seen:
            yield _read(f"ConfigMap {config_map}", key, text, container, context)
    for container in context.pod.containers:
        for text in _written(container):
            yield _read(f"container {container.name}", "", text, container, context)


def _mounted(context: ContainerContext) -> Iterator[tuple[Container, str, str, str]]:
    """Give container, name, file name and text of each file that it has of a ConfigMap.

    They are asked for once nothing is missing that the launch itself names.
    """
    files = context.files
    read = files.given if files.wanted else lambda name: files.config_map(name) or {}
    seen: set[tuple[str, str]] = set()
    for container in context.pod.containers:
        for mount in container.mounts:
            for config_map in files.volume(mount).config_maps:
                data = read(config_map.name)
                files.budget.spend(Work.LOOKUPS, 1 + len(data))
                for key, name in _keys(config_map, mount, data):
                    if (config_map.name, key) not in seen and _may_tell(data[key]):
                        seen.add((config_map.name, key))
                        yield container, config_map.name, name, data[key]


def _keys(
    config_map: ConfigMapFiles, mount: VolumeMount, data: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Give each key that a mount shows, with the name of its file there."""
    pairs = config_map.items if config_map.items is not None else [(key, key) for key in data]
    for key, path in pairs:
        if key in data and (not mount.sub_path or mount.sub_path == path):
            yield key, basename(mount.path if mount.sub_path else path)


def _written(container: Container) -> Iterator[str]:
    """Give the texts by which a container may write a file, and values that it may write."""
    words = [word for word in (*container.command, *container.args) if _WRITES.search(word)]
    values = [each.value for each in container.env if each.value is not None]
    return (text for text in (*words, *values) if _may_tell(text))


def _may_tell(text: str) -> bool:
    return len(text) <= _LONGEST and any(word in text.lower() for word in _WORDS)


def _read(
    source: str, name: str, text: str, container: Container, context: ContainerContext
) -> _Found:
    context.files.budget.spend(Work.CONFIGURATION, len(text))
    directives = _configuration(text, name)
    if directives is not None:
        return _Found(source=source, name=name, is_configuration=True, directives=directives)
    written = list(_WRITTEN.finditer(text))
    variables: Mapping[str, Collection[str]] = {}
    if any(each["variable"] for each in written):
        variables = _variables(text, container, context)
    directives = [
        Directive(name=each["name"].lower(), values=(value,), source=name)
        for each in written
        for value in (each["value"], each["default"], *variables.get(each["variable"], ()))
        if value
    ]
    return _Found(source=source, name=name, is_configuration=False, directives=directives)


def _variables(
    text: str, container: Container, context: ContainerContext
) -> Mapping[str, Collection[str]]:
    """Give what the variables of a container's text may hold, as far as that can be seen."""
    found: dict[str, set[str]] = {}
    for name, value in read_environment(container, context.files, context.pod).values.items():
        if UNKNOWN not in value:
            found[name] = {value}
    for assigned in _ASSIGNED.finditer(text):
        found.setdefault(assigned["name"], set()).add(assigned["value"])
    return found


def _configuration(text: str, name: str) -> Sequence[Directive] | None:
    """Read a configuration; None for a script or any other text."""
    if text.startswith("#!"):
        return None
    try:
        directives = parse_config(text, name)
    except DirectiveError:
        return None
    is_one = directives and all(each.name in _DIRECTIVES or each.values for each in directives)
    return directives if is_one and any(each.name in _DIRECTIVES for each in directives) else None
