"""Any text is a policy or a PolicyFileError, never anything else."""

import json

import yaml
from hypothesis import given
from hypothesis import strategies as st

from webhook.domain.policy.profile import MEBIBYTE
from webhook.domain.policy.settings import Policy
from webhook.policyfile import PolicyFileError, parse_policy

KEYS = st.sampled_from(
    [
        "mode",
        "evictionPolicy",
        "profile",
        "noLimit",
        "unenforceable",
        "explicitCeiling",
        "snapshots",
        "exempt",
        "headroom",
        "cache",
        "persistent",
        "base",
        "ofLimit",
        "share",
        "explicitShare",
        "minimumLimit",
        "smallLimit",
        "annotations",
        "evictionPolicies",
        "headroomMinimum",
        "headroomMaximum",
        "images",
        "add",
        "drop",
        "repository",
        "family",
        "rules",
        "namespaces",
        "labels",
        "durableEvictionPolicy",
        "defaults",
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["enforce", "audit", "deny", "auto", "50%", "0%", "16Mi", "*", "redis", "a/b"]),
)
CONTENTS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=20,
)


def parse(text: str) -> Policy | tuple[str, ...]:
    try:
        return parse_policy(text, "policy.yaml")
    except PolicyFileError as error:
        return error.problems


@given(st.text())
def test_any_text_is_a_policy_or_problems(text: str):
    parsed = parse(text)

    assert isinstance(parsed, Policy) or parsed


@given(CONTENTS)
def test_any_content_is_a_policy_or_problems(content: object):
    parsed = parse(yaml.safe_dump(content, allow_unicode=True))

    assert isinstance(parsed, Policy) or parsed


@given(st.dictionaries(KEYS, CONTENTS))
def test_json_is_read_alike(content: dict[str, object]):
    parsed = parse(json.dumps(content, ensure_ascii=False))

    assert isinstance(parsed, Policy) or parsed


SHARES = st.integers(0, 100).map("{}%".format)
PROFILES = st.fixed_dictionaries(
    {},
    optional={"base": st.integers(0, 64).map("{}Mi".format), "ofLimit": SHARES, "share": SHARES},
)


@given(cache=PROFILES, persistent=PROFILES, minimum=st.integers(1, 128))
def test_what_is_accepted_leaves_a_sensible_ceiling(
    cache: dict[str, str], persistent: dict[str, str], minimum: int
):
    headroom = {"cache": cache, "persistent": persistent, "minimumLimit": f"{minimum}Mi"}

    parsed = parse(yaml.safe_dump({"headroom": headroom}))

    if isinstance(parsed, Policy):
        limit = minimum * MEBIBYTE
        for profile in (parsed.headroom.cache, parsed.headroom.persistent):
            maxmemory = (limit - profile.base - profile.of_limit * limit) * profile.share
            assert 1 <= maxmemory < limit
