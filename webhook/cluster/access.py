"""Asks the API server what this user may do."""

from dataclasses import dataclass

import orjson
from kubernetes import client

from webhook.cluster.connection import OpenedCluster, call


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessQuestion:
    """One right: a verb on a resource in a namespace."""

    verb: str
    group: str = ""
    resource: str
    subresource: str = ""
    namespace: str

    def __str__(self) -> str:
        """Give `list deployments.apps`."""
        name = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        return f"{self.verb} {name}{'.' if self.group else ''}{self.group}"


def is_allowed(cluster: OpenedCluster, asked: AccessQuestion) -> bool:
    """Ask by a SelfSubjectAccessReview, which everybody may make. Raises ClusterError."""
    attributes = {
        "verb": asked.verb,
        "group": asked.group,
        "resource": asked.resource,
        "subresource": asked.subresource,
        "namespace": asked.namespace,
    }
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    api = client.AuthorizationV1Api(cluster.client())
    answer = orjson.loads(call(api.create_self_subject_access_review, review))
    return bool(answer.get("status", {}).get("allowed"))
