"""The Debian packages that the node and its images are made with."""

import os
import shutil
from pathlib import Path

from tests.harness.command import run
from tests.harness.failure import ClusterError
from tests.harness.progress import step

CNI_PLUGINS = Path("/usr/lib/cni")
PACKAGES = {
    "buildah": "buildah",
    "debootstrap": "debootstrap",
    "gcc": "gcc",
    "ip": "iproute2",
    "nft": "nftables",
    "runc": "runc",
    "unshare": "util-linux",
    str(CNI_PLUGINS / "ptp"): "containernetworking-plugins",
    "/usr/include/stdio.h": "libc6-dev",
}
"""A program, or a file where no program tells, and the package that brings it."""


class PackagesMissingError(ClusterError):
    """Packages have to be installed by hand; the message is the command."""


def install_packages() -> None:
    """Install what is missing. Raises PackagesMissingError where this process may not."""
    missing = missing_packages()
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise PackagesMissingError(f"apt-get install --no-install-recommends {' '.join(missing)}")
    with step(f"installing {', '.join(missing)}"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run("apt-get", "update", "-q", environment=quiet)
        run(
            *("apt-get", "install", "-y", "-q", "--no-install-recommends"),
            *missing,
            environment=quiet,
        )


def missing_packages() -> tuple[str, ...]:
    return tuple(package for sign, package in PACKAGES.items() if not _is_there(sign))


def _is_there(sign: str) -> bool:
    # /usr/sbin is not on every user's PATH.
    return shutil.which(sign, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is not None or (
        sign.startswith("/") and Path(sign).exists()
    )
