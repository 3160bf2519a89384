"""Judge a server's explicit ceiling and eviction policy against its memory limit."""

from dataclasses import dataclass
from enum import Enum

from webhook.domain.configuration import Configuration, settled
from webhook.domain.directives import parse_memory
from webhook.domain.policy import EvictionPolicy


class CeilingState(Enum):
    """What a server's own `maxmemory` amounts to."""

    MISSING = "no maxmemory is set"
    HIDDEN = "maxmemory is set from a value that cannot be seen"
    VOID = "maxmemory is no size that Redis knows"
    UNLIMITED = "maxmemory is 0, which is no ceiling"
    TOO_HIGH = "maxmemory is too close to the memory limit"
    SAFE = "maxmemory fits the memory limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """A server's own ceiling: its state, the value as written, and in bytes where that is legal."""

    state: CeilingState
    text: str = ""
    amount: int | None = None


def read_ceiling(configuration: Configuration, safe: int) -> Ceiling:
    """Judge `maxmemory`, which is safe up to that many bytes."""
    directive = settled(configuration, "maxmemory")
    if directive is None:
        return Ceiling(state=CeilingState.MISSING)
    text = directive.values[0] if directive.values else ""
    if text is None:
        return Ceiling(state=CeilingState.HIDDEN)
    amount = parse_memory(text)
    if amount is None:
        return Ceiling(state=CeilingState.VOID, text=text)
    if amount == 0:
        return Ceiling(state=CeilingState.UNLIMITED, text=text, amount=0)
    state = CeilingState.SAFE if amount <= safe else CeilingState.TOO_HIGH
    return Ceiling(state=state, text=text, amount=amount)


def read_eviction_policy(configuration: Configuration) -> str | None:
    """Give the eviction policy that is visible; "" for one whose value cannot be seen."""
    directive = settled(configuration, "maxmemory-policy")
    if directive is None:
        return None
    return (directive.values[0] or "").lower() if directive.values else ""


def needs_version(policy: EvictionPolicy) -> bool:
    """Tell whether not every server knows the policy."""
    return policy.endswith(("-lfu", "-lrm"))


def supported(policy: EvictionPolicy, program: str, tag: str) -> EvictionPolicy:
    """Give the policy, or its LRU sibling where the server would refuse to start with it.

    `*-lfu` came with Redis 4.0, `*-lrm` with Redis 8.6 and in no other server; a tag that tells no
    version is taken for a current one.
    """
    sibling = EvictionPolicy(policy.replace("lfu", "lru").replace("lrm", "lru"))
    version = _version(tag)
    if policy.endswith("-lrm") and (program != "redis-server" or version < (8, 6)):
        return sibling
    if policy.endswith("-lfu") and program == "redis-server" and version < (4, 0):
        return sibling
    return policy


def _version(tag: str) -> tuple[int, int]:
    numbers = tag.removeprefix("v").partition("-")[0].split(".")
    if not all(number.isascii() and number.isdigit() and len(number) < 5 for number in numbers):
        return (99, 99)
    return int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 99
