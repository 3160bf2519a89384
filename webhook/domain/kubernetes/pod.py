"""Frozen views of a Pod, with the fields that decide how a server starts and how much it may use.

Source of the fields: Kubernetes API reference, core/v1 PodSpec.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ContainerList(StrEnum):
    """The three lists of containers in a Pod's spec."""

    CONTAINERS = "containers"
    INIT_CONTAINERS = "initContainers"
    EPHEMERAL_CONTAINERS = "ephemeralContainers"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReference:
    """A `configMapKeyRef`: the value of one key of a ConfigMap."""

    name: str
    key: str
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentVariable:
    """One entry of `env`: a literal value, a ConfigMap's key, or (both None) something hidden."""

    name: str
    value: str | None = None
    config_map: KeyReference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSource:
    """One entry of `envFrom`: a whole ConfigMap, or (`config_map` None) a Secret."""

    prefix: str = ""
    config_map: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeMount:
    """One entry of `volumeMounts`."""

    name: str
    path: str
    sub_path: str = ""
    read_only: bool = False


class VolumeKind(StrEnum):
    """What a volume is made of, as far as that decides anything here."""

    EMPTY_DIR = "emptyDir"
    MEMORY = "emptyDir in memory"
    CONFIG_MAP = "configMap"
    READ_ONLY = "secret, projected or downwardAPI"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One entry of `volumes`.

    `size_limit` is in bytes and of emptyDir only. `items` are a ConfigMap's (key, path) pairs, None
    when all keys are mounted under their own names.
    """

    name: str
    kind: VolumeKind
    config_map: str | None = None
    items: tuple[tuple[str, str], ...] | None = None
    size_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container; `memory_limit` in bytes, None when it has none (0 counts as none)."""

    list: ContainerList = ContainerList.CONTAINERS
    index: int = 0
    name: str
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    env: tuple[EnvironmentVariable, ...] = ()
    env_from: tuple[EnvironmentSource, ...] = ()
    mounts: tuple[VolumeMount, ...] = ()
    memory_limit: int | None = None
    memory_request: int | None = None
    restartable: bool = False

    @property
    def path(self) -> str:
        """The field path of the container, such as `spec.containers[0]`."""
        return f"spec.{self.list}[{self.index}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A Pod, or the Pod that a workload's template would make.

    `memory_limit` is the Pod's own, in bytes. `runs_to_completion` tells that it is no service: its
    `restartPolicy` is Never or OnFailure.
    """

    namespace: str = ""
    name: str = ""
    annotations: Mapping[str, str]
    labels: Mapping[str, str]
    containers: tuple[Container, ...]
    volumes: tuple[Volume, ...] = ()
    memory_limit: int | None = None
    runs_to_completion: bool = False
