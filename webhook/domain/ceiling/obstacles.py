"""What keeps a ceiling from a server whose options can be reached."""

from collections.abc import Sequence

from webhook.domain.ceiling.explicit import Ceiling
from webhook.domain.ceiling.injection import Injection
from webhook.domain.ceiling.rules import Rules
from webhook.domain.ceiling.sizing import Limit, Sizing
from webhook.domain.configuration.redis_configuration import Obstacle, RedisConfiguration
from webhook.domain.kubernetes.quantity import format_bytes
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import Nowhere, ShellText, Variable
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.policy.settings import ExplicitCeiling
from webhook.domain.reasons import Reason


def nowhere(server: ReachableServer, injections: Sequence[Injection]) -> Obstacle | None:
    """Find that options are needed and can be put nowhere."""
    point = server.injection_point
    if not isinstance(point, Nowhere) or not any(injection.options for injection in injections):
        return None
    return Obstacle(reason=point.reason, detail=point.detail, is_certain=point.is_certain)


def uncounted(servers: int | None, server: ReachableServer) -> Obstacle | None:
    """Find that it cannot be told by how many servers the limit is shared."""
    if servers is not None:
        return None
    match server.injection_point:
        case Nowhere(reason=reason):
            pass
        case ShellText():
            reason = Reason.UNREADABLE_SHELL_TEXT
        case _:
            reason = Reason.UNREADABLE_SCRIPT
    detail = "how many servers it starts beside one another cannot be counted"
    return Obstacle(reason=reason, detail=detail)


def too_small(
    limit: Limit, sizing: Sizing, injections: Sequence[Injection], rules: Rules
) -> Obstacle | None:
    """Find that a ceiling is needed and no sensible one fits."""
    minimum = rules.headroom.minimum_limit
    is_needed = any(injection.maxmemory is not None for injection in injections)
    if not is_needed or (limit.usable >= minimum and sizing.maxmemory > 0):
        return None
    detail = f"no sensible ceiling fits {format_bytes(limit.usable)}; the least is "
    return Obstacle(reason=Reason.LIMIT_TOO_SMALL, detail=detail + format_bytes(minimum))


def too_high(ceilings: Sequence[Ceiling], limit: Limit, rules: Rules) -> Obstacle | None:
    """Find an explicit ceiling that the administrator's policy refuses."""
    unsafe = next((ceiling for ceiling in ceilings if ceiling.is_unsafe), None)
    if unsafe is None or rules.settings.explicit_ceiling is not ExplicitCeiling.DENY:
        return None
    value = f": {unsafe.text} of {format_bytes(limit.amount)}" if unsafe.text else ""
    detail = f"{unsafe.state.value}{value}"
    return Obstacle(reason=Reason.CEILING_TOO_HIGH, detail=detail)


def out_of_reach(
    context: ContainerContext,
    server: ReachableServer,
    configurations: Sequence[RedisConfiguration],
    injections: Sequence[Injection],
) -> Obstacle | None:
    """Find what keeps the options from their place; nothing does where none are needed."""
    if not any(injection.options for injection in injections):
        return None
    for configuration in configurations:
        if configuration.obstacle is not None:
            return configuration.obstacle
    point = server.injection_point
    if isinstance(point, Variable) and not context.can_extend(point.name):
        detail = f"{point.name} takes its value from a ConfigMap, behind which nothing can be added"
        return Obstacle(reason=Reason.OPTIONS_VARIABLE_HIDDEN, detail=detail)
    if isinstance(point, ShellText) or len(set(injections)) == 1:
        return None
    detail = "it starts servers with different options of their own, which would all get the same"
    return Obstacle(reason=Reason.UNREADABLE_SCRIPT, detail=detail)
