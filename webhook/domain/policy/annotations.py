"""What a Pod asks for by its annotations, as far as the administrator allows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from webhook.domain.kubernetes.quantity import QuantityError, format_bytes, parse_bytes
from webhook.domain.policy.percentage import PercentageError, parse_percentage
from webhook.domain.policy.settings import AnnotationBounds, EvictionPolicy
from webhook.domain.reasons import AdmissionWarning, Reason

PREFIX = "redis-memory-guard.dev/"
"""The prefix of all our annotations, and of our label."""

INJECTED = f"{PREFIX}injected"
"""The status annotation."""

GUARDED = f"{PREFIX}guarded"
"""The label of Pods that carry the status annotation, for selectors: nothing is decided by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodOverrides:
    """A Pod's allowed wishes; `headroom` is in bytes (int) or a share of the limit (Fraction)."""

    eviction_policy: EvictionPolicy | None = None
    headroom: int | Fraction | None = None
    keeps_snapshots: bool = False
    exempt: bool = False
    warnings: tuple[AdmissionWarning, ...] = ()


class _RefusedError(ValueError):
    """An annotation that is not followed; the text goes on behind its name."""


@dataclass(slots=True)
class _Draft:
    bounds: AnnotationBounds
    overrides: PodOverrides = field(default_factory=PodOverrides)

    def eviction_policy(self, value: str) -> None:
        if value not in set(EvictionPolicy):
            raise _RefusedError(f"is no eviction policy; known are {', '.join(EvictionPolicy)}")
        policy = EvictionPolicy(value)
        if policy not in self.bounds.eviction_policies:
            allowed = ", ".join(self.bounds.eviction_policies) or "none"
            raise _RefusedError(f"may not choose {policy}; allowed: {allowed}")
        self.overrides = replace(self.overrides, eviction_policy=policy)

    def headroom(self, value: str) -> None:
        try:
            amount = parse_percentage(value) if value.endswith("%") else parse_bytes(value)
        except (PercentageError, QuantityError) as error:
            raise _RefusedError(f"must be a quantity or a percentage: {error}") from None
        self.overrides = replace(self.overrides, headroom=amount)

    def snapshots(self, value: str) -> None:
        if value not in ("keep", "auto"):
            raise _RefusedError("must be keep or auto")
        if value == "keep" and not self.bounds.snapshots:
            raise _RefusedError("is not allowed by the administrator's policy")
        self.overrides = replace(self.overrides, keeps_snapshots=value == "keep")

    def exempt(self, value: str) -> None:
        if value not in ("true", "false"):
            raise _RefusedError("must be true or false")
        if value == "true" and not self.bounds.exempt:
            raise _RefusedError("is not allowed by the administrator's policy")
        self.overrides = replace(self.overrides, exempt=value == "true")


def read_overrides(annotations: Mapping[str, str], bounds: AnnotationBounds) -> PodOverrides:
    """Read a Pod's annotations; each that is not followed becomes a warning."""
    ours = [name for name in annotations if name.startswith(PREFIX) and name != INJECTED]
    if not ours:
        return PodOverrides()
    draft = _Draft(bounds)
    known: Mapping[str, Callable[[str], None]] = {
        "eviction-policy": draft.eviction_policy,
        "headroom": draft.headroom,
        "snapshots": draft.snapshots,
        "exempt": draft.exempt,
    }
    warnings = []
    for name in sorted(ours):
        read = known.get(name.removeprefix(PREFIX))
        if read is None:
            warnings.append(
                _warning(f"the annotation {name} is unknown; known: {', '.join(known)}")
            )
            continue
        try:
            read(annotations[name])
        except _RefusedError as refusal:
            warnings.append(_warning(f"the annotation {name} {refusal}"))
    return replace(draft.overrides, warnings=tuple(warnings))


def bounded_headroom(
    wanted: int | Fraction, limit: int, bounds: AnnotationBounds
) -> int | AdmissionWarning:
    """Give a wanted headroom in bytes, rounded up, or the warning that it is out of bounds."""
    exact = wanted * limit if isinstance(wanted, Fraction) else Fraction(wanted)
    if bounds.headroom_minimum * limit <= exact <= bounds.headroom_maximum * limit:
        return -int(-exact // 1)
    least, most = bounds.headroom_minimum * limit, bounds.headroom_maximum * limit
    return _warning(
        f"the annotation {PREFIX}headroom asks for {format_bytes(int(exact))}; allowed are "
        f"{format_bytes(int(least))} to {format_bytes(int(most))} of {format_bytes(limit)}"
    )


def _warning(message: str) -> AdmissionWarning:
    return AdmissionWarning(reason=Reason.ANNOTATION_REFUSED, message=message)
