"""Reads what belongs to one release of the chart, and tries what the API server does with it."""

from collections.abc import Callable
from typing import Any

import orjson
from kubernetes import client

from webhook.cluster.connection import ClusterError, call, call_and_listen, is_missing
from webhook.cluster.reading import Item


class ReleaseReader:
    """Reads objects by name, and lists by selectors. All methods raise ClusterError."""

    def __init__(self, api: client.ApiClient, *, seconds: float) -> None:
        self._api = api
        self._seconds = seconds

    def deployments(self, namespace: str | None, selector: str) -> tuple[Item, ...]:
        """List Deployments, in every namespace where none is named."""
        apps = client.AppsV1Api(self._api)
        if namespace is None:
            return self._list(apps.list_deployment_for_all_namespaces, selector=selector)
        return self._list(apps.list_namespaced_deployment, namespace, selector=selector)

    def pods(self, namespace: str, selector: str) -> tuple[Item, ...]:
        """List Pods."""
        core = client.CoreV1Api(self._api)
        return self._list(core.list_namespaced_pod, namespace, selector=selector)

    def pod_metrics(self, namespace: str, pod: str, port: int) -> str:
        """Fetch the metrics of a Pod by the API server's proxy."""
        fetch = client.CoreV1Api(self._api).connect_get_namespaced_pod_proxy_with_path
        body = call(fetch, f"{pod}:{port}", namespace, "metrics", seconds=self._seconds)
        return body.decode()

    def endpoint_slices(self, namespace: str, service: str) -> tuple[Item, ...]:
        """List what a Service leads to."""
        discovery = client.DiscoveryV1Api(self._api)
        selector = f"kubernetes.io/service-name={service}"
        return self._list(discovery.list_namespaced_endpoint_slice, namespace, selector=selector)

    def config_map(self, namespace: str, name: str) -> Item | None:
        """Read a ConfigMap; None where there is none."""
        return self._one(client.CoreV1Api(self._api).read_namespaced_config_map, name, namespace)

    def secret(self, namespace: str, name: str) -> Item | None:
        """Read a Secret; None where there is none."""
        return self._one(client.CoreV1Api(self._api).read_namespaced_secret, name, namespace)

    def mutating_configuration(self, name: str) -> Item | None:
        """Read a MutatingWebhookConfiguration; None where there is none."""
        api = client.AdmissionregistrationV1Api(self._api)
        return self._one(api.read_mutating_webhook_configuration, name)

    def validating_configuration(self, name: str) -> Item | None:
        """Read a ValidatingWebhookConfiguration; None where there is none."""
        api = client.AdmissionregistrationV1Api(self._api)
        return self._one(api.read_validating_webhook_configuration, name)

    def may_read_config_maps(self, user: str) -> bool:
        """Ask whether a user may read ConfigMaps of every namespace."""
        attributes = {"verb": "get", "resource": "configmaps", "namespace": "", "group": ""}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {"user": user, "resourceAttributes": attributes},
        }
        api = client.AuthorizationV1Api(self._api)
        answer = orjson.loads(call(api.create_subject_access_review, review, seconds=self._seconds))
        return bool(answer.get("status", {}).get("allowed"))

    def create_dry(self, namespace: str, pod: Item) -> tuple[bytes, tuple[str, ...]]:
        """Create a Pod as a dry run; give it as it would be, and the warnings."""
        create = client.CoreV1Api(self._api).create_namespaced_pod
        return call_and_listen(create, namespace, pod, dry_run="All", seconds=self._seconds)

    def _list(self, method: Callable[..., Any], *arguments: str, selector: str) -> tuple[Item, ...]:
        body = call(method, *arguments, label_selector=selector, seconds=self._seconds)
        return tuple(orjson.loads(body).get("items") or ())

    def _one(self, method: Callable[..., Any], *arguments: str) -> Item | None:
        try:
            found: Item = orjson.loads(call(method, *arguments, seconds=self._seconds))
        except ClusterError as error:
            if is_missing(error):
                return None
            raise
        return found
