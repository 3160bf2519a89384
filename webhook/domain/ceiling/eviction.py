"""The eviction policy: what a server says itself, and which one its version can be given."""

from collections.abc import Iterable

from webhook.domain.ceiling.explicit import Ceiling
from webhook.domain.ceiling.injection import Injection
from webhook.domain.ceiling.rules import Rules
from webhook.domain.configuration.persistence import Persistence
from webhook.domain.configuration.redis_configuration import (
    RedisConfiguration,
    outdone_directive,
    visible_directive,
)
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.policy.settings import EvictionPolicy
from webhook.domain.reasons import AdmissionWarning, Reason

_KNOWN = frozenset(EvictionPolicy)
_LFU = (4, 0)
_LRM = (8, 6)


def read_eviction_policy(configuration: RedisConfiguration) -> str | None:
    """Give the eviction policy that is visible; "" for one that cannot be seen, or is none.

    What the Pod says elsewhere of a configuration that cannot be seen counts as seen.
    """
    name = "maxmemory-policy"
    directive = visible_directive(configuration, name) or outdone_directive(configuration, name)
    if directive is None:
        hints = configuration.hints
        hinted = () if hints is None else tuple(hints.eviction_policies)
        return None if not hinted else _known(hinted[0]) if len(hinted) == 1 else ""
    return _known((directive.values[0] or "").lower()) if directive.values else ""


def _known(policy: str) -> str:
    """Give a policy's name; "" for any other text, which may be what a ConfigMap holds."""
    return policy if policy in _KNOWN else ""


def fitting_policy(
    wanted: EvictionPolicy, version: tuple[int, int] | None, programs: Iterable[str]
) -> tuple[EvictionPolicy, tuple[AdmissionWarning, ...]]:
    """Give the policy, or with a warning its LRU sibling where a server may not know it.

    A server refuses to start with a policy that it does not know. `*-lfu` came with Redis 4.0 and
    is taken to be known where the tag tells no version; `*-lrm` came with Redis 8.6 and no other
    server has it, so that the tag must tell that version.
    """
    if not wanted.endswith(("-lfu", "-lrm")):
        return wanted, ()
    unknowing = next((each for each in programs if not _knows(each, version, wanted)), None)
    if unknowing is None:
        return wanted, ()
    sibling = EvictionPolicy(f"{wanted[:-4]}-lru")
    message = f"this version of {unknowing} may not know {wanted}, so {sibling} is used"
    return sibling, (AdmissionWarning(reason=Reason.POLICY_UNSUPPORTED, message=message),)


def choose_policy(
    context: ContainerContext, server: ReachableServer, persistence: Persistence, rules: Rules
) -> tuple[EvictionPolicy, tuple[AdmissionWarning, ...]]:
    """Choose by the Pod's annotation, else by whether the data is durable."""
    settings = rules.settings
    fits = settings.durable_eviction_policy if persistence.is_durable else settings.eviction_policy
    wanted = rules.overrides.eviction_policy or fits
    programs = [start.program for start in server.starts]
    if context.family is not None:
        # Valkey's images call their server redis-server too.
        programs.append(context.family.program)
    return fitting_policy(wanted, context.version, programs)


def needs_policy(
    configuration: RedisConfiguration, ceiling: Ceiling, persistence: Persistence, rules: Rules
) -> bool:
    """Tell whether no eviction policy can be seen, none may stand out of sight, and none is meant.

    Who sets a ceiling of his own for durable data, and no eviction policy, has chosen noeviction.
    """
    if read_eviction_policy(configuration) is not None:
        return False
    if rules.overrides.eviction_policy is not None:
        return True
    return not configuration.hidden and not (persistence.is_durable and ceiling.is_chosen)


def policy_in_effect(configuration: RedisConfiguration, injection: Injection) -> str | None:
    """Give the eviction policy that a start then has; None where it cannot be seen."""
    if injection.eviction_policy is not None:
        return injection.eviction_policy.value
    return read_eviction_policy(configuration) or None


def refuses_policy(program: str, version: tuple[int, int] | None, policy: EvictionPolicy) -> bool:
    """Tell whether a server is certain not to know a policy, and not to start on it."""
    if program == "redis-server" and version is None:
        return False
    return policy.endswith(("-lfu", "-lrm")) and not _knows(program, version, policy)


def _knows(program: str, version: tuple[int, int] | None, policy: EvictionPolicy) -> bool:
    if policy.endswith("-lrm"):
        return program == "redis-server" and version is not None and version >= _LRM
    return program != "redis-server" or version is None or version >= _LFU
