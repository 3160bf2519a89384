"""The most that was seen of each kind of memory."""

from collections.abc import Mapping

KINDS = ("anon", "sock", "kernel", "file")

_CURVE_SECONDS = 1.0


class Figures:
    """What memory.stat has shown so far, in bytes: the most of each.

    `need` is the most that could not have been reclaimed: anonymous and shared memory, sockets, and
    what the kernel holds apart from its caches; `curve` is the need once a second.
    """

    def __init__(self) -> None:
        self.most = dict.fromkeys((*KINDS, "need"), 0)
        self.curve: list[tuple[float, int]] = []

    def add(self, statistics: Mapping[str, int], *, at: float) -> None:
        """Take one look's figures in, `at` seconds from the beginning; they go up in time."""
        need = _need(statistics)
        for kind in KINDS:
            self.most[kind] = max(self.most[kind], statistics[kind])
        self.most["need"] = max(self.most["need"], need)
        if not self.curve or at - self.curve[-1][0] >= _CURVE_SECONDS:
            self.curve.append((round(at, 1), need))


def _need(statistics: Mapping[str, int]) -> int:
    held = sum(statistics[kind] for kind in ("anon", "shmem", "sock", "kernel"))
    return held - statistics["slab_reclaimable"]
