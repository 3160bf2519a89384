"""Which save points a server gets, and what is then known of its snapshots."""

from enum import StrEnum

from webhook.domain.ceiling.injection import SNAPSHOTS_OFF
from webhook.domain.ceiling.rules import Rules
from webhook.domain.configuration.persistence import Persistence
from webhook.domain.configuration.redis_configuration import RedisConfiguration
from webhook.domain.launch.context import ContainerContext
from webhook.domain.policy.settings import Snapshots

_KEEPS_DEFAULTS = (6, 2)
_DEFAULT_SAVES = ("3600 1", "300 100", "60 10000")


class SnapshotState(StrEnum):
    """What is known of a server's save points after the injection."""

    ON = "on"
    OFF = "off"
    TURNED_OFF = "turned off"
    UNKNOWN = "unknown"


def turns_off_snapshots(persistence: Persistence, rules: Rules) -> bool:
    """Tell whether snapshots that nothing could restore are turned off."""
    kept = rules.settings.snapshots is Snapshots.KEEP or rules.overrides.keeps_snapshots
    return persistence.is_ephemeral and not kept


def save_points_of(
    configuration: RedisConfiguration, context: ContainerContext, *, turns_off: bool
) -> tuple[str, ...] | None:
    """Give the save points that a start is told; None leaves it what it has."""
    return SNAPSHOTS_OFF if turns_off else _kept_saves(configuration, context)


def snapshot_state(persistence: Persistence, *, turns_off: bool) -> SnapshotState:
    """Tell what is known of a server's snapshots afterwards."""
    if turns_off:
        return SnapshotState.TURNED_OFF
    if persistence.hidden:
        return SnapshotState.UNKNOWN
    return SnapshotState.ON if persistence.saves else SnapshotState.OFF


def _kept_saves(
    configuration: RedisConfiguration, context: ContainerContext
) -> tuple[str, ...] | None:
    """Say the default save points to a server that any option would make forget them.

    Before 6.2 a server without options or a file saves by default, and with one it does not
    (Redis 6.0, src/server.c, main: resetServerSaveParams).
    """
    if not configuration.is_bare or configuration.program != "redis-server":
        return None
    if context.version is None or context.version >= _KEEPS_DEFAULTS:
        return None
    return _DEFAULT_SAVES
