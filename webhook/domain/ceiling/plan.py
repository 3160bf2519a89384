"""Decide a server's ceiling, eviction policy and snapshots, where its options can be reached."""

from dataclasses import dataclass
from typing import assert_never

from webhook.domain.ceiling.configuration import Obstacle, RedisConfiguration, read_configuration
from webhook.domain.ceiling.eviction import fitting_policy, read_eviction_policy
from webhook.domain.ceiling.explicit import Ceiling, CeilingState, read_ceiling
from webhook.domain.ceiling.injection import SNAPSHOTS_OFF, Injection
from webhook.domain.ceiling.persistence import Persistence, SnapshotState, read_persistence
from webhook.domain.ceiling.sizing import (
    Limit,
    ProfileName,
    Sizing,
    share,
    size,
    size_by_annotation,
)
from webhook.domain.ceiling.warnings import (
    ceiling_warnings,
    fork_warnings,
    hidden_warnings,
    size_warnings,
    snapshot_warnings,
)
from webhook.domain.kubernetes.quantity import format_bytes
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import ShellText
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.policy.annotations import PodOverrides, bounded_headroom
from webhook.domain.policy.settings import (
    EvictionPolicy,
    ExplicitCeiling,
    NamespaceSettings,
    Policy,
    ProfileChoice,
    Snapshots,
)
from webhook.domain.reasons import AdmissionWarning, Reason
from webhook.domain.redis.version import read_version

_KEEPS_DEFAULTS = (6, 2)
_DEFAULT_SAVES = ("3600 1", "300 100", "60 10000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for a Pod: the policy, its namespace's settings, and its own allowed requests."""

    policy: Policy
    settings: NamespaceSettings
    overrides: PodOverrides


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingPlan:
    """What a server needs under a limit.

    `computed` is the ceiling that fits it, `ceilings` its own ones and `injections` what to add,
    both one for each start. Where there is an `obstacle`, none of it can or may be added.
    """

    limit: Limit
    configurations: tuple[RedisConfiguration, ...]
    persistence: Persistence
    computed: Sizing
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
        return _unsafe(self.ceilings)


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
    side_by_side = _side_by_side(server)
    computed, refused = _size(limit, rules, persistence, side_by_side, turns_off=turns_off)
    safe = _safe(limit, rules, computed, side_by_side)
    ceilings = tuple(read_ceiling(each, safe) for each in configurations)
    policy, unsupported = _eviction_policy(context, server, rules)
    injections = tuple(
        Injection(
            maxmemory=_maxmemory(ceiling, computed, rules),
            eviction_policy=policy if _needs_policy(configuration, rules) else None,
            save_points=SNAPSHOTS_OFF if turns_off else _kept_saves(configuration, context),
        )
        for configuration, ceiling in zip(configurations, ceilings, strict=True)
    )
    warnings = (
        *ceiling_warnings(ceilings, computed, injections),
        *hidden_warnings(configurations, ceilings, injections),
        *snapshot_warnings(turns_off=turns_off),
        *fork_warnings(ceilings, persistence, computed, turns_off=turns_off),
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
        ceilings=ceilings,
        injections=injections,
        eviction_policy=_policy_in_effect(configurations[0], injections[0]),
        snapshots=_snapshots(persistence, turns_off=turns_off),
        obstacle=_too_small(limit, computed, injections, rules)
        or _too_high(ceilings, limit, rules)
        or _out_of_reach(server, configurations, injections),
        warnings=warnings,
    )


def _side_by_side(server: ReachableServer) -> int:
    """Count the servers that run at one time; alternatives, as in if and else, count once."""
    beside = sum(start.beside_others for start in server.starts)
    return beside + (1 if beside < len(server.starts) else 0)


def _safe(limit: Limit, rules: Rules, computed: Sizing, side_by_side: int) -> int:
    """Give the bytes up to which an explicit ceiling is respected; our own value always is."""
    explicit = rules.policy.headroom.explicit_share
    whole = limit.usable * explicit.numerator // explicit.denominator
    return max(whole // side_by_side, computed.maxmemory)


def _turns_off_snapshots(persistence: Persistence, rules: Rules) -> bool:
    kept = rules.settings.snapshots is Snapshots.KEEP or rules.overrides.keeps_snapshots
    return persistence.is_ephemeral and not kept


def _size(
    limit: Limit, rules: Rules, persistence: Persistence, side_by_side: int, *, turns_off: bool
) -> tuple[Sizing, tuple[AdmissionWarning, ...]]:
    wanted = rules.overrides.headroom
    refused: tuple[AdmissionWarning, ...] = ()
    if wanted is not None:
        headroom = bounded_headroom(wanted, limit.amount, rules.policy.annotations)
        if isinstance(headroom, int):
            because = "the Pod's annotation asks for this headroom"
            return share(size_by_annotation(limit, headroom, because), side_by_side), ()
        refused = (headroom,)
    profile, because = _profile(rules.settings.profile, persistence, turns_off=turns_off)
    return share(size(limit, rules.policy.headroom, profile, because), side_by_side), refused


def _profile(
    choice: ProfileChoice, persistence: Persistence, *, turns_off: bool
) -> tuple[ProfileName, str]:
    match choice:
        case ProfileChoice.CACHE | ProfileChoice.PERSISTENT:
            return ProfileName(choice.value), "the administrator's policy chooses this profile"
        case ProfileChoice.AUTO if turns_off:
            return ProfileName.CACHE, "its snapshots, which nothing could restore, are turned off"
        case ProfileChoice.AUTO if persistence.forks:
            return ProfileName.PERSISTENT, persistence.because
        case ProfileChoice.AUTO:
            return ProfileName.CACHE, persistence.because
        case _:
            assert_never(choice)


def _eviction_policy(
    context: ContainerContext, server: ReachableServer, rules: Rules
) -> tuple[EvictionPolicy, tuple[AdmissionWarning, ...]]:
    wanted = rules.overrides.eviction_policy or rules.settings.eviction_policy
    # Only of an image that is known does the tag tell the server's version.
    image = context.container.image if context.knows_image else ""
    return fitting_policy(wanted, image, (start.program for start in server.starts))


def _needs_policy(configuration: RedisConfiguration, rules: Rules) -> bool:
    """Tell whether no eviction policy can be seen, and none may stand out of sight."""
    if read_eviction_policy(configuration) is not None:
        return False
    return rules.overrides.eviction_policy is not None or not configuration.hidden


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


def _maxmemory(ceiling: Ceiling, computed: Sizing, rules: Rules) -> int | None:
    match ceiling.state:
        case CeilingState.SAFE:
            return None
        case CeilingState.MISSING | CeilingState.HIDDEN:
            return computed.maxmemory
        case CeilingState.VOID | CeilingState.UNLIMITED | CeilingState.TOO_HIGH:
            is_left = rules.settings.explicit_ceiling is ExplicitCeiling.RESPECT
            return None if is_left else computed.maxmemory
        case _:
            assert_never(ceiling.state)


def _policy_in_effect(configuration: RedisConfiguration, injection: Injection) -> str | None:
    if injection.eviction_policy is not None:
        return injection.eviction_policy.value
    return read_eviction_policy(configuration) or None


def _unsafe(ceilings: tuple[Ceiling, ...]) -> tuple[Ceiling, ...]:
    states = (CeilingState.VOID, CeilingState.UNLIMITED, CeilingState.TOO_HIGH)
    return tuple(ceiling for ceiling in ceilings if ceiling.state in states)


def _too_small(
    limit: Limit, computed: Sizing, injections: tuple[Injection, ...], rules: Rules
) -> Obstacle | None:
    """Find that a ceiling is needed and no sensible one fits."""
    minimum = rules.policy.headroom.minimum_limit
    is_needed = any(injection.maxmemory is not None for injection in injections)
    if not is_needed or (limit.usable >= minimum and computed.maxmemory > 0):
        return None
    detail = f"no sensible ceiling fits {format_bytes(limit.usable)}; the least is "
    return Obstacle(reason=Reason.LIMIT_TOO_SMALL, detail=detail + format_bytes(minimum))


def _too_high(ceilings: tuple[Ceiling, ...], limit: Limit, rules: Rules) -> Obstacle | None:
    """Find an explicit ceiling that the administrator's policy refuses."""
    unsafe = _unsafe(ceilings)
    if not unsafe or rules.settings.explicit_ceiling is not ExplicitCeiling.DENY:
        return None
    detail = f"{unsafe[0].state.value}: {unsafe[0].text} of {format_bytes(limit.amount)}"
    return Obstacle(reason=Reason.CEILING_TOO_HIGH, detail=detail)


def _out_of_reach(
    server: ReachableServer,
    configurations: tuple[RedisConfiguration, ...],
    injections: tuple[Injection, ...],
) -> Obstacle | None:
    """Find what keeps the options from their place; nothing does where none are needed."""
    if not any(injection.options for injection in injections):
        return None
    for configuration in configurations:
        if configuration.obstacle is not None:
            return configuration.obstacle
    if isinstance(server.injection_point, ShellText) or len(set(injections)) == 1:
        return None
    detail = "it starts servers with different options of their own, which would all get the same"
    return Obstacle(reason=Reason.UNREADABLE_SCRIPT, detail=detail)


def _snapshots(persistence: Persistence, *, turns_off: bool) -> SnapshotState:
    if turns_off:
        return SnapshotState.TURNED_OFF
    if persistence.hidden:
        return SnapshotState.UNKNOWN
    return SnapshotState.ON if persistence.saves else SnapshotState.OFF
