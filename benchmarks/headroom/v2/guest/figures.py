"""The most that was seen of each kind of memory."""

from collections.abc import Mapping

KINDS = ("anon", "sock", "kernel", "file")


class Figures:
    """What memory.stat has shown so far, in bytes: the most of each.

    `need` is the most that could not have been reclaimed: anonymous and shared memory, sockets, and
    what the kernel holds apart from its caches.
    """

    def __init__(self) -> None:
        self.most = dict.fromkeys((*KINDS, "need"), 0)

    def add(self, statistics: Mapping[str, int]) -> None:
        """Take one look's figures in."""
        for kind in KINDS:
            self.most[kind] = max(self.most[kind], statistics[kind])
        self.most["need"] = max(self.most["need"], _need(statistics))


def _need(statistics: Mapping[str, int]) -> int:
    held = sum(statistics[kind] for kind in ("anon", "shmem", "sock", "kernel"))
    return held - statistics["slab_reclaimable"]
