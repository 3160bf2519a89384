"""Running cases in a virtual machine: one boot for many of them."""

import json
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Timer
from typing import IO

from benchmarks.headroom.v2.guest.case import MARK, GuestCase, Report, decode_report, encode_case
from benchmarks.headroom.v2.image import Image, make_disk
from tests.harness.cache import REPOSITORY

_MEBIBYTE = 2**20
_BESIDE = 2048 * _MEBIBYTE
"""What the machine needs beside the largest container: its clients, and what is in flight."""
_BOOT_SECONDS = 300
_AROUND_SECONDS = 180
"""What a case may take beside its load, on a machine that others use too."""
_DISK_SIZE = "6G"
_LINES_TOLD = 40
_KERNEL_OPTIONS = (
    *("console=ttyS0", "quiet", "panic=-1", "cgroup_no_v1=all"),
    # A busy host is late with the first ticks, which a kernel takes for a broken timer.
    "no_timer_check",
    # Nobody in there has to be kept from anybody, and it costs an emulated processor most.
    "mitigations=off",
)


class MachineError(RuntimeError):
    """The machine ended before its cases; the text is what its console said last."""


def run_cases(image: Image, cases: Sequence[GuestCase]) -> Iterator[Report]:
    """Boot a machine, give each case's report as it comes, and end the machine.

    There is no acceleration: it is some twenty times slower than its host, so sizes count and rates
    do not. Raises MachineError when it ends too early or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="headroom-v2-") as directory:
        disk = Path(directory) / "disk.ext4"
        _make_cases_disk(disk, Path(directory) / "content", cases)
        memory = max(case.limit for case in cases) + _BESIDE
        machine = subprocess.Popen(
            _command(image, disk, memory // _MEBIBYTE),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        seconds = _BOOT_SECONDS + sum(case.seconds + _AROUND_SECONDS for case in cases)
        watch = Timer(seconds, machine.kill)
        watch.start()
        try:
            assert machine.stdout is not None
            yield from _reports(machine.stdout, expected=len(cases))
        finally:
            watch.cancel()
            machine.kill()
            machine.wait()


def _command(image: Image, disk: Path, mebibytes: int) -> list[str]:
    return [
        *(
            "nice",
            "-n",
            "5",
            "qemu-system-x86_64",
            "-accel",
            "tcg",
            "-smp",
            "1",
            "-m",
            str(mebibytes),
        ),
        *("-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot", "-nic", "none"),
        *("-kernel", str(image.kernel), "-initrd", str(image.initial)),
        *("-append", " ".join(_KERNEL_OPTIONS)),
        *("-drive", f"file={image.root},format=raw,if=virtio,readonly=on"),
        # Nothing of it is kept: no write has to reach the host's own disk.
        *("-drive", f"file={disk},format=raw,if=virtio,cache=unsafe"),
    ]


def _reports(console: IO[bytes], *, expected: int) -> Iterator[Report]:
    said: deque[str] = deque(maxlen=_LINES_TOLD)
    found = 0
    for line in console:
        text = line.decode(errors="replace").strip()
        _, mark, report = text.partition(MARK)
        if mark:
            found += 1
            yield decode_report(json.loads(report))
        else:
            said.append(text)
    if found < expected:
        raise MachineError("\n".join(("the machine ended too early", *said)))


def _make_cases_disk(disk: Path, content: Path, cases: Sequence[GuestCase]) -> None:
    guest = Path(__file__).with_name("guest")
    copy = content / guest.relative_to(REPOSITORY)
    shutil.copytree(guest, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for package in copy.relative_to(content).parents[:-1]:
        (content / package / "__init__.py").touch()
    (content / "cases.json").write_text(json.dumps([encode_case(case) for case in cases]))
    make_disk(disk, content, size=_DISK_SIZE)
