"""The namespaces that a cluster lives in, and its end.

Everything of a cluster runs in one network, mount and PID namespace. What a node writes to the
usual places (/var/lib/kubelet, /run/containerd, /var/log/pods …) stays in its own directory, and
its end is one signal: the kernel ends every process of a PID namespace with its first one, and the
mounts go with the last process.
"""

import signal
import subprocess
from dataclasses import dataclass
from os import kill
from pathlib import Path

from tests.harness.cache import CACHE, REPOSITORY
from tests.harness.cgroups import create_cgroups, remove_cgroups
from tests.harness.command import run
from tests.harness.failure import ClusterError

DEFAULT_NAME = "redis-memory-guard"
NODE_ADDRESS = "10.99.0.1"
_PRIVATE = ("/run", "/var/lib", "/var/log")

_FIRST_PROCESS = r"""
set -e
mount --bind "$1/var/lib" /var/lib
mount --bind "$1/var/log" /var/log
mount -t tmpfs -o mode=755 run /run
# The kubelet would set these for the whole machine, which is somebody's workstation. It reads
# first: so it finds what it wants, in files of its own.
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    mkdir -p "/run/sysctl/${setting%/*}"
    echo "${setting#*=}" >"/run/sysctl/${setting%=*}"
    mount --bind "/run/sysctl/${setting%=*}" "/proc/sys/${setting%=*}"
done
# The kubelet hands mounts on to containers that start later.
mount --make-rshared /
echo ready
exec "$2" >/dev/null
"""


class NamespaceError(ClusterError):
    """The namespaces could not be made, or not be ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespaces:
    """A cluster's place on this machine, by its name."""

    name: str

    @property
    def directory(self) -> Path:
        """All that the cluster writes."""
        return CACHE / "run" / self.name

    @property
    def static_pods(self) -> Path:
        """Where the kubelet looks for Pods of its own."""
        return self.directory / "static-pods"

    @property
    def network(self) -> Path:
        return Path("/run/netns") / self.name

    @property
    def enter_network(self) -> tuple[str, ...]:
        """What to put before a client's command: it keeps its own files and processes."""
        # `ip netns exec` would mount another /sys, where the kubelet finds no cgroups.
        return ("nsenter", f"--net={self.network}", "--")

    def enter(self) -> tuple[str, ...]:
        """What to put before the command of a part of the node. Raises NamespaceError."""
        first = first_process(self)
        if first is None:
            raise NamespaceError(f"{self.name}: not running")
        return ("nsenter", f"--target={first}", "--net", "--mount", "--pid", "--")


def create(namespaces: Namespaces, *, pause: Path) -> None:
    """Make the namespaces; `pause` becomes the first process. Raises NamespaceError."""
    if any(REPOSITORY.is_relative_to(place) for place in _PRIVATE):
        raise NamespaceError(f"{REPOSITORY}: inside a node, {', '.join(_PRIVATE)} are its own")
    for place in ("var/lib", "var/log", "log"):
        (namespaces.directory / place).mkdir(parents=True)
    create_cgroups(namespaces.name)
    run("ip", "netns", "add", namespaces.name)
    _configure_network(namespaces)
    _start_first_process(namespaces, pause=pause)


def destroy(namespaces: Namespaces) -> None:
    """End every process of the cluster and remove the network and the cgroups: idempotent."""
    if (first := first_process(namespaces)) is not None:
        kill(first, signal.SIGKILL)
    remove_cgroups(namespaces.name)
    if namespaces.network.exists():
        run("ip", "netns", "delete", namespaces.name)


def first_process(namespaces: Namespaces) -> int | None:
    """The process that all others of the cluster end with, or None.

    It is found by what it is, the first of a PID namespace in our network namespace, not by a
    recorded id: that could be another process's by now.
    """
    if not namespaces.network.exists():
        return None
    members = run("ip", "netns", "pids", namespaces.name).stdout.split()
    return next((int(pid) for pid in members if _ids_by_level(pid)[1:] == ("1",)), None)


def _configure_network(namespaces: Namespaces) -> None:
    # A bridge without ports stands for the network card: there need be no `dummy` link type.
    for command in (
        "link set lo up",
        "link add node0 type bridge",
        f"address add {NODE_ADDRESS}/24 dev node0",
        "link set node0 up",
        f"route add default via {NODE_ADDRESS} dev node0",
    ):
        run("ip", "-netns", namespaces.name, *command.split())
    forward = "echo 1 >/proc/sys/net/ipv4/ip_forward"
    run(*namespaces.enter_network, "sh", "-c", forward)


def _start_first_process(namespaces: Namespaces, *, pause: Path) -> None:
    unshare = ("unshare", "--pid", "--fork", "--mount-proc", "--propagation", "private")
    script = ("sh", "-c", _FIRST_PROCESS, "sh", str(namespaces.directory), str(pause))
    with (namespaces.directory / "log" / "namespaces.log").open("w") as log:
        process = subprocess.Popen(
            (*namespaces.enter_network, *unshare, *script),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    assert process.stdout is not None
    with process.stdout as said:
        if said.readline() != "ready\n":
            raise NamespaceError((namespaces.directory / "log" / "namespaces.log").read_text())


def _ids_by_level(pid: str) -> tuple[str, ...]:
    """The ids of a process, from this PID namespace to its own; none if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ()
    line = next(line for line in status.splitlines() if line.startswith("NSpid:"))
    return tuple(line.split()[1:])
