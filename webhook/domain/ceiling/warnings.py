"""The warnings beside a server's verdict, each with its values."""

from collections.abc import Iterable, Mapping, Sequence

from webhook.domain.ceiling.eviction import read_eviction_policy
from webhook.domain.ceiling.explicit import Ceiling, CeilingState
from webhook.domain.ceiling.injection import Injection
from webhook.domain.ceiling.queue_signs import queue_sign
from webhook.domain.ceiling.sizing import Limit, ProfileName, Sizing, measured_profile
from webhook.domain.configuration.persistence import Persistence
from webhook.domain.configuration.redis_configuration import RedisConfiguration
from webhook.domain.configuration.replication import Replica
from webhook.domain.kubernetes.pod import Pod
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.domain.policy.percentage import format_percentage
from webhook.domain.policy.profile import MEBIBYTE, Headroom
from webhook.domain.policy.settings import EvictionPolicy
from webhook.domain.reasons import AdmissionWarning, Reason


def snapshot_warnings(*, turns_off: bool) -> Iterable[AdmissionWarning]:
    """Warn that snapshots are turned off."""
    if turns_off:
        message = "default snapshots, which no volume could bring back, are turned off"
        yield AdmissionWarning(reason=Reason.SNAPSHOTS_TURNED_OFF, message=message)


def hidden_ceiling_warnings(
    ceilings: Iterable[Ceiling], sizing: Sizing
) -> Iterable[AdmissionWarning]:
    """Warn of a ceiling of its own that cannot be seen, in whose place another is put."""
    if any(ceiling.state is CeilingState.HIDDEN for ceiling in ceilings):
        message = (
            "its own maxmemory comes from a value that cannot be seen; it is overridden by "
            f"{format_mebibytes(sizing.maxmemory)}, which may be higher"
        )
        yield AdmissionWarning(reason=Reason.CEILING_HIDDEN, message=message)


def hidden_warnings(
    configurations: Sequence[RedisConfiguration],
    ceilings: Sequence[Ceiling],
    injections: Sequence[Injection],
    sizing: Sizing,
) -> Iterable[AdmissionWarning]:
    """Warn of a configuration that cannot be seen, and of what follows from that."""
    hidden = ", ".join(dict.fromkeys(part for each in configurations for part in each.hidden))
    if not hidden:
        return
    sources = {name for each in configurations if each.hints for name in each.hints.sources}
    if sources:
        yield _hinted_warning(hidden, sources, ceilings)
    injected = format_mebibytes(sizing.maxmemory)
    pairs = zip(ceilings, injections, strict=True)
    is_raised = any(_may_be_raised(ceiling, injection) for ceiling, injection in pairs)
    raised = f"; a maxmemory there may be lower than {injected}" if is_raised else ""
    is_silent = all(read_eviction_policy(each) is None for each in configurations)
    if is_silent and all(each.eviction_policy is None for each in injections):
        message = f"its eviction policy may stand in {hidden}, so none is injected{raised}"
        yield AdmissionWarning(reason=Reason.POLICY_HIDDEN, message=message)
    elif not sources:
        message = f"{hidden} cannot be seen, so the headroom holds a fork{raised}"
        yield AdmissionWarning(reason=Reason.OPTIONS_HIDDEN, message=message)


def _may_be_raised(ceiling: Ceiling, injection: Injection) -> bool:
    is_nowhere = ceiling.state is CeilingState.MISSING and ceiling.hinted is None
    return is_nowhere and bool(injection.maxmemory)


def _hinted_warning(
    hidden: str, sources: Iterable[str], ceilings: Iterable[Ceiling]
) -> AdmissionWarning:
    least = min((each.hinted for each in ceilings if each.hinted is not None), default=None)
    counts = "" if least is None else f": its maxmemory of {format_mebibytes(least)} is not raised"
    message = f"{hidden} cannot be seen, and {', '.join(sorted(sources))} counts in its place"
    return AdmissionWarning(reason=Reason.OPTIONS_HINTED, message=message + counts)


def later_warnings(later: Mapping[str, str]) -> Iterable[AdmissionWarning]:
    """Warn of a ceiling that is set on the running server; `later` says where."""
    if "maxmemory" in later:
        message = (
            f"{later['maxmemory']} says CONFIG SET maxmemory, which replaces the ceiling that the "
            "server starts with"
        )
        yield AdmissionWarning(reason=Reason.CEILING_SET_LATER, message=message)


def replica_warnings(replica: Replica | None, limit: Limit) -> Iterable[AdmissionWarning]:
    """Warn that a replica's ceiling does not hold before it is promoted."""
    if replica is not None:
        message = (
            "as a replica it ignores maxmemory until it is promoted: its memory limit of "
            f"{format_bytes(limit.amount)} must hold its master's maxmemory"
        )
        yield AdmissionWarning(reason=Reason.REPLICA_IGNORES_CEILING, message=message)


def queue_warnings(pod: Pod, injections: Sequence[Injection]) -> Iterable[AdmissionWarning]:
    """Warn that keys of what may be a queue can be evicted by the policy that is injected."""
    policies = [each.eviction_policy for each in injections if each.eviction_policy is not None]
    evicting = [each for each in policies if each is not EvictionPolicy.NOEVICTION]
    sign = queue_sign(pod) if evicting else None
    if sign is not None:
        word, where = sign
        message = (
            f'"{word}" in {where} looks like a queue, whose jobs {evicting[0]} may evict; if it is '
            "one, annotate redis-memory-guard.dev/eviction-policy: noeviction"
        )
        yield AdmissionWarning(reason=Reason.MAYBE_QUEUE, message=message)


def ceiling_warnings(
    ceilings: Sequence[Ceiling], computed: Sizing, injections: Sequence[Injection]
) -> Iterable[AdmissionWarning]:
    """Warn of an explicit ceiling that is left though it does not protect the server."""
    if any(each.maxmemory is not None for each in injections):
        return
    for ceiling in ceilings:
        if ceiling.state is not CeilingState.SAFE and not ceiling.is_copied:
            value = f" ({ceiling.text} of {format_bytes(computed.limit)})" if ceiling.text else ""
            message = f"{ceiling.state.value}{value}, and "
            message += "the administrator's policy leaves it as it is"
            yield AdmissionWarning(reason=Reason.CEILING_UNSAFE, message=message)
            return


def fork_warnings(
    ceilings: Sequence[Ceiling], persistence: Persistence, sizing: Sizing, *, turns_off: bool
) -> Iterable[AdmissionWarning]:
    """Warn of a ceiling over half of the limit on a server that forks; docs/headroom.md."""
    if not persistence.forks or turns_off:
        return
    chosen = [each.amount or 0 for each in ceilings if each.state is CeilingState.SAFE]
    is_lowered = any(each.state is CeilingState.TOO_HIGH for each in ceilings)
    if is_lowered or sizing.profile is ProfileName.ANNOTATION:
        chosen.append(sizing.maxmemory)
    if max(chosen, default=0) * 2 > sizing.limit:
        message = (
            f"maxmemory {format_mebibytes(max(chosen))} is over half of "
            f"{format_bytes(sizing.limit)} and {persistence.because}: measured, a fork under "
            "writes needs up to twice maxmemory"
        )
        yield AdmissionWarning(reason=Reason.FORK_OVER_HALF, message=message)


def durable_warnings(
    persistence: Persistence,
    sizing: Sizing,
    injections: Sequence[Injection],
    eviction_policy: str | None,
    headroom: Headroom,
) -> Iterable[AdmissionWarning]:
    """Warn that data which lasts is bounded from now on, and say which limit holds how much."""
    is_injected = any(each.maxmemory is not None for each in injections)
    if not (is_injected and persistence.is_durable):
        return
    held, limit = format_mebibytes(sizing.maxmemory), format_bytes(sizing.limit)
    formula, needed = _limit_that_holds(sizing, headroom)
    message = (
        f"its data outlives the Pod and may be {held} from now on; {_beyond(eviction_policy)}. "
        f"To hold S, the memory limit must be {formula}: {needed} for {limit} of data"
    )
    yield AdmissionWarning(reason=Reason.DURABLE_DATA_BOUNDED, message=message)


def held_warnings(
    sizing: Sizing, injections: Sequence[Injection], headroom: Headroom
) -> Iterable[AdmissionWarning]:
    """Warn of a ceiling that was raised to what the server was seen to hold: a fork needs more."""
    raised = sizing.raised
    if raised is None or all(each.maxmemory is None for each in injections):
        return
    profile = measured_profile(headroom, sizing.profile)
    needed = profile.limit_for(raised.wanted * sizing.servers, volumes=sizing.volumes)
    held, computed = format_mebibytes(raised.held), format_mebibytes(raised.computed)
    message = (
        f"it was seen to hold {held}, so its ceiling is {format_mebibytes(sizing.maxmemory)} in "
        f"place of {computed}: a fork may not fit beside that; a memory limit of "
        f"{-(-needed // MEBIBYTE)}Mi would make room for both"
    )
    yield AdmissionWarning(reason=Reason.DATA_OVER_CEILING, message=message)


def _beyond(eviction_policy: str | None) -> str:
    match (eviction_policy or "").partition("-")[0]:
        case "allkeys":
            return "keys beyond that are evicted for good, as its eviction policy says"
        case "volatile":
            return "beyond that keys with an expiry are evicted, then writes fail"
        case "":
            return "beyond that writes fail, unless its own eviction policy evicts keys"
        case _:
            return "beyond that writes fail"


def _limit_that_holds(sizing: Sizing, headroom: Headroom) -> tuple[str, str]:
    """Give the formula for the memory limit that holds S bytes, and its value for the limit's."""
    share = headroom.explicit_share
    profile = measured_profile(headroom, sizing.profile)
    given = sizing.maxmemory if sizing.raised is None else sizing.raised.computed
    if sizing.profile is ProfileName.ANNOTATION:
        needed = sizing.limit + sizing.headroom
        formula = f"S + {format_bytes(sizing.headroom)}"
    elif given > profile.maxmemory(sizing.limit, volumes=sizing.volumes):
        needed = -int(-(sizing.limit + sizing.volumes) / share // 1)
        formula = f"S / {format_percentage(share)}"
    else:
        needed = profile.limit_for(sizing.limit * sizing.servers, volumes=sizing.volumes)
        base = format_bytes(profile.base + sizing.volumes)
        rest = format_percentage(1 - profile.of_limit)
        part = f"S / {format_percentage(profile.share)}" if profile.share != 1 else "S"
        formula = f"({part} + {base}) / {rest}"
    return formula, f"{-(-needed // MEBIBYTE)}Mi"


def size_warnings(
    computed: Sizing, headroom: Headroom, injections: Sequence[Injection]
) -> Iterable[AdmissionWarning]:
    """Warn of an injected ceiling under a limit so small that little of it is for data."""
    doubled = 2 if computed.profile is ProfileName.PERSISTENT else 1
    is_small = computed.limit <= headroom.small_limit * doubled
    if is_small and any(each.maxmemory is not None for each in injections):
        data, limit = format_mebibytes(computed.maxmemory), format_bytes(computed.limit)
        message = f"of {limit} only {data} are for data"
        yield AdmissionWarning(reason=Reason.SMALL_LIMIT, message=message)
