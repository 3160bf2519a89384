"""Decide a server's ceiling, eviction policy and snapshots, where its options can be reached."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from webhook.domain.ceiling.configuration import Obstacle, RedisConfiguration, read_configuration
from webhook.domain.ceiling.eviction import fitting_policy, read_eviction_policy
from webhook.domain.ceiling.explicit import Ceiling, CeilingState, read_ceiling
from webhook.domain.ceiling.headroom import choose_size, side_by_side
from webhook.domain.ceiling.injection import SNAPSHOTS_OFF, Injection
from webhook.domain.ceiling.obstacles import out_of_reach, too_high, too_small, uncounted
from webhook.domain.ceiling.persistence import Persistence, SnapshotState, read_persistence
from webhook.domain.ceiling.rules import Rules
from webhook.domain.ceiling.sizing import Limit, ProfileName, Sizing
from webhook.domain.ceiling.warnings import (
    ceiling_warnings,
    durable_warnings,
    fork_warnings,
    hidden_warnings,
    size_warnings,
    snapshot_warnings,
)
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.policy.percentage import format_percentage
from webhook.domain.policy.settings import EvictionPolicy, ExplicitCeiling, Snapshots
from webhook.domain.reasons import AdmissionWarning
from webhook.domain.redis.version import read_version

_KEEPS_DEFAULTS = (6, 2)
_DEFAULT_SAVES = ("3600 1", "300 100", "60 10000")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes:
    """The sizes that a start's ceiling may get.

    One up to `safe` bytes is respected, and a higher one becomes `lowered`.
    """

    computed: Sizing
    safe: int
    lowered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingPlan:
    """What a server needs under a limit.

    `computed` is the ceiling that fits it and `sizing` the one that is injected; `ceilings` are its
    own and `injections` what to add, both one for each start. Where there is an `obstacle`, none of
    it can or may be added.
    """

    limit: Limit
    configurations: tuple[RedisConfiguration, ...]
    persistence: Persistence
    computed: Sizing
    sizing: Sizing
    ceilings: tuple[Ceiling, ...]
    injections: tuple[Injection, ...]
    eviction_policy: str | None
    snapshots: SnapshotState
    obstacle: Obstacle | None
    warnings: tuple[AdmissionWarning, ...]

    @property
    def forks(self) -> bool:
        """Tell whether it can fork to write its data, with the options added."""
        return self.persistence.forks and self.snapshots is not SnapshotState.TURNED_OFF

    @property
    def injects_ceiling(self) -> bool:
        """Tell whether a start of the server gets a ceiling."""
        return any(injection.maxmemory is not None for injection in self.injections)

    @property
    def unsafe(self) -> tuple[Ceiling, ...]:
        """The explicit ceilings that do not protect the server."""
        return tuple(ceiling for ceiling in self.ceilings if ceiling.is_unsafe)


def plan_ceiling(
    context: ContainerContext, server: ReachableServer, limit: Limit, rules: Rules
) -> CeilingPlan:
    """Decide what a server gets under a limit."""
    configurations = tuple(
        read_configuration(context, start, changes_directory=server.changes_directory)
        for start in server.starts
    )
    persistence = read_persistence(context, server, configurations)
    turns_off = _turns_off_snapshots(persistence, rules)
    counted = side_by_side(server, configurations)
    servers = counted or 1
    computed, refused = choose_size(servers, limit, rules, persistence, turns_off=turns_off)
    safe = _safe(limit, rules, computed, servers)
    lowered = _lowered(computed, safe, persistence, turns_off=turns_off)
    sizes = _Sizes(computed=computed, safe=safe, lowered=lowered)
    ceilings = tuple(read_ceiling(each, safe) for each in configurations)
    policy, unsupported = _eviction_policy(context, server, persistence, rules)
    injections = tuple(
        Injection(
            maxmemory=_maxmemory(ceiling, sizes, rules),
            eviction_policy=policy if _needs_policy(each, ceiling, persistence, rules) else None,
            save_points=SNAPSHOTS_OFF if turns_off else _kept_saves(each, context),
        )
        for each, ceiling in zip(configurations, ceilings, strict=True)
    )
    sizing = _injected(computed, ceilings, injections, rules)
    in_effect = _policy_in_effect(configurations[0], injections[0])
    warnings = (
        *ceiling_warnings(ceilings, computed, injections),
        *durable_warnings(persistence, sizing, injections, in_effect, rules.policy.headroom),
        *hidden_warnings(configurations, ceilings, injections, sizing),
        *snapshot_warnings(turns_off=turns_off),
        *fork_warnings(ceilings, persistence, sizing, turns_off=turns_off),
        *refused,
        *unsupported,
        *limit.warnings,
        *size_warnings(computed, rules.policy.headroom, injections),
    )
    return CeilingPlan(
        limit=limit,
        configurations=configurations,
        persistence=persistence,
        computed=computed,
        sizing=sizing,
        ceilings=ceilings,
        injections=injections,
        eviction_policy=in_effect,
        snapshots=_snapshots(persistence, turns_off=turns_off),
        obstacle=uncounted(counted, server)
        or too_small(limit, computed, injections, rules)
        or too_high(ceilings, limit, rules)
        or out_of_reach(server, configurations, injections),
        warnings=warnings,
    )


def _safe(limit: Limit, rules: Rules, computed: Sizing, servers: int) -> int:
    """Give the bytes up to which an explicit ceiling is respected; our own value always is."""
    explicit = rules.policy.headroom.explicit_share
    whole = limit.usable * explicit.numerator // explicit.denominator
    return max(whole // servers, computed.maxmemory)


def _lowered(computed: Sizing, safe: int, persistence: Persistence, *, turns_off: bool) -> int:
    """Give what an explicit ceiling that is too high becomes.

    Of a server that persists its data it is the highest that would be respected: were it the
    computed one, a little more memory asked for would make every write fail.
    """
    is_chosen = computed.profile is ProfileName.ANNOTATION
    return safe if persistence.forks and not turns_off and not is_chosen else computed.maxmemory


def _turns_off_snapshots(persistence: Persistence, rules: Rules) -> bool:
    kept = rules.settings.snapshots is Snapshots.KEEP or rules.overrides.keeps_snapshots
    return persistence.is_ephemeral and not kept


def _eviction_policy(
    context: ContainerContext, server: ReachableServer, persistence: Persistence, rules: Rules
) -> tuple[EvictionPolicy, tuple[AdmissionWarning, ...]]:
    """Choose by the Pod's annotation, else by whether the data is durable."""
    settings = rules.settings
    fits = settings.durable_eviction_policy if persistence.is_durable else settings.eviction_policy
    wanted = rules.overrides.eviction_policy or fits
    # Only of an image that is known does the tag tell the server's version.
    image = context.container.image if context.knows_image else ""
    return fitting_policy(wanted, image, (start.program for start in server.starts))


def _needs_policy(
    configuration: RedisConfiguration, ceiling: Ceiling, persistence: Persistence, rules: Rules
) -> bool:
    """Tell whether no eviction policy can be seen, none may stand out of sight, and none is meant.

    Who sets a ceiling of his own for durable data, and no eviction policy, has chosen noeviction.
    """
    if read_eviction_policy(configuration) is not None:
        return False
    if rules.overrides.eviction_policy is not None:
        return True
    return not configuration.hidden and not (persistence.is_durable and ceiling.is_chosen)


def _kept_saves(
    configuration: RedisConfiguration, context: ContainerContext
) -> tuple[str, ...] | None:
    """Say the default save points to a server that any option would make forget them.

    Before 6.2 a server without options or a file saves by default, and with one it does not
    (Redis 6.0, src/server.c, main: resetServerSaveParams).
    """
    if not configuration.is_bare or configuration.program != "redis-server":
        return None
    version = read_version(context.container.image) if context.knows_image else None
    return _DEFAULT_SAVES if version is not None and version < _KEEPS_DEFAULTS else None


def _never_raised(ceiling: Ceiling, sizes: _Sizes) -> int:
    """Give the ceiling where none can be seen: at most what the Pod says elsewhere of it."""
    computed = sizes.computed.maxmemory
    if ceiling.hinted is None:
        return computed
    if ceiling.is_copied:
        return ceiling.hinted if ceiling.hinted <= sizes.safe else sizes.lowered
    return min(ceiling.hinted, computed)


def _maxmemory(ceiling: Ceiling, sizes: _Sizes, rules: Rules) -> int | None:
    is_left = rules.settings.explicit_ceiling is ExplicitCeiling.RESPECT
    match ceiling.state:
        case CeilingState.SAFE:
            return None
        case CeilingState.MISSING | CeilingState.HIDDEN:
            return _never_raised(ceiling, sizes)
        case CeilingState.VOID | CeilingState.UNLIMITED:
            return None if is_left else sizes.computed.maxmemory
        case CeilingState.TOO_HIGH:
            return None if is_left else sizes.lowered
        case _:
            assert_never(ceiling.state)


def _injected(
    computed: Sizing, ceilings: Sequence[Ceiling], injections: Sequence[Injection], rules: Rules
) -> Sizing:
    """Size what is injected, which is at times not what was computed."""
    amounts = [each.maxmemory for each in injections if each.maxmemory is not None]
    most = max(amounts, default=computed.maxmemory)
    if most == computed.maxmemory:
        return computed
    part = format_percentage(rules.policy.headroom.explicit_share)
    because = f"its own is lowered to {part} of the limit and no further, for it persists its data"
    if any(each.hinted is not None for each in ceilings):
        because = "what the Pod says elsewhere of its own is not raised"
    headroom = computed.limit - most
    return replace(computed, maxmemory=most, headroom=headroom, because=because)


def _policy_in_effect(configuration: RedisConfiguration, injection: Injection) -> str | None:
    if injection.eviction_policy is not None:
        return injection.eviction_policy.value
    return read_eviction_policy(configuration) or None


def _snapshots(persistence: Persistence, *, turns_off: bool) -> SnapshotState:
    if turns_off:
        return SnapshotState.TURNED_OFF
    if persistence.hidden:
        return SnapshotState.UNKNOWN
    return SnapshotState.ON if persistence.saves else SnapshotState.OFF
