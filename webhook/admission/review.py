"""The wire format: AdmissionReview v1, decoded strictly and encoded in one place.

Source: Kubernetes, Dynamic Admission Control, Request and Response; the API server answers a patch
without patchType, or the reverse, with an error (apiserver, request/admissionreview.go).
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import orjson

API_VERSION = "admission.k8s.io/v1"
KIND = "AdmissionReview"

Patch = Sequence[Mapping[str, object]]
"""JSON Patch operations (RFC 6902)."""


MOST_NODES = 150_000
"""Objects and lists in a body, by their brackets: each is decoded to many times its own size."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


class MalformedReviewError(ValueError):
    """A body that is no AdmissionReview; the text says what was expected, and quotes nothing."""


class Operation(StrEnum):
    """What is done to the object."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    CONNECT = "CONNECT"


_OPERATIONS = frozenset(Operation)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionRequest:
    """One request; `obj` is the object as it stands before this webhook, None for a DELETE."""

    uid: str
    kind: str
    operation: Operation
    namespace: str
    name: str
    subresource: str
    dry_run: bool
    user: str
    groups: tuple[str, ...]
    obj: Mapping[str, object] | None
    old_obj: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionResponse:
    """The answer to one request; `message` is given when it is refused, with code 403."""

    allowed: bool
    message: str = ""
    warnings: tuple[str, ...] = ()
    audit_annotations: Mapping[str, str] = field(default_factory=dict)
    patch: Patch = ()


def decode_review(body: bytes) -> AdmissionRequest:
    """Decode a request; raises MalformedReviewError on anything that no API server sends."""
    if _brackets(body) > MOST_NODES and _brackets(_STRING.sub(b"", body)) > MOST_NODES:
        raise MalformedReviewError(f"the body: must have at most {MOST_NODES} objects and lists")
    try:
        review = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedReviewError(f"the body is no JSON: {error.msg}") from None
    root = _mapping(review, "the body")
    if root.get("apiVersion") != API_VERSION or root.get("kind") != KIND:
        raise MalformedReviewError(f"expected an {KIND} of {API_VERSION}")
    request = _mapping(root.get("request"), "request")
    uid = _text(request, "uid", "request")
    if not uid:
        raise MalformedReviewError("request.uid: must not be empty")
    user = _object(request, "userInfo") or {}
    return AdmissionRequest(
        uid=uid,
        kind=_text(_mapping(request.get("kind"), "request.kind"), "kind", "request.kind"),
        operation=_operation(request),
        namespace=_text(request, "namespace", "request"),
        name=_text(request, "name", "request"),
        subresource=_text(request, "subResource", "request"),
        dry_run=request.get("dryRun") is True,
        user=_text(user, "username", "request.userInfo"),
        groups=_groups(user),
        obj=_object(request, "object"),
        old_obj=_object(request, "oldObject"),
    )


def encode_review(uid: str, response: AdmissionResponse) -> bytes:
    """Encode the answer to the request of that uid."""
    answer: dict[str, object] = {"uid": uid, "allowed": response.allowed}
    if not response.allowed:
        answer["status"] = {"code": 403, "reason": "Forbidden", "message": response.message}
    if response.warnings:
        answer["warnings"] = list(response.warnings)
    if response.audit_annotations:
        answer["auditAnnotations"] = dict(response.audit_annotations)
    if response.patch:
        answer["patchType"] = "JSONPatch"
        answer["patch"] = b64encode(orjson.dumps(list(response.patch))).decode()
    return orjson.dumps({"apiVersion": API_VERSION, "kind": KIND, "response": answer})


def _brackets(text: bytes) -> int:
    return text.count(b"{") + text.count(b"[")


def _operation(request: Mapping[str, object]) -> Operation:
    operation = _text(request, "operation", "request")
    if operation not in _OPERATIONS:
        raise MalformedReviewError(f"request.operation: must be one of {', '.join(Operation)}")
    return Operation(operation)


def _groups(user: Mapping[str, object]) -> tuple[str, ...]:
    groups = user.get("groups")
    if groups is None:
        return ()
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise MalformedReviewError("request.userInfo.groups: must be a list of strings")
    return tuple(groups)


def _object(request: Mapping[str, object], key: str) -> Mapping[str, object] | None:
    value = request.get(key)
    return None if value is None else _mapping(value, f"request.{key}")


def _mapping(value: object, path: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise MalformedReviewError(f"{path}: must be an object")
    return value


def _text(item: Mapping[str, object], key: str, path: str) -> str:
    value = item.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedReviewError(f"{path}.{key}: must be a string")
    return value
