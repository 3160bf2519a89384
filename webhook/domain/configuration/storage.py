"""Where a server's data may lie, how long that lasts, and what could ever bring it back."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from posixpath import isabs, join

from webhook.domain.configuration.redis_configuration import RedisConfiguration
from webhook.domain.kubernetes.config_maps import is_within
from webhook.domain.kubernetes.pod import VolumeMount
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.injection_points import StartScript, Variable
from webhook.domain.launch.launch import ReachableServer
from webhook.domain.redis.directives import last_directive

_FILES = (
    ("appenddirname", "appendonlydir"),
    ("appendfilename", "appendonly.aof"),
    ("dbfilename", "dump.rdb"),
)
"""Directives that name what a server keeps in its data directory, with their defaults."""


class Storage(IntEnum):
    """How long what lies in a server's data directory may last, at most."""

    CONTAINER = 0
    POD = 1
    LASTING = 2


def read_storage(
    context: ContainerContext,
    server: ReachableServer,
    configurations: Iterable[RedisConfiguration],
    *,
    is_moved: bool,
) -> Storage:
    """Tell how long the data of any of a server's starts may last.

    A volume holds it that the data directory lies on, or one of the files that the server keeps
    there: since Redis 7 the append-only file has a directory of its own. Where the data directory
    is not known or may be moved after the start (`is_moved`), or other commands run beside the
    server and may copy it, any may.
    """
    found = Storage.CONTAINER
    for configuration in configurations:
        directory = None if is_moved else _data_directory(context, server, configuration)
        for mount in _writable(context):
            if directory is None or _holds(mount.path, directory, configuration):
                found = max(found, _lasting(context, mount))
    return found


def nothing_restores(context: ContainerContext, server: ReachableServer) -> bool:
    """Tell whether a dump is gone with its container, provably.

    The server is all that the container runs, no hook runs beside it, and nothing that it can
    write to outlives the Pod or is another container's too. A process namespace that the whole
    Pod shares opens the container's own files to the others.
    """
    mounts = tuple(_writable(context))
    others = [each for each in context.pod.containers if each.path != context.container.path]
    elsewhere = {mount.name for other in others for mount in other.mounts}
    return (
        server.is_alone
        and not context.container.hooks
        and not context.pod.shares_processes
        and not any(context.files.volume(mount).kind.outlives_pod for mount in mounts)
        and not any(mount.name in elsewhere for mount in mounts)
    )


def _writable(context: ContainerContext) -> Iterator[VolumeMount]:
    for mount in context.container.mounts:
        if not mount.read_only and context.files.volume(mount).kind.is_writable:
            yield mount


def _holds(volume: str, directory: str, configuration: RedisConfiguration) -> bool:
    if is_within(directory, volume):
        return True
    names = (_name(configuration, *each) for each in _FILES)
    return any(is_within(join(directory, name), volume) for name in names)


def _name(configuration: RedisConfiguration, directive: str, default: str) -> str:
    chosen = last_directive(configuration.directives, directive)
    value = chosen.values[0] if chosen is not None and chosen.values else None
    return value or default


def _lasting(context: ContainerContext, mount: VolumeMount) -> Storage:
    lasts = context.files.volume(mount).kind.outlives_pod
    return Storage.LASTING if lasts else Storage.POD


def _data_directory(
    context: ContainerContext, server: ReachableServer, configuration: RedisConfiguration
) -> str | None:
    if not server.is_alone or isinstance(server.injection_point, Variable):
        return None
    chosen = last_directive(configuration.directives, "dir")
    if chosen is not None:
        path = chosen.values[0] if chosen.values else None
        return path if path is not None and isabs(path) else None
    if (
        server.changes_directory
        or configuration.hidden
        or isinstance(server.injection_point, StartScript)
    ):
        return None
    if context.container.working_dir:
        return context.container.working_dir
    return None if context.family is None else context.family.data_directory
