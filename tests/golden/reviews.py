"""AdmissionReviews of Pods, as the API server sends them, and what an answer to one says."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an admission answered: the patch, and how it evaluated each server."""

    allowed: bool
    message: str
    warnings: tuple[str, ...]
    audit_annotations: Mapping[str, str]
    patch: tuple[Mapping[str, object], ...]


def encode_creation(pod: Mapping[str, object], *, namespace: str) -> bytes:
    """Write the review of a Pod's creation."""
    request = {
        "uid": "0b4f5cd6-26b7-4c37-a9bd-9f8ffb7a2c02",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "namespace": namespace,
        "operation": "CREATE",
        "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"},
        "object": {"apiVersion": "v1", "kind": "Pod", **pod},
        "oldObject": None,
        "dryRun": False,
    }
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    return json.dumps(review).encode()


def decode_answer(body: bytes) -> Answer:
    """Read an answer; a patch is there exactly when its type is."""
    response = json.loads(body)["response"]
    assert ("patch" in response) == ("patchType" in response)
    patch = base64.b64decode(response["patch"]) if "patch" in response else b"[]"
    return Answer(
        allowed=response["allowed"],
        message=response.get("status", {}).get("message", ""),
        warnings=tuple(response.get("warnings", ())),
        audit_annotations=response.get("auditAnnotations", {}),
        patch=tuple(json.loads(patch)),
    )
