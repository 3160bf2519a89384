"""Evaluate a server's explicit ceiling and eviction policy against its memory limit."""

from dataclasses import dataclass
from enum import Enum

from webhook.domain.configuration.redis_configuration import (
    RedisConfiguration,
    outdone_directive,
    visible_directive,
)
from webhook.domain.redis.directives import parse_memory


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
    """A server's own ceiling: its state, and where its value is a legal size that, and in bytes.

    A value that is no size may be anything that a ConfigMap holds, and is not shown.
    `hinted` is in bytes what the Pod says elsewhere of one that cannot be seen; `is_copied` tells
    that a file of the same name says it.
    """

    state: CeilingState
    text: str = ""
    amount: int | None = None
    hinted: int | None = None
    is_copied: bool = False

    @property
    def is_unsafe(self) -> bool:
        """Tell whether it is explicit and does not protect the server."""
        return self.state in (CeilingState.VOID, CeilingState.UNLIMITED, CeilingState.TOO_HIGH)

    def holds(self, safe: int) -> bool:
        """Tell whether it protects the server, up to so many bytes; a copy of it counts."""
        is_hinted = self.is_copied and self.hinted is not None and self.hinted <= safe
        return self.state is CeilingState.SAFE or is_hinted

    @property
    def is_chosen(self) -> bool:
        """Tell whether it is explicit and bounds something, or may do so out of sight."""
        return self.state in (CeilingState.SAFE, CeilingState.TOO_HIGH, CeilingState.HIDDEN)


def read_ceiling(configuration: RedisConfiguration, safe: int) -> Ceiling:
    """Evaluate `maxmemory`, which is safe up to that many bytes."""
    directive = visible_directive(configuration, "maxmemory")
    if directive is None:
        return _hinted(configuration)
    value = directive.values[0] if directive.values else ""
    if value is None:
        return Ceiling(state=CeilingState.HIDDEN)
    amount = parse_memory(value)
    if amount is None or any(each is not None for each in directive.values[1:]):
        return Ceiling(state=CeilingState.VOID)
    if amount == 0:
        return Ceiling(state=CeilingState.UNLIMITED, text=value, amount=0)
    state = CeilingState.SAFE if amount <= safe else CeilingState.TOO_HIGH
    return Ceiling(state=state, text=value, amount=amount)


def _hinted(configuration: RedisConfiguration) -> Ceiling:
    """Evaluate that none can be seen, or that one which can be may be undone out of sight."""
    outdone = outdone_directive(configuration, "maxmemory")
    value = outdone.values[0] if outdone is not None and outdone.values else None
    amount = None if value is None else parse_memory(value)
    if amount:
        return Ceiling(state=CeilingState.MISSING, hinted=amount, is_copied=True)
    hints = configuration.hints
    if hints is None:
        return Ceiling(state=CeilingState.MISSING)
    return Ceiling(state=CeilingState.MISSING, hinted=hints.maxmemory, is_copied=hints.is_copied)
