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

from webhook.domain.kubernetes.budget import LIMITS, Work

API_VERSION = "admission.k8s.io/v1"
KIND = "AdmissionReview"

Patch = Sequence[Mapping[str, object]]
"""JSON Patch operations (RFC 6902)."""

LARGEST_START = 64 * 1024
"""Bytes in which a review that is too large has what stands before its object."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
# no text has it: a quotation mark within one is escaped
_OBJECT = re.compile(rb',\s*"object"\s*:')


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
    """One request; `obj` is the object as it stands before this webhook, None for a DELETE.

    `cut_by` is of what there is too much in the review for its objects to be read; whether it is a
    dry run is then not known either, and counts as no.
    """

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
    cut_by: Work | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionResponse:
    """The answer to one request; `message` is given when it is refused, with code 403."""

    allowed: bool
    message: str = ""
    warnings: tuple[str, ...] = ()
    audit_annotations: Mapping[str, str] = field(default_factory=dict)
    patch: Patch = ()


def decode_review(body: bytes) -> AdmissionRequest:
    """Decode a request; of a review that is too large, what stands before the object.

    Raises MalformedReviewError on anything that no API server sends.
    """
    cut_by = _too_much_in(body)
    try:
        review = orjson.loads(body if cut_by is None else _before_object(body))
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
        cut_by=cut_by,
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


def _too_much_in(body: bytes) -> Work | None:
    if len(body) > LIMITS[Work.BYTES]:
        return Work.BYTES
    most = LIMITS[Work.NODES]
    if _brackets(body) > most and _brackets(_STRING.sub(b"", body)) > most:
        return Work.NODES
    return None


def _before_object(body: bytes) -> bytes:
    """Cut a review before its object, which the API server writes after what is asked by whom."""
    found = _OBJECT.search(body, 0, LARGEST_START)
    if found is None:
        raise MalformedReviewError(
            f"expected request.object within {LARGEST_START} bytes of so large a review"
        )
    return body[: found.start()] + b"}}"


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
