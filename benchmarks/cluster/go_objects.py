"""The Go webhook's objects, made after ours, so that nothing but the program differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Configuration = Any
"""A webhook configuration or a Deployment, as the API server gives it."""

_PATHS = ("/mutate", "/validate")
_MOUNT = "/tls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A Deployment and its Service of one name; `certificate` and `key` are in base64."""

    name: str
    namespace: str
    image: str
    certificate: str
    key: str


def serving_objects(serving: Serving, *, like: Configuration) -> Sequence[Any]:
    """Give what serves: with the replicas, resources and restrictions of the Deployment `like`."""
    labels = {"app": serving.name}
    metadata = {"name": serving.name, "namespace": serving.namespace}
    template = like["spec"]["template"]["spec"]
    (ours,) = template["containers"]
    container = {
        "name": serving.name,
        "image": serving.image,
        "imagePullPolicy": "IfNotPresent",
        "args": [f"--cert={_MOUNT}/tls.crt", f"--key={_MOUNT}/tls.key"],
        "ports": ours["ports"],
        "readinessProbe": ours["readinessProbe"],
        "resources": ours["resources"],
        "securityContext": ours["securityContext"],
        "volumeMounts": [{"name": "tls", "mountPath": _MOUNT, "readOnly": True}],
    }
    pod = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": template["securityContext"],
        "containers": [container],
        "volumes": [{"name": "tls", "secret": {"secretName": serving.name}}],
    }
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": metadata,
            "data": {"tls.crt": serving.certificate, "tls.key": serving.key},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"selector": labels, "ports": [{"port": 443, "targetPort": "https"}]},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "replicas": like["spec"]["replicas"],
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
    ]


def configurations(
    ours: Sequence[Configuration], serving: Serving, *, bundle: str, for_namespace: str
) -> Sequence[Configuration]:
    """Give our configurations with another server behind them, for Pods of one namespace.

    Rules, failure policies, timeouts and reinvocation stay as they are; `bundle` is in base64. Both
    webhooks have the match conditions of our mutating one: what our validating one leaves to the
    API server is ours, and the call it saves too.
    """
    webhooks = (webhook for each in ours for webhook in each["webhooks"])
    (conditions,) = (w["matchConditions"] for w in webhooks if _path(w) == _PATHS[0])
    return _redirected(ours, serving, bundle, for_namespace, conditions=conditions)


def never_called(
    ours: Sequence[Configuration], serving: Serving, *, bundle: str, for_namespace: str
) -> Sequence[Configuration]:
    """Give our configurations, for Pods of one namespace, with conditions that are `false`."""
    never = [{"name": "never", "expression": "false"}]
    named = replace(serving, name=f"{serving.name}-never")
    redirected = _redirected(ours, named, bundle, for_namespace, conditions=never)
    return [{**each, "metadata": {"name": named.name}} for each in redirected]


def _redirected(
    ours: Sequence[Configuration],
    serving: Serving,
    bundle: str,
    for_namespace: str,
    *,
    conditions: Sequence[Mapping[str, str]],
) -> Sequence[Configuration]:
    selector = {"matchLabels": {"kubernetes.io/metadata.name": for_namespace}}
    return [
        {
            "apiVersion": each["apiVersion"],
            "kind": each["kind"],
            "metadata": {"name": serving.name},
            "webhooks": [
                {
                    **webhook,
                    "name": f"{webhook['name'].partition('.')[0]}.{serving.name}.example",
                    "namespaceSelector": selector,
                    "matchConditions": conditions,
                    "clientConfig": {
                        "caBundle": bundle,
                        "service": {
                            **webhook["clientConfig"]["service"],
                            "name": serving.name,
                            "namespace": serving.namespace,
                        },
                    },
                }
                for webhook in each["webhooks"]
                if _path(webhook) in _PATHS
            ],
        }
        for each in ours
    ]


def _path(webhook: Any) -> str:
    path: str = webhook["clientConfig"]["service"]["path"]
    return path
