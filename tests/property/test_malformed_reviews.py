"""Whatever is sent, an admission answers it or says that it is malformed."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.golden.reviews import encode_creation
from tests.property.pods import config_maps, pods
from webhook.admission.handling import handle
from webhook.admission.mutate import mutate
from webhook.admission.review import MalformedReviewError
from webhook.domain.policy.settings import Policy

POLICY = Policy()

laws = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=True),
        st.text(max_size=5),
        st.sampled_from(["redis", "redis-server", "512Mi", "1e999999999", "$(", "\0", "\ud800"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def _read_empty(_namespace: str, names: Sequence[str]) -> dict[str, dict[str, str]]:
    return {name: {} for name in names}


def answered(body: bytes) -> Any:
    """The answer; for a malformed body the text that says so."""
    try:
        admitted = handle(body, mutate, policy=POLICY, read_config_maps=_read_empty)
    except MalformedReviewError as error:
        return str(error)
    return json.loads(admitted.answer)["response"]


def is_problem(answer: Any) -> bool:
    """Whether an answer is one printable line for a log."""
    return isinstance(answer, str) and 0 < len(answer) < 1000 and answer.isprintable()


@laws
@given(body=st.one_of(st.binary(), st.text().map(str.encode), json_values.map(json.dumps)))
def test_no_review_is_ever_answered(body: bytes | str) -> None:
    assert is_problem(answered(body.encode() if isinstance(body, str) else body))


@laws
@given(pod=pods(), files=config_maps(), broken=json_values, data=st.data())
def test_a_review_with_anything_in_it_is_answered_or_malformed(
    pod: dict[str, object], files: object, broken: object, data: st.DataObject
) -> None:
    review = json.loads(encode_creation(pod, namespace="shop"))
    at, key = data.draw(st.sampled_from(list(places(review))))
    at[key] = broken

    response = answered(json.dumps(review).encode())

    assert is_problem(response) or (
        response["uid"] == review["request"]["uid"] and isinstance(response["allowed"], bool)
    )


@laws
@given(pod=pods(), data=st.data())
def test_a_review_cut_short_is_malformed(pod: dict[str, object], data: st.DataObject) -> None:
    body = encode_creation(pod, namespace="shop")

    assert is_problem(answered(body[: data.draw(st.integers(0, len(body) - 1))]))


@pytest.mark.parametrize("deep", ["[", '{"a":'])
def test_a_deeply_nested_body_is_malformed(deep: str) -> None:
    assert is_problem(answered(deep.encode() * 500_000))


def places(value: Any) -> Any:
    """Every place of a JSON value that something else could stand in."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)
