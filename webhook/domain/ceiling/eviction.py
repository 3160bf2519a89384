"""The eviction policy: what a server says itself, and which one its version can be given."""

from collections.abc import Iterable

from webhook.domain.ceiling.configuration import (
    RedisConfiguration,
    outdone_directive,
    visible_directive,
)
from webhook.domain.policy.settings import EvictionPolicy
from webhook.domain.reasons import AdmissionWarning, Reason
from webhook.domain.redis.version import read_version

_LFU = (4, 0)
_LRM = (8, 6)


def read_eviction_policy(configuration: RedisConfiguration) -> str | None:
    """Give the eviction policy that is visible; "" for one whose value cannot be seen.

    What the Pod says elsewhere of a configuration that cannot be seen counts as seen.
    """
    name = "maxmemory-policy"
    directive = visible_directive(configuration, name) or outdone_directive(configuration, name)
    if directive is None:
        hints = configuration.hints
        hinted = () if hints is None else tuple(hints.eviction_policies)
        return None if not hinted else hinted[0] if len(hinted) == 1 else ""
    return (directive.values[0] or "").lower() if directive.values else ""


def fitting_policy(
    wanted: EvictionPolicy, image: str, programs: Iterable[str]
) -> tuple[EvictionPolicy, tuple[AdmissionWarning, ...]]:
    """Give the policy, or with a warning its LRU sibling where a server may not know it.

    A server refuses to start with a policy that it does not know. `*-lfu` came with Redis 4.0 and
    is taken to be known where the tag tells no version; `*-lrm` came with Redis 8.6 and no other
    server has it, so that the tag must tell that version.
    """
    if not wanted.endswith(("-lfu", "-lrm")):
        return wanted, ()
    version = read_version(image)
    unknowing = next((each for each in programs if not _knows(each, version, wanted)), None)
    if unknowing is None:
        return wanted, ()
    sibling = EvictionPolicy(f"{wanted[:-4]}-lru")
    message = f"this version of {unknowing} may not know {wanted}, so {sibling} is used"
    return sibling, (AdmissionWarning(reason=Reason.POLICY_UNSUPPORTED, message=message),)


def _knows(program: str, version: tuple[int, int] | None, policy: EvictionPolicy) -> bool:
    if policy.endswith("-lrm"):
        return program == "redis-server" and version is not None and version >= _LRM
    return program != "redis-server" or version is None or version >= _LFU
