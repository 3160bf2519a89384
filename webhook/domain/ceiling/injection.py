"""What is added to a server's configuration, and how that is written as options."""

from dataclasses import dataclass

from webhook.domain.policy.settings import EvictionPolicy

SNAPSHOTS_OFF: tuple[str, ...] = ()
"""The save points of a server that takes no snapshots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """What one start of a server gets; None leaves what it has.

    `maxmemory` is in bytes. `save_points` are whole ones such as `3600 1`; none of them turns
    snapshots off. `Injection(maxmemory=1048576, save_points=()).options` is
    `("--maxmemory", "1048576", "--save", "")`.
    """

    maxmemory: int | None = None
    eviction_policy: EvictionPolicy | None = None
    save_points: tuple[str, ...] | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """Write it as separate elements of a command line, sizes in plain bytes."""
        options: list[str] = []
        if self.maxmemory is not None:
            options += ["--maxmemory", str(self.maxmemory)]
        if self.eviction_policy is not None:
            options += ["--maxmemory-policy", self.eviction_policy.value]
        if self.save_points is not None:
            for point in self.save_points:
                options += ["--save", *point.split()]
            if not self.save_points:
                options += ["--save", ""]
        return tuple(options)
