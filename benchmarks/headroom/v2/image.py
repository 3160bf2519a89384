"""The machine's parts, made once: a kernel, an initial RAM file system, a root file system.

All of it is Debian's, fetched by apt and unpacked without being installed, and the servers beside.
"""

import gzip
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.harness.cache import REPOSITORY, digest, made_once
from tests.harness.command import run
from tests.harness.failure import ClusterError
from tests.harness.progress import step
from tests.harness.servers import SERVERS, locate_server

PACKAGES = {
    "apt-get": "apt",
    "cpio": "cpio",
    "dpkg-deb": "dpkg",
    "mkfs.ext4": "e2fsprogs",
    "qemu-system-x86_64": "qemu-system-x86",
}
"""A program, and the package that brings it."""

_CACHE = REPOSITORY / ".cache" / "v2"
_GUEST = Path(__file__).with_name("guest")
_KERNEL = "linux-image-cloud-amd64"
_ROOT = ("busybox-static", "iproute2", "python3", "redis-server", "redis-tools")
_MODULES = (
    *(
        f"drivers/virtio/{name}.ko"
        for name in (
            "virtio",
            "virtio_ring",
            "virtio_pci_modern_dev",
            "virtio_pci_legacy_dev",
            "virtio_pci",
        )
    ),
    "drivers/block/virtio_blk.ko",
    "drivers/net/veth.ko",
)
_DIRECTORIES = ("dev", "proc", "run", "sys", "tmp", "var", "work", "opt/servers")
_ROOT_SIZE = "600M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What QEMU boots."""

    kernel: Path
    initial: Path
    root: Path


def build_image() -> Image:
    """Build what is not in the cache yet. Raises ClusterError where a package is missing."""
    _require_programs()
    packages = made_once(_CACHE / f"packages-{digest(*_ROOT, _KERNEL)}", _download)
    servers = {name: locate_server(name) for name in SERVERS}
    init = _GUEST / "init"
    name = digest(str(packages), *servers, *servers.values(), init, Path(__file__))
    made = made_once(
        _CACHE / f"image-{name}", lambda target: _assemble(target, packages, servers.items(), init)
    )
    return Image(kernel=made / "vmlinuz", initial=made / "initrd", root=made / "root.ext4")


def make_disk(path: Path, content: Path, *, size: str) -> None:
    """Make a file system with what a directory holds; `size` as mkfs has it."""
    run("mkfs.ext4", "-q", "-F", "-d", str(content), str(path), size, environment=_WITH_SBIN)


def _require_programs() -> None:
    missing = [
        package
        for program, package in PACKAGES.items()
        if shutil.which(program, path=_WITH_SBIN["PATH"]) is None
    ]
    if missing:
        raise ClusterError(f"apt-get install --no-install-recommends {' '.join(missing)}")


def _download(directory: Path) -> None:
    """Fetch the packages of a system where nothing is installed yet, and the kernel's."""
    with step("fetching the packages of the virtual machine"):
        if os.geteuid() == 0:
            run("apt-get", "update", "--quiet")
        (directory / "partial").mkdir()
        run(
            *("apt-get", "install", "--yes", "--quiet", "--download-only"),
            *("--no-install-recommends", "--option", "Dir::State::status=/dev/null"),
            *("--option", f"Dir::Cache::archives={directory}"),
            # The sandbox's user may not write here.
            *("--option", "APT::Sandbox::User=root"),
            *_ROOT,
        )
        depends = run("apt-cache", "depends", "--important", _KERNEL).stdout
        (kernel,) = (line.split()[1] for line in depends.splitlines() if "Depends:" in line)
        run("apt-get", "download", "--quiet", kernel, directory=directory)


def _assemble(
    target: Path, packages: Path, servers: Iterable[tuple[str, Path]], init: Path
) -> None:
    with step("assembling the virtual machine"):
        kernel, root = target / "kernel", target / "root"
        for package in packages.glob("*.deb"):
            is_kernel = package.name.startswith("linux-image")
            run("dpkg-deb", "--extract", str(package), str(kernel if is_kernel else root))
        _make_root(root, servers)
        make_disk(target / "root.ext4", root, size=_ROOT_SIZE)
        _make_initial(target / "initial", kernel, root, init)
        (image,) = kernel.glob("boot/vmlinuz-*")
        image.rename(target / "vmlinuz")
        for directory in (kernel, root, target / "initial"):
            shutil.rmtree(directory)


def _make_root(root: Path, servers: Iterable[tuple[str, Path]]) -> None:
    for name in _DIRECTORIES:
        (root / name).mkdir(parents=True, exist_ok=True)
    if not (root / "var/run").exists():
        (root / "var/run").symlink_to("/run")
    # The shell of a system that nobody installed.
    for link in ("bin/sh", "bin/timeout"):
        if not (root / link).exists():
            (root / link).symlink_to("/bin/busybox")
    for name, program in servers:
        shutil.copy2(program, root / "opt/servers" / name)


def _make_initial(directory: Path, kernel: Path, root: Path, init: Path) -> None:
    for name in ("bin", "modules", "proc", "sys", "dev", "newroot"):
        (directory / name).mkdir(parents=True)
    shutil.copy2(root / "bin/busybox", directory / "bin/busybox")
    (drivers,) = kernel.glob("lib/modules/*/kernel")
    for module in _MODULES:
        shutil.copy2(drivers / module, directory / "modules")
    shutil.copy2(init, directory / "init")
    (directory / "init").chmod(0o755)
    names = [str(path.relative_to(directory)) for path in sorted(directory.rglob("*"))]
    archive = directory.with_suffix(".cpio")
    run(
        *("cpio", "--create", "--quiet", "--format=newc", f"--file={archive}"),
        stdin="\n".join(names),
        directory=directory,
    )
    directory.with_name("initrd").write_bytes(gzip.compress(archive.read_bytes(), 1))
    archive.unlink()


_WITH_SBIN = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
