"""The expansion of `$(NAME)` against another one, written apart from the same source."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from tests.redis.kubelet import expand as expand_by_kubelet
from webhook.domain.kubernetes.budget import Budget
from webhook.domain.kubernetes.expansion import expand

_TEXTS = st.lists(
    st.sampled_from(["$", "$$", "(", ")", "$(A)", "$(B)", "$(UNSET)", "$()", "A", " ", "é", "${A}"])
).map("".join)


@given(text=_TEXTS, environment=st.dictionaries(st.sampled_from(["A", "B", ""]), _TEXTS))
def test_both_expand_alike(text: str, environment: Mapping[str, str]) -> None:
    assert expand(text, environment.get, Budget()).text == expand_by_kubelet(text, environment)


@given(text=_TEXTS, environment=st.dictionaries(st.sampled_from(["A", "B", ""]), _TEXTS))
def test_an_offset_leads_back_to_the_same_place(text: str, environment: Mapping[str, str]) -> None:
    """What stands before the offset expands to what stands before it in the expanded text."""
    expanded = expand(text, environment.get, Budget())

    for offset in range(len(expanded.text) + 1):
        raw = expanded.raw_offset(offset)
        if raw is not None and not _cuts_a_reference(text[:raw]):
            assert expand_by_kubelet(text[:raw], environment) == expanded.text[:offset]


def _cuts_a_reference(text: str) -> bool:
    """Whether a text may end within a reference: one that is not closed expands otherwise."""
    return text.endswith("$") or text.rfind("$(") > text.rfind(")")
