"""Read the fields of a manifest by their types; an error names the path of its field."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from webhook.domain.kubernetes.quantity import QuantityError, parse_bytes


class PodError(ValueError):
    """A Pod that cannot be read: `path: what was expected`."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


def as_bytes(value: object, path: str) -> int:
    """Read a quantity as bytes; raises PodError."""
    try:
        return parse_bytes(value)
    except QuantityError as error:
        raise PodError(path, str(error)) from None


def as_mapping(value: object, path: str) -> Mapping[str, object]:
    """Read an object; nothing (null) is an empty one. Raises PodError."""
    if type(value) is dict:  # what JSON and YAML give; the general test takes ten times as long
        return value
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise PodError(path, f"must be an object, not {_kind(value)}")
    return cast("Mapping[str, object]", value)


def nested(item: Mapping[str, object], key: str, path: str) -> tuple[str, Mapping[str, object]]:
    """Give the path and the object at `key`; raises PodError."""
    value, at = item.get(key), f"{path}.{key}"
    return at, value if type(value) is dict else as_mapping(value, at)


def objects(
    item: Mapping[str, object], key: str, path: str
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Give the path and the object of each item of the list at `key`; raises PodError."""
    if item.get(key) is None:
        return iter(())
    return ((at, as_mapping(entry, at)) for at, entry in _items(item, key, path))


def texts(item: Mapping[str, object], key: str, path: str) -> tuple[str, ...]:
    """Read the list of strings at `key`; raises PodError."""
    if item.get(key) is None:
        return ()
    return tuple(as_string(entry, at) for at, entry in _items(item, key, path))


def text(item: Mapping[str, object], key: str, path: str) -> str:
    """Read the string at `key`; nothing is an empty one. Raises PodError."""
    value = item.get(key)
    if type(value) is str:
        return value
    return "" if value is None else as_string(value, f"{path}.{key}")


def as_string(value: object, path: str) -> str:
    """Read a string; raises PodError, which does not show the value."""
    if not isinstance(value, str):
        # The value is not shown: in args or env it may be a password.
        quote = " (quote it)" if isinstance(value, bool | int | float) else ""
        raise PodError(path, f"must be a string, not {_kind(value)}{quote}")
    return value


def _items(item: Mapping[str, object], key: str, path: str) -> Iterator[tuple[str, object]]:
    value = item.get(key)
    if type(value) is not list and (isinstance(value, str) or not isinstance(value, Sequence)):
        raise PodError(f"{path}.{key}", f"must be a list, not {_kind(value)}")
    for index, entry in enumerate(value):
        yield f"{path}.{key}[{index}]", entry


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", int: "a number"}
    return names.get(type(value), "null" if value is None else "a number")
