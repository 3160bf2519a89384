"""Choose how much of its limit a server may fill: by its Pod's annotation, or by a profile."""

from collections.abc import Sequence
from typing import assert_never

from webhook.domain.ceiling.rules import Rules
from webhook.domain.ceiling.sizing import (
    Limit,
    ProfileName,
    Sizing,
    raise_to_hold,
    share,
    size,
    size_by_annotation,
)
from webhook.domain.configuration.persistence import Persistence
from webhook.domain.configuration.redis_configuration import RedisConfiguration
from webhook.domain.launch.concurrency import most_at_once
from webhook.domain.launch.launch import ReachableServer, ServerStart
from webhook.domain.policy.annotations import bounded_headroom
from webhook.domain.policy.profile import Headroom
from webhook.domain.policy.settings import ProfileChoice
from webhook.domain.reasons import AdmissionWarning
from webhook.domain.redis.directives import is_yes, last_directive


def choose_size(
    servers: int,
    limit: Limit,
    rules: Rules,
    persistence: Persistence,
    *,
    turns_off: bool,
    held: int | None = None,
) -> tuple[Sizing, tuple[AdmissionWarning, ...]]:
    """Size the ceiling of each of several servers, with a warning where a wish is refused.

    `turns_off` tells that its snapshots are turned off. `held` are the bytes that a server was seen
    to hold: data that lasts gets room for them, unless the Pod itself says how much.
    """
    wanted = rules.overrides.headroom
    refused: tuple[AdmissionWarning, ...] = ()
    if wanted is not None:
        headroom = bounded_headroom(wanted, limit.amount, rules.policy.annotations)
        if isinstance(headroom, int):
            because = "the Pod's annotation asks for this headroom"
            return share(size_by_annotation(limit, headroom, because), servers), ()
        refused = (headroom,)
    profile, because = _profile(rules.settings.profile, persistence, turns_off=turns_off)
    sizing = share(size(limit, rules.headroom, profile, because), servers)
    if held is not None and persistence.is_durable:
        most = respected_share(limit, rules.headroom, servers)
        sizing = raise_to_hold(sizing, held, most=most)
    return sizing, refused


def respected_share(limit: Limit, headroom: Headroom, servers: int) -> int:
    """Give the bytes up to which an explicit ceiling of each of several servers is respected."""
    explicit = headroom.explicit_share
    return limit.usable * explicit.numerator // explicit.denominator // servers


def side_by_side(
    server: ReachableServer, configurations: Sequence[RedisConfiguration]
) -> int | None:
    """Count the servers that run at one time at most, None where that cannot be counted."""
    return most_at_once(server.starts, tuple(map(_stays, server.starts, configurations)))


def _stays(start: ServerStart, configuration: RedisConfiguration) -> bool:
    """Tell whether a server goes on when the next command is run: `&`, or as a daemon."""
    if start.beside_others or start.is_exec:
        return start.beside_others
    daemonize = last_directive(configuration.directives, "daemonize")
    if daemonize is None or None in daemonize.values:
        return bool(configuration.hidden)
    return any(is_yes(value or "") for value in daemonize.values)


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
