"""What is added to a server, as options."""

import pytest

from webhook.domain.ceiling.injection import Injection
from webhook.domain.policy.settings import EvictionPolicy


@pytest.mark.parametrize(
    ("injection", "options"),
    [
        (Injection(), ()),
        (Injection(maxmemory=1), ("--maxmemory", "1")),
        (
            Injection(eviction_policy=EvictionPolicy.NOEVICTION),
            ("--maxmemory-policy", "noeviction"),
        ),
        (Injection(save_points=()), ("--save", "")),
        (
            Injection(save_points=("3600 1", "60 10000")),
            ("--save", "3600", "1", "--save", "60", "10000"),
        ),
    ],
)
def test_only_what_is_decided_becomes_an_option(injection: Injection, options: tuple[str, ...]):
    assert injection.options == options
