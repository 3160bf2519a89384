"""Prometheus and promtool out of Debian's package.

It is unpacked and not installed: to install it starts a service that listens.
"""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harness.cache import CACHE, made_once
from tests.harness.command import run
from tests.harness.progress import step

PROMETHEUS = CACHE / "bin" / "prometheus"
"""Where both programs are, once they are fetched."""

PROGRAMS = ("prometheus", "promtool")


def fetch_prometheus() -> None:
    """Unpack the package if that was not done yet. Raises CommandError."""
    made_once(PROMETHEUS, _fetch)


def _fetch(directory: Path) -> None:
    with step("fetching Prometheus"), TemporaryDirectory() as scratch:
        if os.geteuid() == 0:
            run("apt-get", "update", "-q")
        # apt would download as a user of its own, who may not write here.
        as_ourselves = ("-o", "APT::Sandbox::User=root")
        run("apt-get", *as_ourselves, "download", "-q", "prometheus", directory=Path(scratch))
        (package,) = Path(scratch).glob("prometheus_*.deb")
        run("dpkg-deb", "--extract", str(package), scratch)
        for program in PROGRAMS:
            shutil.move(Path(scratch, "usr/bin", program), directory)
