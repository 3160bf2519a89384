"""Judge a server whose options can be reached: its ceiling, eviction policy and snapshots."""

from dataclasses import dataclass
from typing import assert_never

from webhook.domain.ceiling import (
    Ceiling,
    CeilingState,
    needs_version,
    read_ceiling,
    read_eviction_policy,
    supported,
)
from webhook.domain.configuration import Configuration, read_configuration
from webhook.domain.image import ImageError, parse_image
from webhook.domain.launch.values import Scene, Server
from webhook.domain.outcome import ProfileName, Remark, Sizing, SnapshotState
from webhook.domain.persistence import Persistence, read_persistence
from webhook.domain.policy import (
    ExplicitCeiling,
    Policy,
    ProfileChoice,
    Settings,
    Snapshots,
)
from webhook.domain.reasons import Reason
from webhook.domain.requests import Requests, bounded_headroom
from webhook.domain.sizing import Limit, share, size, size_by_annotation


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
    one for each site. `lowers` tells that an explicit ceiling is not left as it is.
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
    def unsafe(self) -> tuple[Ceiling, ...]:
        """The explicit ceilings that do not protect the server."""
        states = (CeilingState.VOID, CeilingState.UNLIMITED, CeilingState.TOO_HIGH)
        return tuple(ceiling for ceiling in self.ceilings if ceiling.state in states)


def judge(scene: Scene, server: Server, limit: Limit, rules: Rules) -> Judgement:
    """Judge a server under a limit."""
    configurations = tuple(read_configuration(scene, site) for site in server.sites)
    persistence = read_persistence(scene, server, configurations)
    turns_off = _turns_off_snapshots(persistence, rules)
    computed, refused = _size(server, limit, rules, persistence, turns_off=turns_off)
    share_of = rules.policy.headroom.explicit_share
    safe = max(limit.usable * share_of.numerator // share_of.denominator, computed.maxmemory)
    ceilings = tuple(read_ceiling(each, safe) for each in configurations)
    policy, unsupported = _eviction_policy(scene, server, rules)
    options = tuple(
        _options(configuration, ceiling, computed, policy, rules, turns_off=turns_off)
        for configuration, ceiling in zip(configurations, ceilings, strict=True)
    )
    remarks = (
        *_remarks(configurations, persistence, ceilings, limit, turns_off=turns_off),
        *refused,
        *unsupported,
    )
    return Judgement(
        configurations=configurations,
        persistence=persistence,
        computed=computed,
        ceilings=ceilings,
        options=options,
        eviction_policy=_policy_in_effect(configurations, policy),
        snapshots=_snapshots(persistence, turns_off=turns_off),
        remarks=remarks,
    )


def _turns_off_snapshots(persistence: Persistence, rules: Rules) -> bool:
    kept = rules.settings.snapshots is Snapshots.KEEP or rules.requests.keeps_snapshots
    return persistence.is_ephemeral and not kept


def _size(
    server: Server, limit: Limit, rules: Rules, persistence: Persistence, *, turns_off: bool
) -> tuple[Sizing, tuple[Remark, ...]]:
    beside = sum(site.beside_others for site in server.sites)
    servers = beside + (1 if beside < len(server.sites) else 0)
    wanted = rules.requests.headroom
    refused: tuple[Remark, ...] = ()
    if wanted is not None:
        headroom = bounded_headroom(wanted, limit.amount or 0, rules.policy.annotations)
        if isinstance(headroom, int):
            because = "the Pod's annotation asks for this headroom"
            return share(size_by_annotation(limit, headroom, because), servers), ()
        refused = (headroom,)
    profile, because = _profile(rules.settings.profile, persistence, turns_off=turns_off)
    return share(size(limit, rules.policy.headroom, profile, because), servers), refused


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
    if not needs_version(wanted):
        return wanted.value, ()
    try:
        tag = parse_image(scene.container.image).tag or ""
    except ImageError:
        tag = ""
    program = server.sites[0].program
    policy = supported(wanted, program, tag)
    if policy is wanted:
        return policy.value, ()
    message = f"{program} {tag} does not know {wanted}; {policy} is used"
    return policy.value, (Remark(reason=Reason.POLICY_UNSUPPORTED, message=message),)


def _options(
    configuration: Configuration,
    ceiling: Ceiling,
    computed: Sizing,
    policy: str,
    rules: Rules,
    *,
    turns_off: bool,
) -> tuple[str, ...]:
    options: list[str] = []
    if _needs_ceiling(ceiling, rules.settings.explicit_ceiling):
        options += ["--maxmemory", str(computed.maxmemory)]
    if read_eviction_policy(configuration) is None and not configuration.hidden:
        options += ["--maxmemory-policy", policy]
    if turns_off:
        options += ["--save", ""]
    return tuple(options)


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


def _policy_in_effect(configurations: tuple[Configuration, ...], policy: str) -> str | None:
    visible = [read_eviction_policy(each) for each in configurations]
    if visible[0] is None:
        return None if configurations[0].hidden else policy
    return visible[0] or None


def _snapshots(persistence: Persistence, *, turns_off: bool) -> SnapshotState:
    if turns_off:
        return SnapshotState.TURNED_OFF
    if persistence.hidden:
        return SnapshotState.UNKNOWN
    return SnapshotState.ON if persistence.saves else SnapshotState.OFF


def _remarks(
    configurations: tuple[Configuration, ...],
    persistence: Persistence,
    ceilings: tuple[Ceiling, ...],
    limit: Limit,
    *,
    turns_off: bool,
) -> tuple[Remark, ...]:
    remarks: list[Remark] = []
    if any(ceiling.state is CeilingState.HIDDEN for ceiling in ceilings):
        message = "its own maxmemory comes from a value that cannot be seen and is overridden"
        remarks.append(Remark(reason=Reason.CEILING_HIDDEN, message=message))
    if turns_off:
        message = "default snapshots, which no volume could bring back, are turned off"
        remarks.append(Remark(reason=Reason.SNAPSHOTS_TURNED_OFF, message=message))
    hidden = tuple(dict.fromkeys(part for each in configurations for part in each.hidden))
    if hidden:
        remarks.append(_hidden_remark(configurations, ", ".join(hidden)))
    safe = [c.amount or 0 for c in ceilings if c.state is CeilingState.SAFE]
    if safe and persistence.forks and not turns_off and max(safe) * 2 > (limit.amount or 0):
        message = (
            f"maxmemory {max(safe)} is over half of the limit and {persistence.because}: "
            "measured, a fork under writes needs up to twice maxmemory"
        )
        remarks.append(Remark(reason=Reason.FORK_OVER_HALF, message=message))
    return tuple(remarks)


def _hidden_remark(configurations: tuple[Configuration, ...], hidden: str) -> Remark:
    if all(read_eviction_policy(each) is None for each in configurations):
        message = f"its eviction policy may stand in {hidden}, so none is injected"
        return Remark(reason=Reason.POLICY_HIDDEN, message=message)
    return Remark(reason=Reason.OPTIONS_HIDDEN, message=f"{hidden} cannot be seen")
