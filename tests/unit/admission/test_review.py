"""The wire format: AdmissionReview v1."""

import base64
import json
from dataclasses import replace

import pytest

from tests.harness.builders import Json, a_pod, a_review
from webhook.admission.review import (
    LARGEST_START,
    AdmissionRequest,
    AdmissionResponse,
    MalformedReviewError,
    Operation,
    decode_review,
    encode_review,
)
from webhook.domain.kubernetes.budget import LIMITS, Work

UID = "705ab4f5-6393-11e8-b7cc-42010a800002"


def changed(path: str, value: object) -> bytes:
    """A review in which one field has another value, or with ... none."""
    review = json.loads(a_review(a_pod()))
    *parents, last = path.split(".")
    item = review
    for parent in parents:
        item = item[parent]
    if value is ...:
        del item[last]
    else:
        item[last] = value
    return json.dumps(review).encode()


def test_a_request_as_the_api_server_sends_it():
    body = a_review(
        {"kind": "Pod"},
        operation="UPDATE",
        groups=["system:nodes"],
        name="cart",
        subResource="resize",
        dryRun=True,
        oldObject={"kind": "Old"},
        options={"of": "the future"},
    )

    assert decode_review(body) == AdmissionRequest(
        uid=UID,
        kind="Pod",
        operation=Operation.UPDATE,
        namespace="shop",
        name="cart",
        subresource="resize",
        dry_run=True,
        user="kim",
        groups=("system:nodes",),
        obj={"kind": "Pod"},
        old_obj={"kind": "Old"},
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("request.userInfo", ...),
        ("request.userInfo", None),
        ("request.userInfo.groups", None),
        ("request.object", None),
        ("request.namespace", ...),
        ("request.dryRun", None),
    ],
)
def test_what_may_be_left_out(path: str, value: object):
    request = decode_review(changed(path, value))

    assert (request.uid, request.dry_run) == (UID, False)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "the body: must be an object"),
        (b"7", "the body: must be an object"),
        (changed("apiVersion", "admission.k8s.io/v1beta1"), None),
        (changed("apiVersion", ...), None),
        (changed("kind", "Pod"), None),
        (changed("request", ...), "request: must be an object"),
        (changed("request", []), "request: must be an object"),
        (changed("request.uid", ...), "request.uid: must not be empty"),
        (changed("request.uid", ""), "request.uid: must not be empty"),
        (changed("request.uid", 7), "request.uid: must be a string"),
        (changed("request.kind", ...), "request.kind: must be an object"),
        (changed("request.kind.kind", []), "request.kind.kind: must be a string"),
        (
            changed("request.operation", "PATCH"),
            "request.operation: must be one of CREATE, UPDATE, DELETE, CONNECT",
        ),
        (
            changed("request.operation", ...),
            "request.operation: must be one of CREATE, UPDATE, DELETE, CONNECT",
        ),
        (changed("request.namespace", 7), "request.namespace: must be a string"),
        (changed("request.userInfo", []), "request.userInfo: must be an object"),
        (changed("request.userInfo", "kim"), "request.userInfo: must be an object"),
        (changed("request.userInfo.username", 7), "request.userInfo.username: must be a string"),
        (
            changed("request.userInfo.groups", "x"),
            "request.userInfo.groups: must be a list of strings",
        ),
        (
            changed("request.userInfo.groups", [7]),
            "request.userInfo.groups: must be a list of strings",
        ),
        (changed("request.object", []), "request.object: must be an object"),
        (changed("request.oldObject", "x"), "request.oldObject: must be an object"),
    ],
)
def test_what_no_api_server_sends_is_refused(body: bytes, message: str | None):
    with pytest.raises(MalformedReviewError) as error:
        decode_review(body)

    assert str(error.value) == (message or "expected an AdmissionReview of admission.k8s.io/v1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        a_review(a_pod())[:-1],
        b"NaN",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'"\\ud800"',
    ],
)
def test_what_is_no_json_is_refused(body: bytes):
    with pytest.raises(MalformedReviewError, match=r"\Athe body is no JSON: "):
        decode_review(body)


def test_a_body_is_read_up_to_the_largest():
    body = a_review(a_pod())

    full = decode_review(body + b" " * (LIMITS[Work.BYTES] - len(body)))
    over = decode_review(body + b" " * (LIMITS[Work.BYTES] - len(body) + 1))

    assert full == decode_review(body)
    assert over == replace(full, obj=None, cut_by=Work.BYTES)


def test_a_body_is_read_up_to_as_many_objects_and_lists_as_memory_allows():
    others = a_review({"spec": []}).count(b"{") + a_review({"spec": []}).count(b"[")
    most = LIMITS[Work.NODES] - others

    full = decode_review(a_review({"spec": [{}] * most}))
    over = decode_review(a_review({"spec": [{}] * (most + 1)}))

    assert full.obj == {"spec": [{}] * most}
    assert over == replace(full, obj=None, cut_by=Work.NODES)


@pytest.mark.parametrize("user", ['kim,"object":{', ',"object":', '\\,"object":{}'])
def test_a_text_before_the_object_of_a_large_review_is_not_taken_for_it(user: str):
    body = a_review({"padding": "x" * LIMITS[Work.BYTES]}, userInfo={"username": user})

    assert decode_review(body).user == user


def test_where_the_object_of_a_large_review_begins_is_not_looked_for_without_end():
    body = a_review({"padding": "x" * LIMITS[Work.BYTES]}, userInfo={"username": "kim"})
    before = body.index(b', "object":') + len(b', "object":')
    room = LARGEST_START - before

    def named(longer: int) -> bytes:
        return body.replace(b'"kim"', b'"kim' + b"x" * longer + b'"', 1)

    assert decode_review(named(room)).user == "kim" + "x" * room
    with pytest.raises(MalformedReviewError) as error:
        decode_review(named(room + 1))
    assert str(error.value) == "expected request.object within 65536 bytes of so large a review"


def test_brackets_in_texts_are_no_objects():
    text = '{["\\' * LIMITS[Work.NODES]

    assert decode_review(a_review({"text": text})).obj == {"text": text}


def response(body: bytes) -> Json:
    review: Json = json.loads(body)
    assert (review.pop("apiVersion"), review.pop("kind")) == (
        "admission.k8s.io/v1",
        "AdmissionReview",
    )
    assert list(review) == ["response"]
    answer: Json = review["response"]
    return answer


def test_without_a_patch_there_is_no_patch_type_either():
    """The API server answers one without the other with an error."""
    answer = encode_review(UID, AdmissionResponse(allowed=True))

    assert response(answer) == {"uid": UID, "allowed": True}


def test_everything_that_an_answer_can_say():
    operation = {"op": "add", "path": "/metadata/annotations", "value": {}}

    answer = response(
        encode_review(
            UID,
            AdmissionResponse(
                allowed=True,
                warnings=("a", "b"),
                audit_annotations={"decision": "inject"},
                patch=(operation,),
            ),
        )
    )

    patch = base64.b64decode(answer.pop("patch"))
    assert json.loads(patch) == [operation]
    assert answer == {
        "uid": UID,
        "allowed": True,
        "warnings": ["a", "b"],
        "auditAnnotations": {"decision": "inject"},
        "patchType": "JSONPatch",
    }


def test_a_refusal_has_a_code_a_reason_and_a_message():
    answer = encode_review(UID, AdmissionResponse(allowed=False, message="no"))

    assert response(answer) == {
        "uid": UID,
        "allowed": False,
        "status": {"code": 403, "reason": "Forbidden", "message": "no"},
    }
