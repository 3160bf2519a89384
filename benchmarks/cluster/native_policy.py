"""What the API server can do by itself: a MutatingAdmissionPolicy for plain redis images.

It does what the lean Go webhook's `/mutate` does, for the first containers of a Pod. It reads no
command line, keeps no policy and refuses nothing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.harness.cluster import Cluster
from tests.harness.manifests import container, pod
from tests.harness.waiting import eventually

_API = "admissionregistration.k8s.io/v1"
_NAME = "native-redis-ceiling"
_KINDS = "mutatingadmissionpolicies,mutatingadmissionpolicybindings"
_CONTAINER = "object.spec.containers[i]"
_IS_REDIS = (
    f"{_CONTAINER}.image.matches('^(docker.io/)?(library/)?redis(:[^/]*)?$')"
    f" && !has({_CONTAINER}.command)"
    f" && !{_CONTAINER}.?args.orValue([]).exists(a, a == '--maxmemory')"
    f" && 'memory' in {_CONTAINER}.?resources.limits.orValue({{}})"
)
_BYTES = f"quantity({_CONTAINER}.resources.limits['memory']).asInteger() / 16 * 13 - 16777216"
_PATCH = (
    "[0, 1, 2, 3, 4, 5, 6, 7].filter(i, i < size(object.spec.containers))"
    f".filter(i, {_IS_REDIS})"
    ".map(i, JSONPatch{op: 'add', path: '/spec/containers/' + string(i) + '/args', value:"
    f" {_CONTAINER}.?args.orValue(['redis-server'])"
    f" + ['--maxmemory', string({_BYTES}), '--maxmemory-policy', 'allkeys-lru']}})"
)


def policy_objects(for_namespace: str) -> list[Any]:
    """Give the policy and its binding, for Pods of one namespace."""
    selector = {"matchLabels": {"kubernetes.io/metadata.name": for_namespace}}
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"]}
    spec = {
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "matchConstraints": {
            "namespaceSelector": selector,
            "resourceRules": [{**rule, "resources": ["pods"]}],
        },
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": _PATCH}}],
    }
    return [
        {
            "apiVersion": _API,
            "kind": kind,
            "metadata": {"name": _NAME},
            "spec": its_own,
        }
        for kind, its_own in (
            ("MutatingAdmissionPolicy", spec),
            ("MutatingAdmissionPolicyBinding", {"policyName": _NAME}),
        )
    ]


@contextmanager
def native_policy(cluster: Cluster, *, for_namespace: str) -> Iterator[None]:
    """Have the policy in force for Pods of a namespace."""
    items = policy_objects(for_namespace)
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    tried = json.dumps(pod("cart", container(limit="512Mi")))
    create = ("create", f"--namespace={for_namespace}", "--dry-run=server", "--output=json")

    def is_in_force() -> bool:
        return "--maxmemory" in cluster.kubectl(*create, "--filename=-", stdin=tried).stdout

    try:
        cluster.kubectl("apply", "--filename=-", stdin=document)
        eventually(is_in_force, what="the native policy in force")
        yield
    finally:
        cluster.kubectl("delete", _KINDS, _NAME, "--ignore-not-found")
