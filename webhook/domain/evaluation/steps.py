"""The way to a server's ceiling in sentences, as `explain` shows it."""

from collections.abc import Iterable

from webhook.domain.ceiling.plan import CeilingPlan
from webhook.domain.ceiling.sizing import ProfileName, Raised, Sizing, measured_profile
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.domain.policy.percentage import format_percentage
from webhook.domain.policy.profile import Headroom


def steps_to(plan: CeilingPlan, headroom: Headroom) -> Iterable[str]:
    """Say what was seen of a server, what bounds it, and how its ceiling was computed."""
    for configuration, ceiling in zip(plan.seen.configurations, plan.ceilings, strict=True):
        own = f" ({ceiling.text})" if ceiling.text else ""
        if ceiling.hinted is not None:
            own = f" for certain; the Pod says {format_bytes(ceiling.hinted)}"
        yield f"{configuration.program}: {ceiling.state.value}{own}"
        if configuration.hidden:
            yield f"it cannot be seen: {', '.join(configuration.hidden)}"
    yield plan.seen.persistence.because
    yield f"its memory limit is {format_bytes(plan.limit.amount)}"
    if plan.limit.volumes:
        yield f"volumes in memory may take {format_bytes(plan.limit.volumes)} of it"
    yield _arithmetic(plan.computed, headroom)
    if plan.injects_ceiling and plan.sizing.raised is not None:
        yield _raised(plan.sizing, plan.sizing.raised, headroom)
    if plan.sizing is not plan.computed:
        amount = format_mebibytes(plan.sizing.maxmemory)
        yield f"{plan.sizing.because}: maxmemory {plan.sizing.maxmemory} bytes ({amount})"


def _arithmetic(sizing: Sizing, headroom: Headroom) -> str:
    reason = f"the profile is {sizing.profile} because {sizing.because}"
    given = sizing.maxmemory if sizing.raised is None else sizing.raised.computed
    result = f"maxmemory {given} bytes ({format_mebibytes(given)})"
    if sizing.profile is ProfileName.ANNOTATION:
        return f"{reason}: {result}"
    profile = measured_profile(headroom, sizing.profile)
    return f"{reason}: {profile.in_words}, which leaves {result}"


def _raised(sizing: Sizing, raised: Raised, headroom: Headroom) -> str:
    bound = ""
    if sizing.maxmemory < raised.wanted:
        bound = f", up to {format_percentage(headroom.explicit_share)} of the limit"
    return (
        f"it was seen to hold {format_mebibytes(raised.held)}, and its ceiling is not below 1.1 "
        f"times that{bound}: maxmemory {sizing.maxmemory} bytes "
        f"({format_mebibytes(sizing.maxmemory)})"
    )
