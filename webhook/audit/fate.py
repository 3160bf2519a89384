"""What becomes of a server in its next Pod, and which limit would make room for what it holds."""

from enum import StrEnum

from webhook.audit.server import AuditedServer
from webhook.domain.ceiling.sizing import ProfileName, measured_profile
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.policy.profile import MEBIBYTE, Headroom

_STEP = 16 * MEBIBYTE


class Fate(StrEnum):
    """What becomes of a server in its next Pod."""

    CEILING = "ceiling"
    RESPECTED = "respected"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    EXEMPT = "exempt"


def fate_of(server: AuditedServer) -> Fate:
    """Tell what becomes of a server; one beside a refused one is refused with its Pod."""
    verdict = server.outcome.verdict
    if verdict is Verdict.EXEMPT:
        return Fate.EXEMPT
    if server.is_refused:
        return Fate.REFUSED
    match verdict:
        case Verdict.INJECT | Verdict.ADJUST:
            return Fate.CEILING
        case Verdict.RESPECT:
            return Fate.RESPECTED
        case _:
            return Fate.UNREACHABLE


def is_unguarded(server: AuditedServer) -> bool:
    """Tell whether one of its Pods runs without a ceiling now."""
    return fate_of(server) is not Fate.EXEMPT and any(each.ceiling is None for each in server.pods)


def limit_for(peak: int, profile: ProfileName, headroom: Headroom, *, volumes: int = 0) -> int:
    """Give the least memory limit, in steps of 16Mi, whose ceiling is not below `peak` bytes.

    `volumes` are the bytes that volumes in memory may take of it.
    """
    needed = measured_profile(headroom, profile).limit_for(peak, volumes=volumes)
    return -(-needed // _STEP) * _STEP
