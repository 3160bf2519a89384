"""A container as a kubelet makes it, as far as memory goes: a cgroup and a network of its own."""

import ctypes
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_NETWORK = "pod"
_HOST, _CONTAINER = "10.0.0.1", "10.0.0.2"
_NICE = 10
_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


class Container:
    """A cgroup with `memory.max`, no swap and `memory.oom.group`, behind a pair of veth.

    Source: kubelet, cgroup v2: memory.oom.group is 1 unless singleProcessOOMKill says otherwise.
    """

    address = (_CONTAINER, 6379)
    """Where its server is spoken to."""

    def __init__(self, *, limit: int, sysctls: Mapping[str, str]) -> None:
        _drop_caches()
        self.cgroup = _CGROUPS / "pod" / "server"
        self.cgroup.parent.mkdir()
        (self.cgroup.parent / "cgroup.subtree_control").write_text("+memory")
        self.cgroup.mkdir()
        for name, value in (("max", str(limit)), ("swap.max", "0"), ("oom.group", "1")):
            (self.cgroup / f"memory.{name}").write_text(value)
        _make_network()
        for name, value in sysctls.items():
            # What is below /proc/sys/net is that of the network of whoever opens it.
            path = f"/proc/sys/{name.replace('.', '/')}"
            self._run(["sh", "-c", f"echo '{value}' > {path}"]).wait()

    def start(
        self, argv: Sequence[str], *, directory: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program inside, with less of the processor than its clients.

        Where it is the slower one, as under a CPU limit, what they send waits in its sockets.
        """
        return self._run(argv, directory=directory, joins=True)

    def current(self) -> int:
        """Give the memory that is charged now, in bytes."""
        return int((self.cgroup / "memory.current").read_text())

    def peak(self) -> int:
        """Give the most memory that was ever charged, in bytes."""
        return int((self.cgroup / "memory.peak").read_text())

    def statistics(self) -> dict[str, int]:
        """Give memory.stat, in bytes where it is memory."""
        return _numbers(self.cgroup / "memory.stat")

    def oom_kills(self) -> int:
        """Give how many processes the kernel killed for memory."""
        return _numbers(self.cgroup / "memory.events")["oom_kill"]

    def remove(self) -> None:
        """End what runs inside, and take everything away."""
        (self.cgroup / "cgroup.kill").write_text("1")
        while "populated 1" in (self.cgroup / "cgroup.events").read_text():
            reap()
            time.sleep(0.05)
        self.cgroup.rmdir()
        self.cgroup.parent.rmdir()
        _ip("netns", "delete", _NETWORK)

    def _run(
        self, argv: Sequence[str], *, directory: Path | None = None, joins: bool = False
    ) -> subprocess.Popen[bytes]:
        def enter() -> None:
            if joins:
                os.nice(_NICE)
                (self.cgroup / "cgroup.procs").write_text("0")
            with Path(f"/run/netns/{_NETWORK}").open() as network:
                if _LIBC.setns(network.fileno(), _CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")

        return subprocess.Popen(
            argv,
            cwd=directory,
            preexec_fn=enter,  # noqa: PLW1509 - there are no threads
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def reap() -> None:
    """Take leave of processes whose parents are gone: this one is the machine's first."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _make_network() -> None:
    _ip("netns", "add", _NETWORK)
    _ip("link", "add", "host0", "type", "veth", "peer", "name", "eth0", "netns", _NETWORK)
    _ip("address", "add", f"{_HOST}/24", "dev", "host0")
    _ip("link", "set", "host0", "up")
    for words in (
        ("address", "add", f"{_CONTAINER}/24", "dev", "eth0"),
        ("link", "set", "eth0", "up"),
        ("link", "set", "lo", "up"),
    ):
        _ip("-netns", _NETWORK, *words)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _drop_caches() -> None:
    # A program's pages are charged to whoever reads them first: each container pays for its own.
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")


def _numbers(path: Path) -> dict[str, int]:
    lines = (line.split() for line in path.read_text().splitlines())
    return {name: int(value) for name, value in lines}
