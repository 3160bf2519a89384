"""ConfigMaps as a container sees them: files under its mounts, and parts of its environment."""

from collections.abc import Mapping
from posixpath import normpath

from webhook.domain.kubernetes.budget import Budget, Work
from webhook.domain.kubernetes.pod import (
    ConfigMapFiles,
    Container,
    Pod,
    Volume,
    VolumeKind,
    VolumeMount,
)

ConfigMaps = Mapping[str, Mapping[str, str]]
"""Contents of ConfigMaps of the Pod's namespace: name, then key, then text."""


class Files:
    """What can be read of the ConfigMaps around a Pod; it remembers what it was asked in vain.

    `budget` is the evaluation's.
    """

    def __init__(self, pod: Pod, config_maps: ConfigMaps, budget: Budget) -> None:
        self._volumes = {volume.name: volume for volume in pod.volumes}
        self._config_maps = config_maps
        self._wanted: dict[str, None] = {}
        self.budget = budget

    @property
    def wanted(self) -> tuple[str, ...]:
        """The ConfigMaps that were asked for and are not among those given, in that order."""
        return tuple(self._wanted)

    def key(self, config_map: str, key: str) -> str | None:
        """Read one key of a ConfigMap; None when the ConfigMap or the key is not there."""
        data = self.config_map(config_map)
        return None if data is None else data.get(key)

    def config_map(self, name: str) -> Mapping[str, str] | None:
        """Read a ConfigMap; None, and wanted from then on, when it was not given."""
        data = self._config_maps.get(name)
        if data is None:
            self._wanted[name] = None
        return data

    def given(self, name: str) -> Mapping[str, str]:
        """Read a ConfigMap without asking for it; empty when it was not given."""
        return self._config_maps.get(name, {})

    def read(self, container: Container, path: str) -> str | None:
        """Read the file that a container finds at a path, when a ConfigMap is mounted there.

        Raises TooComplexError.
        """
        self.budget.spend(Work.LOOKUPS, len(container.mounts))
        path = normpath(path)
        mount = mount_over(container, path)
        volume = self._volumes.get(mount.name) if mount else None
        if mount is None or volume is None:
            return None
        for files in volume.config_maps:
            self.budget.spend(Work.LOOKUPS, 1 + len(files.items or ()))
            key = _key_at(files, mount, path)
            text = None if key is None else self.key(files.name, key)
            if text is not None:
                return text
        return None

    def volume(self, mount: VolumeMount) -> Volume:
        """Find a mount's volume; one that is not declared is a claim of the Pod's StatefulSet."""
        return self._volumes.get(mount.name) or Volume(name=mount.name, kind=VolumeKind.OTHER)


def mount_over(container: Container, path: str) -> VolumeMount | None:
    """Find the mount that a path lies on: the deepest one at or above it."""
    candidates = [mount for mount in container.mounts if is_within(path, mount.path)]
    return max(candidates, key=lambda mount: len(normpath(mount.path)), default=None)


def is_within(path: str, directory: str) -> bool:
    """Tell whether a path is a directory or lies below it; both absolute."""
    path, directory = normpath(path), normpath(directory)
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def _key_at(files: ConfigMapFiles, mount: VolumeMount, path: str) -> str | None:
    inside = path[len(normpath(mount.path)) :].strip("/")
    relative = "/".join(part for part in (mount.sub_path.strip("/"), inside) if part)
    if files.items is None:
        return relative
    return next((key for key, at in files.items if normpath(at) == relative), None)
