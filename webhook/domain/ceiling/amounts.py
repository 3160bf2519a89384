"""Which amount becomes a start's ceiling: its own, the computed one, or what lies between."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from webhook.domain.ceiling.explicit import Ceiling, CeilingState
from webhook.domain.ceiling.headroom import respected_share
from webhook.domain.ceiling.injection import Injection
from webhook.domain.ceiling.rules import Rules
from webhook.domain.ceiling.sizing import Limit, ProfileName, Sizing
from webhook.domain.configuration.persistence import Persistence
from webhook.domain.policy.percentage import format_percentage
from webhook.domain.policy.settings import ExplicitCeiling


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """The amounts that a start's ceiling may get.

    One up to `safe` bytes is respected, and a higher one becomes `lowered`.
    """

    computed: Sizing
    safe: int
    lowered: int


def choose_amounts(
    limit: Limit,
    rules: Rules,
    computed: Sizing,
    persistence: Persistence,
    *,
    servers: int,
    turns_off: bool,
) -> Amounts:
    """Choose the amounts under a limit that so many servers share.

    `turns_off` tells that their snapshots are turned off.
    """
    # Our own value is always respected.
    safe = max(respected_share(limit, rules.headroom, servers), computed.maxmemory)
    lowered = _lowered(computed, safe, persistence, turns_off=turns_off)
    return Amounts(computed=computed, safe=safe, lowered=lowered)


def _never_raised(ceiling: Ceiling, amounts: Amounts) -> int:
    """Give the ceiling where none can be seen: at most what the Pod says elsewhere of it."""
    computed = amounts.computed.maxmemory
    if ceiling.hinted is None:
        return computed
    if ceiling.is_copied:
        return ceiling.hinted if ceiling.hinted <= amounts.safe else amounts.lowered
    return min(ceiling.hinted, computed)


def maxmemory_of(ceiling: Ceiling, amounts: Amounts, rules: Rules) -> int | None:
    """Give the ceiling in bytes that a start is told; None leaves its own."""
    is_left = rules.settings.explicit_ceiling is ExplicitCeiling.RESPECT
    match ceiling.state:
        case CeilingState.SAFE:
            return None
        case CeilingState.MISSING | CeilingState.HIDDEN:
            return _never_raised(ceiling, amounts)
        case CeilingState.VOID | CeilingState.UNLIMITED:
            return None if is_left else amounts.computed.maxmemory
        case CeilingState.TOO_HIGH:
            return None if is_left else amounts.lowered
        case _:
            assert_never(ceiling.state)


def injected_size(
    computed: Sizing, ceilings: Sequence[Ceiling], injections: Sequence[Injection], rules: Rules
) -> Sizing:
    """Size what is injected, which is at times not what was computed."""
    amounts = [each.maxmemory for each in injections if each.maxmemory is not None]
    most = max(amounts, default=computed.maxmemory)
    if most == computed.maxmemory:
        return computed
    part = format_percentage(rules.headroom.explicit_share)
    because = f"its own is lowered to {part} of the limit and no further, for it persists its data"
    if any(each.hinted is not None for each in ceilings):
        because = "what the Pod says elsewhere of its own is not raised"
    headroom = computed.limit - most
    return replace(computed, maxmemory=most, headroom=headroom, because=because, raised=None)


def _lowered(computed: Sizing, safe: int, persistence: Persistence, *, turns_off: bool) -> int:
    """Give what an explicit ceiling that is too high becomes.

    Of a server that persists its data it is the highest that would be respected: were it the
    computed one, a little more memory asked for would make every write fail.
    """
    is_chosen = computed.profile is ProfileName.ANNOTATION
    return safe if persistence.forks and not turns_off and not is_chosen else computed.maxmemory
