import copy

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.cli.json_patch import apply_patch

CONTENT = {"a": {"b~/c": [1, 2, 3]}, "d": None}


@pytest.mark.parametrize(
    ("operation", "path", "value", "expected"),
    [
        ("add", "/e", 1, {**CONTENT, "e": 1}),
        ("add", "/a/b~0~1c/-", 4, {"a": {"b~/c": [1, 2, 3, 4]}, "d": None}),
        ("add", "/a/b~0~1c/0", 0, {"a": {"b~/c": [0, 1, 2, 3]}, "d": None}),
        ("replace", "/a/b~0~1c/1", 9, {"a": {"b~/c": [1, 9, 3]}, "d": None}),
        ("replace", "/d", "x", {"a": {"b~/c": [1, 2, 3]}, "d": "x"}),
        ("replace", "", [7], [7]),
        ("remove", "/a/b~0~1c/2", None, {"a": {"b~/c": [1, 2]}, "d": None}),
        ("remove", "/d", None, {"a": {"b~/c": [1, 2, 3]}}),
    ],
)
def test_an_operation_is_applied_and_leaves_the_original(
    operation: str, path: str, value: object, expected: object
):
    before = copy.deepcopy(CONTENT)

    after = apply_patch(CONTENT, [{"op": operation, "path": path, "value": value}])

    assert after == expected
    assert before == CONTENT


def test_a_path_through_a_value_is_refused():
    with pytest.raises(ValueError, match=r"^/d/x: no object or list at 'x'$"):
        apply_patch(CONTENT, [{"op": "add", "path": "/d/x", "value": 1}])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["", "a", "b/", "c~"]), inner)
    ),
    max_leaves=8,
)


@given(JSON, JSON)
def test_it_agrees_with_an_independent_library(before: object, after: object):
    patch = [each for each in jsonpatch.make_patch(before, after) if each["op"] != "move"]

    assert apply_patch(before, patch) == jsonpatch.apply_patch(before, patch)
