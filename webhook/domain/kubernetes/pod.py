"""Frozen views of a Pod, with the fields that decide how a server starts and how much it may use.

Source of the fields: Kubernetes API reference, core/v1 PodSpec.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from webhook.domain.kubernetes.budget import Work


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
class ResourceReference:
    """A `resourceFieldRef`: a resource of a container ("": the variable's own) in units of bytes.

    `resource` is one such as `limits.memory`.
    """

    container: str
    resource: str
    divisor: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentVariable:
    """One entry of `env`: a literal value, a reference, or (all None) something hidden.

    `field` is the path of a `fieldRef`.
    """

    name: str
    value: str | None = None
    config_map: KeyReference | None = None
    resource: ResourceReference | None = None
    field: str | None = None


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
    EPHEMERAL = "ephemeral or gitRepo"
    READ_ONLY = "secret, projected, downwardAPI or image"
    OTHER = "other"

    @property
    def outlives_pod(self) -> bool:
        """Tell whether what a Pod writes there may still be there for the next one.

        A generic ephemeral volume's claim is owned by the Pod and deleted with it (Kubernetes,
        Ephemeral Volumes). A CSI volume given inline counts as lasting: drivers mount shares that
        exist already that way (csi-driver-nfs, azurefile-csi-driver, csi-driver-smb).
        """
        return self is VolumeKind.OTHER

    @property
    def is_writable(self) -> bool:
        """Tell whether a container can write there at all."""
        return self not in (VolumeKind.CONFIG_MAP, VolumeKind.READ_ONLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigMapFiles:
    """The files that a ConfigMap gives to a volume.

    `items` are its (key, path) pairs, None when all keys are mounted under their own names.
    """

    name: str
    items: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One entry of `volumes`.

    `size_limit` is in bytes and of emptyDir only; a projected volume may be of several
    `config_maps`.
    """

    name: str
    kind: VolumeKind
    config_maps: tuple[ConfigMapFiles, ...] = ()
    size_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container; `memory_limit` in bytes, None when it has none (0 counts as none).

    `limit_in_millibytes` is the limit as written where it ends in `m`. `hooks` are the commands of
    its lifecycle, () for one that is no command.
    """

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
    limit_in_millibytes: str = ""
    restartable: bool = False
    hooks: tuple[tuple[str, ...], ...] = ()

    @property
    def path(self) -> str:
        """The field path of the container, such as `spec.containers[0]`."""
        return f"spec.{self.list}[{self.index}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What makes a Pod anew: its controller, or the Deployment whose ReplicaSet that is."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A Pod, or the Pod that a workload's template would make.

    `memory_limit` is the Pod's own, in bytes. `shares_processes` tells that its containers see one
    another's processes, and with them their files. `runs_to_completion` tells that it is no
    service: its `restartPolicy` is Never or OnFailure. `entries` is how much there is in its lists.
    `cut_by` is of what there is more than is read, and the last of `containers` then stands, by as
    much as is known of it, for all behind it. `owner` is None where nothing makes it anew.
    """

    namespace: str = ""
    name: str = ""
    annotations: Mapping[str, str]
    labels: Mapping[str, str]
    containers: tuple[Container, ...]
    volumes: tuple[Volume, ...] = ()
    memory_limit: int | None = None
    shares_processes: bool = False
    runs_to_completion: bool = False
    entries: int = 0
    cut_by: Work | None = None
    owner: Owner | None = None
