import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harness.builders import MEBI
from webhook.audit.fate import limit_for
from webhook.domain.ceiling.sizing import Limit, ProfileName, size
from webhook.domain.policy.profile import Headroom

STEP = 16 * MEBI


def ceiling(limit: int, profile: ProfileName) -> int:
    return size(Limit(amount=limit), Headroom(), profile, "").maxmemory


@given(
    st.integers(1, 64 * 1024 * MEBI), st.sampled_from([ProfileName.CACHE, ProfileName.PERSISTENT])
)
def test_the_limit_for_a_peak_is_the_least_that_keeps_it(peak: int, profile: ProfileName):
    limit = limit_for(peak, profile, Headroom())

    assert ceiling(limit, profile) >= peak
    assert limit % STEP == 0
    assert limit == STEP or ceiling(limit - STEP, profile) < peak


@pytest.mark.parametrize(
    ("peak", "expected"), [(400, 512), (401, 528)], ids=["just fits", "does not"]
)
def test_its_steps_are_16_mebibytes(peak: int, expected: int):
    assert limit_for(peak * MEBI, ProfileName.CACHE, Headroom()) == expected * MEBI
