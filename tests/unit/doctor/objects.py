"""The objects of a release as an API server gives them, and a reader of nothing else."""

import json
from dataclasses import dataclass, field
from typing import Any

from webhook.cluster.connection import ClusterError

Json = dict[str, Any]


def a_deployment(namespace: str = "guard", chart: str = "redis-memory-guard-1.2.0") -> Json:
    return {
        "metadata": {
            "name": "redis-memory-guard",
            "namespace": namespace,
            "labels": {
                "helm.sh/chart": chart,
                "app.kubernetes.io/instance": "redis-memory-guard",
                "app.kubernetes.io/version": "1.2.0",
            },
        },
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "guard", "component": "webhook"}},
            "template": {
                "spec": {
                    "serviceAccountName": "redis-memory-guard",
                    "automountServiceAccountToken": True,
                    "volumes": [
                        {"name": "policy", "configMap": {"name": "redis-memory-guard-policy"}},
                        {
                            "name": "serving-certificate",
                            "secret": {"secretName": "redis-memory-guard-tls"},
                        },
                    ],
                }
            },
        },
    }


@dataclass
class FakeRelease:
    """Answers as webhook.cluster.release_objects does; what is in `refused` is forbidden."""

    listed: list[Json] = field(default_factory=list)
    pod_list: list[Json] = field(default_factory=list)
    slices: list[Json] = field(default_factory=list)
    objects: dict[str, Json] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def deployments(self, _namespace: str | None, selector: str) -> tuple[Json, ...]:
        self._check("deployments")
        self.asked.append(selector)
        return tuple(self.listed)

    def pods(self, _namespace: str, selector: str) -> tuple[Json, ...]:
        self._check("pods")
        self.asked.append(selector)
        return tuple(self.pod_list)

    def pod_metrics(self, _namespace: str, pod: str, port: int) -> str:
        self._check("pods/proxy")
        return self.metrics[f"{pod}:{port}"]

    def endpoint_slices(self, _namespace: str, _service: str) -> tuple[Json, ...]:
        return tuple(self.slices)

    def config_map(self, _namespace: str, name: str) -> Json | None:
        return self.objects.get(name)

    def secret(self, _namespace: str, name: str) -> Json | None:
        self._check("secrets")
        return self.objects.get(name)

    def mutating_configuration(self, _name: str) -> Json | None:
        return self.objects.get("mutating")

    def validating_configuration(self, _name: str) -> Json | None:
        return self.objects.get("validating")

    def may_read_config_maps(self, user: str) -> bool:
        self.asked.append(user)
        return True

    def create_dry(self, _namespace: str, pod: Json) -> tuple[bytes, tuple[str, ...]]:
        if not pod["spec"]["containers"][0]["resources"]["limits"]:
            raise ClusterError("the API server answers 403: denied", status=403)
        return json.dumps(pod).encode(), ("a warning",)

    def _check(self, resource: str) -> None:
        if resource in self.refused:
            raise ClusterError(f"the API server answers 403: {resource}", status=403)
