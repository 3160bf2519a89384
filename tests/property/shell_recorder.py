"""Real shells that run a text, and the calls that it makes of one program."""

import fcntl
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

SHELLS = ("dash", "bash")
needs_shells = pytest.mark.skipif(
    any(shutil.which(shell) is None for shell in SHELLS),
    reason="needs two shells: apt-get install dash bash",
)


def install_recorder(directory: Path, name: str) -> None:
    """Make a program that notes its arguments; one write, so that none mix."""
    program = directory / name
    program.write_text('#!/bin/sh\nprintf \'%s\\037\' "$#" "$@" >>/dev/fd/$RECORD_FD\n')
    program.chmod(0o755)


def recorded(shell: str, text: str, directory: Path) -> Counter[tuple[str, ...]]:
    """The arguments of every recorder that the shell runs, also in the background."""
    return recorded_of([shell, "-c", text, "zero", "one", "two three"], directory)


def recorded_of(argv: Sequence[str], directory: Path) -> Counter[tuple[str, ...]]:
    """The arguments of every recorder that a command line runs, also in the background."""
    reading, low = os.pipe()
    # Above all descriptors that the programs name.
    writing = fcntl.fcntl(low, fcntl.F_DUPFD, 100)
    os.close(low)
    environment = {"PATH": f"{directory}:/usr/bin:/bin", "HOME": "/root", "RECORD_FD": str(writing)}
    with os.fdopen(reading, encoding="utf-8") as record:
        process = subprocess.Popen(
            argv,
            env=environment,
            pass_fds=[writing],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        fields = record.read().split("\x1f")[:-1]
        process.wait()  # it has closed the pipe
    calls: Counter[tuple[str, ...]] = Counter()
    while fields:
        count = int(fields.pop(0))
        calls[tuple(fields[:count])] += 1
        del fields[:count]
    return calls
