"""How much there is to read in a Pod, counted before any of it is parsed.

Parsing an entry takes microseconds, and three mebibytes have room for a hundred thousand.
"""

from collections.abc import Mapping

_CONTAINER = 16
"""What a container counts for: it takes as long as so many variables."""

_CHARACTERS = 64
"""Characters of a command line that count as one entry: each is looked through several times."""


def entries_of_container(item: Mapping[str, object]) -> int:
    """Count the entries of a container's lists, and its commands' characters; at least 16."""
    hooks = _mapping(item.get("lifecycle")).values()
    of_hooks = [_mapping(_mapping(hook).get("exec")).get("command") for hook in hooks]
    commands = [item.get("command"), item.get("args"), *of_hooks]
    lists = [*commands, item.get("env"), item.get("envFrom"), item.get("volumeMounts")]
    words = [word for command in commands if isinstance(command, list) for word in command]
    text = sum([len(word) for word in words if type(word) is str])
    return _CONTAINER + text // _CHARACTERS + sum([len(e) for e in lists if isinstance(e, list)])


def entries_of_volumes(spec: Mapping[str, object]) -> int:
    """Count a Pod's volumes and the files that they name."""
    count = 0
    for volume in map(_mapping, _list(spec.get("volumes"))):
        sources = map(_mapping, _list(_mapping(volume.get("projected")).get("sources")))
        for source in (volume, *sources):
            count += 1 + len(_list(_mapping(source.get("configMap")).get("items")))
    return count


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
