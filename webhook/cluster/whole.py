"""Reads a whole cluster in a few lists, where that is allowed; else one namespace after the other.

A hundred namespaces have nine hundred lists, most of them empty, and each is a request.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from webhook.cluster.connection import ClusterError
from webhook.cluster.reading import ClusterReader, Item, Listed

Kept = TypeVar("Kept")
_Key = tuple[str, ...]


class WholeClusterReader:
    """Reads like a ClusterReader, each kind for all namespaces at its first use.

    What is kept of a kind has to be decided alike for every namespace. Where the list of a kind is
    answered by an error, as without the right to it, each namespace is asked for its own.
    """

    def __init__(self, reader: ClusterReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._known: dict[_Key, Mapping[str, Any] | None] = {}

    def collect(
        self, kind: str, namespace: str, keep: Callable[[Item], Kept | None]
    ) -> Listed[Kept]:
        """Give what `keep` makes of each object of a kind in one namespace."""
        lists = self._once((kind,), lambda: self._reader.collect_everywhere(kind, keep))
        if lists is None:
            return self._reader.collect(kind, namespace, keep)
        found: Listed[Kept] = lists.get(namespace, Listed(kept=(), seen=0))
        return found

    def get(self, kind: str, namespace: str, name: str) -> Item | None:
        """Read one object; None where there is none of that name."""
        return self._reader.get(kind, namespace, name)

    def custom_objects(
        self, group: str, version: str, plural: str, namespace: str
    ) -> Sequence[Item]:
        """List objects of a custom kind in one namespace; none where the kind is not installed."""
        key = (group, version, plural)
        lists = self._once(key, lambda: _by_namespace(self._reader.custom_objects(*key)))
        if lists is None:
            return self._reader.custom_objects(*key, namespace)
        found: Sequence[Item] = lists.get(namespace, ())
        return found

    def _once(self, key: _Key, read: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
        with self._lock:
            if key not in self._known:
                try:
                    self._known[key] = read()
                except ClusterError as error:
                    if error.status is None:
                        raise
                    self._known[key] = None
            return self._known[key]


def _by_namespace(items: Sequence[Item]) -> Mapping[str, Sequence[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        found[item["metadata"].get("namespace", "")].append(item)
    return found
