"""Choose how much of its limit a server may fill: by its Pod's annotation, or by a profile."""

from typing import assert_never

from webhook.domain.ceiling.persistence import Persistence
from webhook.domain.ceiling.rules import Rules
from webhook.domain.ceiling.sizing import (
    Limit,
    ProfileName,
    Sizing,
    share,
    size,
    size_by_annotation,
)
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.policy.annotations import bounded_headroom
from webhook.domain.policy.settings import ProfileChoice
from webhook.domain.reasons import AdmissionWarning


def choose_size(
    server: ReachableServer,
    limit: Limit,
    rules: Rules,
    persistence: Persistence,
    *,
    turns_off: bool,
) -> tuple[Sizing, tuple[AdmissionWarning, ...]]:
    """Size the ceiling of each of a server's starts, with a warning where a wish is refused.

    `turns_off` tells that its snapshots are turned off.
    """
    wanted = rules.overrides.headroom
    servers = side_by_side(server)
    refused: tuple[AdmissionWarning, ...] = ()
    if wanted is not None:
        headroom = bounded_headroom(wanted, limit.amount, rules.policy.annotations)
        if isinstance(headroom, int):
            because = "the Pod's annotation asks for this headroom"
            return share(size_by_annotation(limit, headroom, because), servers), ()
        refused = (headroom,)
    profile, because = _profile(rules.settings.profile, persistence, turns_off=turns_off)
    return share(size(limit, rules.policy.headroom, profile, because), servers), refused


def side_by_side(server: ReachableServer) -> int:
    """Count the servers that run at one time; alternatives, as in if and else, count once."""
    beside = sum(start.beside_others for start in server.starts)
    return beside + (1 if beside < len(server.starts) else 0)


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
