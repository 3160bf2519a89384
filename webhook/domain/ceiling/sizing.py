"""How much of a memory limit a server may fill; the measurements are in docs/headroom.md."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from webhook.domain.kubernetes.budget import Work
from webhook.domain.kubernetes.config_maps import Files
from webhook.domain.kubernetes.pod import Container, ContainerList, Pod, VolumeKind
from webhook.domain.kubernetes.quantity import format_bytes
from webhook.domain.policy.profile import Headroom, Profile
from webhook.domain.reasons import AdmissionWarning, Reason


class ProfileName(StrEnum):
    """The headroom a server was given: measured profiles, or the Pod's own annotation."""

    CACHE = "cache"
    PERSISTENT = "persistent"
    ANNOTATION = "annotation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """That a maxmemory was raised from `computed` bytes, as its server was seen to hold `held`."""

    held: int
    computed: int

    @property
    def wanted(self) -> int:
        """The maxmemory in bytes that holds it, with a tenth to go on writing."""
        return self.held * 11 // 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """A server's memory in bytes: `headroom` is what stays of `limit` beside `maxmemory`.

    `because` says in words how the profile and the numbers came about. Volumes in memory may take
    `volumes` of the limit, and so many `servers` share it, with the same `maxmemory` each.
    """

    limit: int
    headroom: int
    maxmemory: int
    profile: ProfileName
    because: str
    volumes: int = 0
    servers: int = 1
    raised: Raised | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlimited:
    """Nothing limits what a container may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a container may use: `amount` in bytes, of which volumes in memory take `volumes`."""

    amount: int
    volumes: int = 0
    warnings: tuple[AdmissionWarning, ...] = ()

    @property
    def usable(self) -> int:
        """The bytes that volumes leave."""
        return max(self.amount - self.volumes, 0)


def memory_limit(pod: Pod, container: Container, files: Files) -> Limit | Unlimited:
    """Find what limits a container: its own memory limit, or its share of the Pod's.

    Source: Kubernetes, Pod-level resources: a container without a limit of its own shares what the
    Pod's limit leaves beside its siblings. Init containers that end do not count. Raises
    TooComplexError.
    """
    own = container.memory_limit
    volumes, unbounded = _memory_volumes(container, files)
    warnings = (*_millibytes(container), *unbounded)
    if pod.memory_limit is None:
        if own is None:
            return Unlimited()
        return Limit(amount=own, volumes=volumes, warnings=warnings)
    files.budget.spend(Work.LOOKUPS, len(pod.containers))
    siblings = [other for other in _running(pod) if other.path != container.path]
    taken = sum(other.memory_limit or other.memory_request or 0 for other in siblings)
    left = max(pod.memory_limit - taken, 1)
    amount = left if own is None else min(own, pod.memory_limit)
    shared = _shared(pod.memory_limit, siblings, is_overcommitted=amount > left)
    return Limit(amount=amount, volumes=volumes, warnings=(*warnings, *shared))


def _millibytes(container: Container) -> Iterable[AdmissionWarning]:
    """Ask whether mebibytes were meant."""
    written = container.limit_in_millibytes
    if written:
        message = (
            f"its memory limit {written} is in thousandths of a byte, which is "
            f"{container.memory_limit or 0} bytes; was {written[:-1]}Mi meant?"
        )
        yield AdmissionWarning(reason=Reason.LIMIT_IN_MILLIBYTES, message=message)


def _shared(
    limit: int, siblings: list[Container], *, is_overcommitted: bool
) -> Iterable[AdmissionWarning]:
    """Warn of siblings that could take of the Pod's limit what the container counts on."""
    greedy = [each.name for each in siblings if is_overcommitted or each.memory_limit is None]
    if greedy:
        message = (
            f"the Pod's limit of {format_bytes(limit)} is shared with {', '.join(greedy)}, "
            "which could take a part that this server counts on"
        )
        yield AdmissionWarning(reason=Reason.POD_LIMIT_SHARED, message=message)


def size(limit: Limit, headroom: Headroom, profile: ProfileName, because: str) -> Sizing:
    """Size a ceiling by a measured profile; whole bytes, rounded down.

    The built-in cache profile gives 400Mi of 512Mi, the persistent one 200Mi.
    """
    maxmemory = measured_profile(headroom, profile).maxmemory(limit.amount, volumes=limit.volumes)
    return _sizing(limit, max(maxmemory, 0), profile, because)


def measured_profile(headroom: Headroom, name: ProfileName) -> Profile:
    """Give the profile of that name; without one of its own, that of a cache."""
    return headroom.persistent if name is ProfileName.PERSISTENT else headroom.cache


def size_by_annotation(limit: Limit, headroom: int, because: str) -> Sizing:
    """Size a ceiling by a headroom in bytes that a Pod asks for."""
    return _sizing(limit, max(limit.usable - headroom, 0), ProfileName.ANNOTATION, because)


def share(sizing: Sizing, servers: int) -> Sizing:
    """Share a ceiling among servers that run side by side in one container."""
    if servers <= 1:
        return sizing
    because = f"{sizing.because}; {servers} servers share it"
    maxmemory = sizing.maxmemory // servers
    headroom = sizing.limit - maxmemory
    return replace(sizing, maxmemory=maxmemory, headroom=headroom, because=because, servers=servers)


def raise_to_hold(sizing: Sizing, held: int, *, most: int) -> Sizing:
    """Raise a ceiling to 1.1 times what its server was seen to hold, and to `most` bytes at most.

    It never lowers one.
    """
    raised = Raised(held=held, computed=sizing.maxmemory)
    maxmemory = min(raised.wanted, most)
    if maxmemory <= sizing.maxmemory:
        return sizing
    headroom = sizing.limit - maxmemory
    return replace(sizing, maxmemory=maxmemory, headroom=headroom, raised=raised)


def _sizing(limit: Limit, maxmemory: int, profile: ProfileName, because: str) -> Sizing:
    return Sizing(
        limit=limit.amount,
        headroom=limit.amount - maxmemory,
        maxmemory=maxmemory,
        profile=profile,
        because=because,
        volumes=limit.volumes,
    )


def _running(pod: Pod) -> list[Container]:
    return [
        container
        for container in pod.containers
        if container.list is ContainerList.CONTAINERS or container.restartable
    ]


def _memory_volumes(container: Container, files: Files) -> tuple[int, tuple[AdmissionWarning, ...]]:
    volumes = {
        volume.name: volume.size_limit
        for volume in map(files.volume, container.mounts)
        if volume.kind is VolumeKind.MEMORY
    }
    sizes = [amount for amount in volumes.values() if amount is not None]
    unbounded = [name for name, amount in volumes.items() if amount is None]
    warnings = tuple(
        AdmissionWarning(
            reason=Reason.MEMORY_VOLUME_UNBOUNDED,
            message=f"the volume {name} is in memory, counts against the limit, has no sizeLimit",
        )
        for name in unbounded
    )
    return sum(sizes), warnings
