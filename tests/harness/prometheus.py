"""Prometheus, promtool and redis_exporter out of Debian's packages.

They are unpacked and not installed: to install them starts services that listen.
"""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harness.cache import CACHE, made_once
from tests.harness.command import run
from tests.harness.progress import step

PROMETHEUS = CACHE / "bin" / "prometheus"
"""Where prometheus and promtool are, once they are fetched."""

_EXPORTER = CACHE / "bin" / "redis-exporter"


def fetch_prometheus() -> None:
    """Unpack the package if that was not done yet. Raises CommandError."""
    made_once(PROMETHEUS, lambda target: _fetch(target, "prometheus", "prometheus", "promtool"))


def redis_exporter() -> Path:
    """Give redis_exporter, after unpacking it once. Raises CommandError."""
    name = "prometheus-redis-exporter"
    return made_once(_EXPORTER, lambda target: _fetch(target, name, name)) / name


def _fetch(directory: Path, package: str, *programs: str) -> None:
    with step(f"fetching {package}"), TemporaryDirectory() as scratch:
        if os.geteuid() == 0:
            run("apt-get", "update", "-q")
        # apt would download as a user of its own, who may not write here.
        as_ourselves = ("-o", "APT::Sandbox::User=root")
        run("apt-get", *as_ourselves, "download", "-q", package, directory=Path(scratch))
        (archive,) = Path(scratch).glob("*.deb")
        run("dpkg-deb", "--extract", str(archive), scratch)
        for program in programs:
            shutil.move(Path(scratch, "usr/bin", program), directory)
