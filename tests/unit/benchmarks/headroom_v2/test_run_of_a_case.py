"""A case from its start to its report, in a container that confines nothing."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.headroom.v2.guest.case import GuestCase, Load, Report
from benchmarks.headroom.v2.guest.container import Container
from benchmarks.headroom.v2.guest.figures import KINDS
from benchmarks.headroom.v2.guest.running import Run


class Unconfined(Container):
    """No cgroup and no network: only programs that are started."""

    address = ("127.0.0.1", 1)

    def __init__(self) -> None:
        pass

    def start(
        self,
        argv: Sequence[str],
        *,
        directory: Path | None = None,  # noqa: ARG002
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(argv)

    def statistics(self) -> dict[str, int]:
        return dict.fromkeys((*KINDS, "shmem", "slab_reclaimable"), 0)

    def peak(self) -> int:
        return 0

    def oom_kills(self) -> int:
        return 0


def report_of(server: str) -> Report:
    load = Load(kind="set", clients=2, depth=1, least=5, most=5, keys=9, enough=1000)
    case = GuestCase(name="0", server=server, options=(), limit=2**26, seconds=60, load=load)
    return Run(case, Unconfined()).to_its_end()


def test_a_server_that_dies_at_its_start_has_ended():
    report = report_of("/bin/false")

    assert (report.ended, report.stalled, report.written, report.server) == (True, False, 0, "")


def test_a_program_that_is_not_there_is_no_server_that_died():
    with pytest.raises(FileNotFoundError):
        report_of("/no/such/server")
