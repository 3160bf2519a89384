"""Reads a cluster for an audit: paged lists that are reduced as they come, and single objects.

Only `list` and `get` are used.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar, cast

import orjson
from kubernetes import client

from webhook.cluster.connection import ClusterError, call_patiently, is_missing

Item = Mapping[str, Any]
"""An object as the API server gives it."""

Kept = TypeVar("Kept")

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    api: type[Any]
    plural: str


KINDS: Mapping[str, _Kind] = {
    "Pod": _Kind(api=client.CoreV1Api, plural="pod"),
    "Deployment": _Kind(api=client.AppsV1Api, plural="deployment"),
    "StatefulSet": _Kind(api=client.AppsV1Api, plural="stateful_set"),
    "DaemonSet": _Kind(api=client.AppsV1Api, plural="daemon_set"),
    "ReplicaSet": _Kind(api=client.AppsV1Api, plural="replica_set"),
    "ReplicationController": _Kind(api=client.CoreV1Api, plural="replication_controller"),
    "Job": _Kind(api=client.BatchV1Api, plural="job"),
    "CronJob": _Kind(api=client.BatchV1Api, plural="cron_job"),
    "LimitRange": _Kind(api=client.CoreV1Api, plural="limit_range"),
    "ConfigMap": _Kind(api=client.CoreV1Api, plural="config_map"),
}
"""What can be read, and the client's name for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[Kept]):
    """A whole list: what was kept of it, and how many objects it had."""

    kept: tuple[Kept, ...]
    seen: int


class ClusterReader:
    """Reads objects of a cluster as plain JSON. All methods raise ClusterError.

    The client library's models would take six times the memory of a page, and one of its lists
    holds every object at once: pages are decoded by orjson, reduced, and dropped.
    """

    def __init__(
        self,
        api: client.ApiClient,
        *,
        page_size: int = 500,
        seconds: float = 30,
        selector: str = "",
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api = api
        self._wait = wait
        self._page_size = page_size
        self._seconds = seconds
        self._selector = selector

    def namespaces(self) -> tuple[str, ...]:
        """Name the namespaces of the cluster, sorted."""
        names = self._collect(
            client.CoreV1Api(self._api).list_namespace,
            (),
            lambda item: str(item["metadata"]["name"]),
            selector="",
        )
        return tuple(sorted(names.kept))

    def lacks_namespace(self, name: str) -> bool:
        """Tell whether there is certainly no such namespace: who may not read it is not told."""
        try:
            self._call(client.CoreV1Api(self._api).read_namespace, name)
        except ClusterError as error:
            return is_missing(error)
        return False

    def collect(
        self, kind: str, namespace: str, keep: Callable[[Item], Kept | None]
    ) -> Listed[Kept]:
        """List a kind in one namespace and keep what `keep` makes of each object, if anything.

        A list whose continuation has expired is begun again, three times at most.
        """
        method = self._method("list", kind)
        return self._collect(method, (namespace,), keep, selector=self._selector_of(kind))

    def collect_everywhere(
        self, kind: str, keep: Callable[[Item], Kept | None]
    ) -> Mapping[str, Listed[Kept]]:
        """List a kind in all namespaces at once, as `collect` does in one; by namespace."""
        known = KINDS[kind]
        method = getattr(known.api(self._api), f"list_{known.plural}_for_all_namespaces")
        found = self._collect(method, (), _placed(keep), selector=self._selector_of(kind))
        kept: dict[str, list[Kept]] = defaultdict(list)
        seen = Counter(namespace for namespace, _ in found.kept)
        for namespace, each in found.kept:
            if each is not None:
                kept[namespace].append(each)
        return {name: Listed(kept=tuple(kept[name]), seen=count) for name, count in seen.items()}

    def get(self, kind: str, namespace: str, name: str) -> Item | None:
        """Read one object; None where there is none of that name."""
        return self._single(self._method("read", kind), name, namespace)

    def webhook_configuration(self, name: str) -> Item | None:
        """Read a MutatingWebhookConfiguration, which is of the whole cluster; None without one."""
        api = client.AdmissionregistrationV1Api(self._api)
        return self._single(api.read_mutating_webhook_configuration, name)

    def custom_objects(
        self, group: str, version: str, plural: str, namespace: str = ""
    ) -> tuple[Item, ...]:
        """List objects of a custom kind in one namespace, or in all; none where it is missing."""
        api = client.CustomObjectsApi(self._api)
        if namespace:
            found = self._single(
                api.list_namespaced_custom_object, group, version, namespace, plural
            )
        else:
            found = self._single(api.list_cluster_custom_object, group, version, plural)
        return () if found is None else tuple(found.get("items") or ())

    def _selector_of(self, kind: str) -> str:
        return "" if kind == "LimitRange" else self._selector

    def _single(self, method: Callable[..., Any], *arguments: str) -> Item | None:
        try:
            return self._call(method, *arguments)
        except ClusterError as error:
            if is_missing(error):
                return None
            raise

    def _call(self, method: Callable[..., Any], *arguments: str, **options: object) -> Item:
        answer = call_patiently(
            method, *arguments, wait=self._wait, seconds=self._seconds, **options
        )
        content: Item = orjson.loads(answer)
        return content

    def _method(self, verb: str, kind: str) -> Callable[..., Any]:
        known = KINDS[kind]
        method = getattr(known.api(self._api), f"{verb}_namespaced_{known.plural}")
        return cast("Callable[..., Any]", method)

    def _collect(
        self,
        method: Callable[..., Any],
        arguments: Sequence[str],
        keep: Callable[[Item], Kept | None],
        *,
        selector: str,
    ) -> Listed[Kept]:
        for attempt in range(_ATTEMPTS):
            try:
                return self._pages(method, arguments, keep, selector)
            except ClusterError as error:
                if error.status != HTTPStatus.GONE or attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _pages(
        self,
        method: Callable[..., Any],
        arguments: Sequence[str],
        keep: Callable[[Item], Kept | None],
        selector: str,
    ) -> Listed[Kept]:
        kept: list[Kept] = []
        seen = 0
        options: dict[str, object] = {"limit": self._page_size}
        if selector:
            options["label_selector"] = selector
        while True:
            page = self._call(method, *arguments, **options)
            items = page.get("items") or []
            seen += len(items)
            kept += [each for item in items if (each := keep(item)) is not None]
            token = page.get("metadata", {}).get("continue")
            if not token:
                return Listed(kept=tuple(kept), seen=seen)
            options["_continue"] = token
            del page, items  # or two pages would be held while the next one is decoded


def _placed(
    keep: Callable[[Item], Kept | None],
) -> Callable[[Item], tuple[str, Kept | None]]:
    return lambda item: (str(item["metadata"].get("namespace", "")), keep(item))
