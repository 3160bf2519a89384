"""Whether a server can fork to write its data, and whether that data could ever come back."""

from dataclasses import dataclass
from enum import StrEnum
from posixpath import isabs

from webhook.domain.ceiling.configuration import RedisConfiguration
from webhook.domain.kubernetes.config_maps import is_within
from webhook.domain.kubernetes.pod import VolumeKind
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import StartScript, Variable
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.redis.directives import is_yes, last_directive, save_points


class SnapshotState(StrEnum):
    """What is known of a server's save points after the injection."""

    ON = "on"
    OFF = "off"
    TURNED_OFF = "turned off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """What is known of a server's snapshots and append-only file.

    `forks` tells that a snapshot or a rewrite can happen, or may happen out of sight. `is_explicit`
    tells that a `save` or AOF option is visible, `may_be_set_elsewhere` that more may be said in a
    file, a variable or out of sight. `has_data_volume` tells that a volume may hold its data.
    """

    forks: bool
    is_explicit: bool
    has_data_volume: bool
    may_be_set_elsewhere: bool
    hidden: bool
    saves: bool
    because: str

    @property
    def is_ephemeral(self) -> bool:
        """Tell whether its snapshots are on by default only, and gone with the container."""
        return self.saves and not (
            self.is_explicit or self.has_data_volume or self.may_be_set_elsewhere
        )


def read_persistence(
    context: ContainerContext,
    server: ReachableServer,
    configurations: tuple[RedisConfiguration, ...],
) -> Persistence:
    """Evaluate all starts of a server together: what one of them does counts for all."""
    parts = tuple(_read(configuration) for configuration in configurations)
    has_data_volume = any(_has_data_volume(context, server, each) for each in configurations)
    telling = next((part for part in parts if part.forks), parts[0])
    return Persistence(
        forks=any(part.forks for part in parts),
        is_explicit=any(part.is_explicit for part in parts),
        has_data_volume=has_data_volume,
        may_be_set_elsewhere=isinstance(server.injection_point, Variable)
        or any(part.may_be_set_elsewhere for part in parts),
        hidden=any(part.hidden for part in parts),
        saves=any(part.saves for part in parts),
        because=telling.because,
    )


def _read(configuration: RedisConfiguration) -> Persistence:
    points = save_points(configuration.directives)
    append_only = last_directive(configuration.directives, "appendonly")
    appends = append_only is not None and any(
        value is None or is_yes(value) for value in append_only.values
    )
    is_hidden = bool(configuration.hidden)
    saves = points is None or bool(points)
    return Persistence(
        forks=is_hidden or appends or saves,
        is_explicit=points is not None or append_only is not None,
        has_data_volume=False,
        may_be_set_elsewhere=is_hidden or configuration.has_file,
        hidden=is_hidden,
        saves=saves,
        because=_because(
            is_hidden=is_hidden, appends=appends, by_default=points is None, saves=saves
        ),
    )


def _because(*, is_hidden: bool, appends: bool, by_default: bool, saves: bool) -> str:
    if appends:
        return "its append-only file is rewritten by a fork"
    if saves and not by_default:
        return "its save points write snapshots by a fork"
    if is_hidden:
        return "options that cannot be seen may make it fork"
    if saves:
        return "its default save points write snapshots by a fork"
    return "it writes no snapshots and no append-only file"


def _has_data_volume(
    context: ContainerContext, server: ReachableServer, configuration: RedisConfiguration
) -> bool:
    """Tell whether a volume may hold the data directory; where that is not known, any may."""
    directory = _data_directory(context, server, configuration)
    mounts = (
        mount
        for mount in context.container.mounts
        if not mount.read_only
        and context.files.volume(mount).kind not in (VolumeKind.CONFIG_MAP, VolumeKind.READ_ONLY)
    )
    return any(directory is None or is_within(directory, mount.path) for mount in mounts)


def _data_directory(
    context: ContainerContext, server: ReachableServer, configuration: RedisConfiguration
) -> str | None:
    chosen = last_directive(configuration.directives, "dir")
    if chosen is not None:
        path = chosen.values[0] if chosen.values else None
        return path if path is not None and isabs(path) else None
    if (
        server.changes_directory
        or configuration.hidden
        or isinstance(server.injection_point, StartScript | Variable)
    ):
        return None
    if context.container.working_dir:
        return context.container.working_dir
    return None if context.family is None else context.family.data_directory
