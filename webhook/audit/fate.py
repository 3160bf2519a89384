"""What becomes of a server in its next Pod, and which limit would make room for what it holds."""

from enum import StrEnum

from webhook.audit.server import AuditedServer
from webhook.domain.ceiling.sizing import Limit, ProfileName, size
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.policy.settings import MEBIBYTE, Headroom

_STEP = 16 * MEBIBYTE
_MOST_STEPS = 2**20


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


def limit_for(peak: int, profile: ProfileName, headroom: Headroom) -> int:
    """Give the least memory limit, in steps of 16Mi, whose ceiling is not below `peak` bytes."""
    least, most = 1, _MOST_STEPS
    while least < most:
        middle = (least + most) // 2
        if size(Limit(amount=middle * _STEP), headroom, profile, "").maxmemory >= peak:
            most = middle
        else:
            least = middle + 1
    return least * _STEP
