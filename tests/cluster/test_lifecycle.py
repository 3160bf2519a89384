"""A cluster's end: what one test run leaves behind breaks the next."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.build import located_programs
from tests.harness.cache import REPOSITORY, alone_with
from tests.harness.cluster import Cluster
from tests.harness.containerd import SANDBOX_IMAGE
from tests.harness.lifecycle import find
from tests.harness.namespace import Namespaces, first_process

pytestmark = pytest.mark.cluster

NAMESPACES = Namespaces(name="redis-memory-guard-lifecycle")


@pytest.fixture(autouse=True)
def ended(root_and_go: None) -> Iterator[None]:
    with alone_with(NAMESPACES.directory):
        command("down")
        yield
        command("down")


def command(verb: str, *options: str) -> None:
    argv = (sys.executable, "-m", "tests.harness", verb, "--name", NAMESPACES.name, *options)
    subprocess.run(argv, check=True, cwd=REPOSITORY)


def running() -> Cluster:
    cluster = find(NAMESPACES, located_programs())
    assert cluster is not None
    return cluster


def processes() -> frozenset[str]:
    """Every live process of the cluster, by its namespaces and by its cgroups."""
    return frozenset(process.name for process in Path("/proc").glob("[0-9]*") if _is_ours(process))


def _is_ours(process: Path) -> bool:
    try:
        cgroups = (process / "cgroup").read_text()
        arguments = (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False
    ours = NAMESPACES.name in cgroups or str(NAMESPACES.directory).encode() in arguments
    return ours and arguments != b""  # a zombie has none


def places() -> tuple[str, ...]:
    """Mounts, cgroups, the network and the directory of the cluster, where there are any."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    cgroups = (
        str(Path(directory) / name)
        for directory, names, _ in os.walk("/sys/fs/cgroup")
        for name in names
    )
    files = (str(path) for path in (NAMESPACES.network, NAMESPACES.directory) if path.exists())
    return tuple(place for place in (*mounts, *cgroups, *files) if NAMESPACES.name in place)


def test_down_leaves_nothing() -> None:
    command("up")
    cluster = running()
    cluster.kubectl("run", "still-running", f"--image={SANDBOX_IMAGE}", "--restart=Never")
    cluster.kubectl("wait", "--for=condition=Ready", "pod/still-running", "--timeout=240s")
    assert processes()
    assert places()

    command("down")

    assert processes() == frozenset()
    assert places() == ()


def test_up_replaces_a_cluster_that_broke() -> None:
    command("up", "--control-plane-only")
    running().kubectl("create", "namespace", "of-the-first")
    first = first_process(NAMESPACES)
    assert first is not None
    os.kill(first, signal.SIGKILL)

    command("up", "--control-plane-only")

    missing = running().kubectl("get", "namespace", "of-the-first", check=False)
    assert "NotFound" in missing.stderr


def test_up_leaves_a_running_cluster_alone() -> None:
    command("up", "--control-plane-only")
    first = first_process(NAMESPACES)

    command("up", "--control-plane-only")

    assert first_process(NAMESPACES) == first
