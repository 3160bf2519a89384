"""Evaluate a server whose options can be reached: its ceiling, eviction policy and snapshots."""

from dataclasses import dataclass
from typing import assert_never

from webhook.domain.ceiling.configuration import RedisConfiguration, read_configuration
from webhook.domain.ceiling.eviction import fitting_policy, read_eviction_policy
from webhook.domain.ceiling.explicit import Ceiling, CeilingState, read_ceiling
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
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.policy.annotations import PodOverrides, bounded_headroom
from webhook.domain.policy.settings import (
    ExplicitCeiling,
    NamespaceSettings,
    Policy,
    ProfileChoice,
    Snapshots,
)
from webhook.domain.reasons import AdmissionWarning
from webhook.domain.redis.version import read_version

_KEEPS_DEFAULTS = (6, 2)
_DEFAULT_SAVES = ("--save", "3600", "1", "--save", "300", "100", "--save", "60", "10000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for a Pod: the policy, its namespace's settings, and its own allowed requests."""

    policy: Policy
    settings: NamespaceSettings
    overrides: PodOverrides


@dataclass(frozen=True, slots=True, kw_only=True)
class CeilingPlan:
    """What a server needs.

    `computed` is the ceiling that fits it, `ceilings` its own ones and `options` what to add, both
    one for each start.
    """

    configurations: tuple[RedisConfiguration, ...]
    persistence: Persistence
    computed: Sizing
    ceilings: tuple[Ceiling, ...]
    options: tuple[tuple[str, ...], ...]
    eviction_policy: str | None
    snapshots: SnapshotState
    warnings: tuple[AdmissionWarning, ...]

    @property
    def forks(self) -> bool:
        """Tell whether it can fork to write its data, with the options added."""
        return self.persistence.forks and self.snapshots is not SnapshotState.TURNED_OFF

    @property
    def unsafe(self) -> tuple[Ceiling, ...]:
        """The explicit ceilings that do not protect the server."""
        states = (CeilingState.VOID, CeilingState.UNLIMITED, CeilingState.TOO_HIGH)
        return tuple(ceiling for ceiling in self.ceilings if ceiling.state in states)


def plan_ceiling(
    context: ContainerContext, server: ReachableServer, limit: Limit, rules: Rules
) -> CeilingPlan:
    """Evaluate a server under a limit."""
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
    saves = ("--save", "") if turns_off else ()
    options = tuple(
        _options(configuration, ceiling, computed, policy, rules)
        + (saves or _kept_saves(configuration, context))
        for configuration, ceiling in zip(configurations, ceilings, strict=True)
    )
    warnings = (
        *ceiling_warnings(ceilings, computed, options),
        *hidden_warnings(configurations, ceilings, options),
        *snapshot_warnings(turns_off=turns_off),
        *fork_warnings(ceilings, persistence, computed, turns_off=turns_off),
        *refused,
        *unsupported,
        *limit.warnings,
        *size_warnings(computed, rules.policy.headroom, options),
    )
    return CeilingPlan(
        configurations=configurations,
        persistence=persistence,
        computed=computed,
        ceilings=ceilings,
        options=options,
        eviction_policy=_policy_in_effect(configurations[0], options[0]),
        snapshots=_snapshots(persistence, turns_off=turns_off),
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
        headroom = bounded_headroom(wanted, limit.amount or 0, rules.policy.annotations)
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
) -> tuple[str, tuple[AdmissionWarning, ...]]:
    wanted = rules.overrides.eviction_policy or rules.settings.eviction_policy
    # Only of an image that is known does the tag tell the server's version.
    image = context.container.image if context.knows_image else ""
    policy, warnings = fitting_policy(wanted, image, (start.program for start in server.starts))
    return policy.value, warnings


def _options(
    configuration: RedisConfiguration,
    ceiling: Ceiling,
    computed: Sizing,
    policy: str,
    rules: Rules,
) -> tuple[str, ...]:
    options: list[str] = []
    if _needs_ceiling(ceiling, rules.settings.explicit_ceiling):
        options += ["--maxmemory", str(computed.maxmemory)]
    is_asked = rules.overrides.eviction_policy is not None
    if read_eviction_policy(configuration) is None and (is_asked or not configuration.hidden):
        options += ["--maxmemory-policy", policy]
    return tuple(options)


def _kept_saves(configuration: RedisConfiguration, context: ContainerContext) -> tuple[str, ...]:
    """Say the default save points to a server that any option would make forget them.

    Before 6.2 a server without options or a file saves by default, and with one it does not
    (Redis 6.0, src/server.c, main: resetServerSaveParams).
    """
    if not configuration.is_bare or configuration.program != "redis-server":
        return ()
    version = read_version(context.container.image) if context.knows_image else None
    return _DEFAULT_SAVES if version is not None and version < _KEEPS_DEFAULTS else ()


def _needs_ceiling(ceiling: Ceiling, explicit: ExplicitCeiling) -> bool:
    match ceiling.state:
        case CeilingState.SAFE:
            return False
        case CeilingState.MISSING | CeilingState.HIDDEN:
            return True
        case CeilingState.VOID | CeilingState.UNLIMITED | CeilingState.TOO_HIGH:
            return explicit is not ExplicitCeiling.RESPECT
        case _:
            assert_never(ceiling.state)


def _policy_in_effect(configuration: RedisConfiguration, options: tuple[str, ...]) -> str | None:
    if "--maxmemory-policy" in options:
        return options[options.index("--maxmemory-policy") + 1]
    return read_eviction_policy(configuration) or None


def _snapshots(persistence: Persistence, *, turns_off: bool) -> SnapshotState:
    if turns_off:
        return SnapshotState.TURNED_OFF
    if persistence.hidden:
        return SnapshotState.UNKNOWN
    return SnapshotState.ON if persistence.saves else SnapshotState.OFF
