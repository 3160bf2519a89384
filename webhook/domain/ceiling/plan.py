"""Judge a server whose options can be reached: its ceiling, eviction policy and snapshots."""

from dataclasses import dataclass
from typing import assert_never

from webhook.domain.ceiling.configuration import Configuration, read_configuration
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
    ceiling_remarks,
    fork_remarks,
    hidden_remarks,
    size_remarks,
    snapshot_remarks,
)
from webhook.domain.launch.context import Scene
from webhook.domain.launch.launch import Server
from webhook.domain.policy.annotations import Requests, bounded_headroom
from webhook.domain.policy.settings import (
    ExplicitCeiling,
    Policy,
    ProfileChoice,
    Settings,
    Snapshots,
)
from webhook.domain.reasons import Remark
from webhook.domain.redis.version import read_version

_KEEPS_DEFAULTS = (6, 2)
_DEFAULT_SAVES = ("--save", "3600", "1", "--save", "300", "100", "--save", "60", "10000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for a Pod: the policy, its namespace's settings, and its own allowed requests."""

    policy: Policy
    settings: Settings
    requests: Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a server needs.

    `computed` is the ceiling that fits it, `ceilings` its own ones and `options` what to add, both
    one for each site.
    """

    configurations: tuple[Configuration, ...]
    persistence: Persistence
    computed: Sizing
    ceilings: tuple[Ceiling, ...]
    options: tuple[tuple[str, ...], ...]
    eviction_policy: str | None
    snapshots: SnapshotState
    remarks: tuple[Remark, ...]

    @property
    def forks(self) -> bool:
        """Tell whether it can fork to write its data, with the options added."""
        return self.persistence.forks and self.snapshots is not SnapshotState.TURNED_OFF

    @property
    def unsafe(self) -> tuple[Ceiling, ...]:
        """The explicit ceilings that do not protect the server."""
        states = (CeilingState.VOID, CeilingState.UNLIMITED, CeilingState.TOO_HIGH)
        return tuple(ceiling for ceiling in self.ceilings if ceiling.state in states)


def judge(scene: Scene, server: Server, limit: Limit, rules: Rules) -> Judgement:
    """Judge a server under a limit."""
    configurations = tuple(
        read_configuration(scene, site, moves=server.moves) for site in server.sites
    )
    persistence = read_persistence(scene, server, configurations)
    turns_off = _turns_off_snapshots(persistence, rules)
    side_by_side = _side_by_side(server)
    computed, refused = _size(limit, rules, persistence, side_by_side, turns_off=turns_off)
    safe = _safe(limit, rules, computed, side_by_side)
    ceilings = tuple(read_ceiling(each, safe) for each in configurations)
    policy, unsupported = _eviction_policy(scene, server, rules)
    saves = ("--save", "") if turns_off else ()
    options = tuple(
        _options(configuration, ceiling, computed, policy, rules)
        + (saves or _kept_saves(configuration, scene))
        for configuration, ceiling in zip(configurations, ceilings, strict=True)
    )
    remarks = (
        *ceiling_remarks(ceilings, computed, options),
        *hidden_remarks(configurations, ceilings, options),
        *snapshot_remarks(turns_off=turns_off),
        *fork_remarks(ceilings, persistence, computed, turns_off=turns_off),
        *refused,
        *unsupported,
        *limit.remarks,
        *size_remarks(computed, rules.policy.headroom, options),
    )
    return Judgement(
        configurations=configurations,
        persistence=persistence,
        computed=computed,
        ceilings=ceilings,
        options=options,
        eviction_policy=_policy_in_effect(configurations[0], options[0]),
        snapshots=_snapshots(persistence, turns_off=turns_off),
        remarks=remarks,
    )


def _side_by_side(server: Server) -> int:
    """Count the servers that run at one time; alternatives, as in if and else, count once."""
    beside = sum(site.beside_others for site in server.sites)
    return beside + (1 if beside < len(server.sites) else 0)


def _safe(limit: Limit, rules: Rules, computed: Sizing, side_by_side: int) -> int:
    """Give the bytes up to which an explicit ceiling is respected; our own value always is."""
    explicit = rules.policy.headroom.explicit_share
    whole = limit.usable * explicit.numerator // explicit.denominator
    return max(whole // side_by_side, computed.maxmemory)


def _turns_off_snapshots(persistence: Persistence, rules: Rules) -> bool:
    kept = rules.settings.snapshots is Snapshots.KEEP or rules.requests.keeps_snapshots
    return persistence.is_ephemeral and not kept


def _size(
    limit: Limit, rules: Rules, persistence: Persistence, side_by_side: int, *, turns_off: bool
) -> tuple[Sizing, tuple[Remark, ...]]:
    wanted = rules.requests.headroom
    refused: tuple[Remark, ...] = ()
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


def _eviction_policy(scene: Scene, server: Server, rules: Rules) -> tuple[str, tuple[Remark, ...]]:
    wanted = rules.requests.eviction_policy or rules.settings.eviction_policy
    # Only of an image that is known does the tag tell the server's version.
    image = scene.container.image if scene.knows_image else ""
    policy, remarks = fitting_policy(wanted, image, (site.program for site in server.sites))
    return policy.value, remarks


def _options(
    configuration: Configuration,
    ceiling: Ceiling,
    computed: Sizing,
    policy: str,
    rules: Rules,
) -> tuple[str, ...]:
    options: list[str] = []
    if _needs_ceiling(ceiling, rules.settings.explicit_ceiling):
        options += ["--maxmemory", str(computed.maxmemory)]
    is_asked = rules.requests.eviction_policy is not None
    if read_eviction_policy(configuration) is None and (is_asked or not configuration.hidden):
        options += ["--maxmemory-policy", policy]
    return tuple(options)


def _kept_saves(configuration: Configuration, scene: Scene) -> tuple[str, ...]:
    """Say the default save points to a server that any option would make forget them.

    Before 6.2 a server without options or a file saves by default, and with one it does not
    (Redis 6.0, src/server.c, main: resetServerSaveParams).
    """
    if not configuration.is_bare or configuration.program != "redis-server":
        return ()
    version = read_version(scene.container.image) if scene.knows_image else None
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


def _policy_in_effect(configuration: Configuration, options: tuple[str, ...]) -> str | None:
    if "--maxmemory-policy" in options:
        return options[options.index("--maxmemory-policy") + 1]
    return read_eviction_policy(configuration) or None


def _snapshots(persistence: Persistence, *, turns_off: bool) -> SnapshotState:
    if turns_off:
        return SnapshotState.TURNED_OFF
    if persistence.hidden:
        return SnapshotState.UNKNOWN
    return SnapshotState.ON if persistence.saves else SnapshotState.OFF
