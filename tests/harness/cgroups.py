"""The cgroup trees that a cluster's Pods are limited in, one for each hierarchy of the machine.

Tried with version 1 controllers; with version 2 alone, the machine's init has to have enabled cpu,
cpuset, memory and pids for the children of the root, as systemd does.
"""

import time
from pathlib import Path

from tests.harness.failure import ClusterError

_MOUNTS = Path("/sys/fs/cgroup")
_SECONDS = 60.0


class CgroupBusyError(ClusterError):
    """Processes that should have ended are still in a cgroup."""


def create_cgroups(name: str) -> None:
    """Make the tree `name` in every hierarchy: the kubelet wants its root to be there."""
    for hierarchy in _hierarchies():
        (hierarchy / name).mkdir()


def remove_cgroups(name: str) -> None:
    """Remove the tree `name` from every hierarchy, when its processes have ended; idempotent.

    Raises CgroupBusyError if they do not end.
    """
    for hierarchy in _hierarchies():
        tree = hierarchy / name
        inner = (path for path in tree.rglob("*") if path.is_dir())
        for cgroup in (*sorted(inner, reverse=True), tree):
            _remove(cgroup)


def _hierarchies() -> tuple[Path, ...]:
    if (_MOUNTS / "cgroup.controllers").exists():  # version 2 alone
        return (_MOUNTS,)
    return tuple(path for path in _MOUNTS.iterdir() if path.is_mount())


def _remove(cgroup: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while cgroup.exists():
        try:
            cgroup.rmdir()
        except OSError as busy:  # a process that was killed leaves when it has been reaped
            if time.monotonic() > deadline:
                left = (cgroup / "cgroup.procs").read_text().split()
                raise CgroupBusyError(f"{cgroup}: still used by {', '.join(left)}") from busy
            time.sleep(0.05)
