"""What is measured: images x limits x workloads x profiles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from webhook.domain.policy.settings import NamespaceSettings, Policy, ProfileChoice, Snapshots
from webhook.trials.workload import WORKLOADS, Load, load_beyond

MEBIBYTE = 2**20
IMAGES = ("redis:7", "valkey/valkey:8")
LIMITS = tuple(size * MEBIBYTE for size in (64, 128, 256, 512))

_FORKING = ("default-snapshots", "bgsave", "aof-rewrite")
_FILL_SECONDS = 12
"""The rate writes a limit's worth in that time, if the processors can."""
_SECONDS = 45
_SNAPSHOT_SECONDS = 85
"""The first of the image's save points that such a load meets fires after a minute."""


class Guard(StrEnum):
    """What stands in the server's options.

    `injected`: what the webhook injects. `none`: nothing. `cache`: the cache profile in spite of
    forks, which is a plain `maxmemory` of 78 % at 512Mi.
    """

    INJECTED = "injected"
    NONE = "none"
    CACHE = "cache"

    @property
    def policy(self) -> Policy | None:
        """The policy that the Pod is changed by; None where it stays as it is."""
        match self:
            case Guard.INJECTED:
                return Policy()
            case Guard.NONE:
                return None
            case Guard.CACHE:
                settings = NamespaceSettings(profile=ProfileChoice.CACHE, snapshots=Snapshots.KEEP)
                return Policy(defaults=settings)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Case:
    """One run; `limit` in bytes, `workload` a name of WORKLOADS."""

    image: str
    limit: int
    workload: str
    guard: Guard
    repetition: int = 1

    @property
    def load(self) -> Load:
        """A load in proportion to the limit, long enough for the workload's forks."""
        workload = WORKLOADS[self.workload]
        seconds = _SNAPSHOT_SECONDS if self.workload == "default-snapshots" else _SECONDS
        rate = self.limit // _FILL_SECONDS
        return load_beyond(self.limit, workload, seconds=seconds, bytes_a_second=rate)


def full_matrix(images: Sequence[str], limits: Sequence[int], repetitions: int) -> Iterator[Case]:
    """Give every workload with what is injected, and the two baselines."""
    for number, image, limit in product(range(1, repetitions + 1), images, limits):
        guards = [
            *((Guard.INJECTED, workload) for workload in WORKLOADS),
            *((Guard.NONE, workload) for workload in ("set-1k", "sessions")),
            *((Guard.CACHE, workload) for workload in _FORKING),
        ]
        for guard, workload in guards:
            yield Case(image=image, limit=limit, workload=workload, guard=guard, repetition=number)


def quick_matrix() -> Iterator[Case]:
    """Give a spread of the matrix for continuous integration: a few minutes."""
    redis, valkey = IMAGES
    for image, size, workload, guard in (
        (redis, 64, "set-1k", Guard.NONE),
        (redis, 256, "set-1k", Guard.NONE),
        (redis, 512, "sessions", Guard.NONE),
        (valkey, 128, "set-1k", Guard.NONE),
        (redis, 512, "default-snapshots", Guard.CACHE),
        (redis, 512, "default-snapshots", Guard.INJECTED),
        (redis, 64, "set-1k", Guard.INJECTED),
        (redis, 128, "random-size", Guard.INJECTED),
        (redis, 256, "sessions", Guard.INJECTED),
        (valkey, 128, "random-size", Guard.INJECTED),
        (redis, 128, "bgsave", Guard.INJECTED),
        (redis, 256, "aof-rewrite", Guard.INJECTED),
    ):
        yield Case(image=image, limit=size * MEBIBYTE, workload=workload, guard=guard)
