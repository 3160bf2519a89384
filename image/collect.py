"""Collect what the image is made of in a directory: `collect.py ENVIRONMENT DIRECTORY`.

That is an environment, the interpreter that runs this with its library, the shared libraries that
either is linked to, and the certificates of public authorities; no pip, no shell, no package
manager. Each file keeps its path. What Debian packages it is from is told as in distroless images,
so that scanners find their versions.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

_NOT_OF_THE_LIBRARY = shutil.ignore_patterns(
    *("__pycache__", "config-3*", "dist-packages", "distutils", "ensurepip", "idlelib", "lib2to3"),
    *("pydoc_data", "site-packages", "test", "tests", "tkinter", "turtle*", "venv"),
    # What a terminal's lines, databases, NIS and sound are reached by, with the libraries for it.
    *("curses", "dbm", "sqlite3", "_curses*.so", "_dbm*.so", "_gdbm*.so", "_sqlite3*.so"),
    *("nis.*.so", "ossaudiodev*.so", "readline*.so"),
    *("_ctypes_test*.so", "_test*.so", "_xxtest*.so", "xxlimited*.so"),
)
_SETTINGS = (
    *("/etc/group", "/etc/ld.so.cache", "/etc/nsswitch.conf", "/etc/os-release", "/etc/passwd"),
    *("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/openssl.cnf", "/usr/lib/ssl/openssl.cnf"),
)
_MERGED = ("/bin", "/lib", "/lib64")
"""Where they are links into /usr, as in Debian, libraries are looked for through them."""


def main(environment: Path, target: Path) -> None:
    """Copy everything; the directory is the root of the image."""
    for name in _MERGED:
        if Path(name).is_symlink():
            _link(Path(name), target)
    interpreter = Path(sys.executable)
    library = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(library, _placed(library, target), ignore=_NOT_OF_THE_LIBRARY)
    shutil.copytree(environment, _placed(environment, target), symlinks=True)
    _take(interpreter, target)
    for setting in map(Path, _SETTINGS):
        if setting.exists():
            _take(setting, target)
    modules = _placed(library, target).glob("lib-dynload/*.so")
    linked = {*_linked(interpreter, *modules, *environment.rglob("*.so*"))}
    for shared in linked:
        _take(shared, target)
    (target / "tmp").mkdir(mode=0o1777)
    (target / "tmp").chmod(0o1777)
    _tell_packages((interpreter.resolve(), library / "os.py", *linked), target)


def _take(path: Path, target: Path) -> None:
    """Copy a file; where the path is a link, the link and what it leads to."""
    place = _placed(path.parent.resolve() / path.name, target)
    if place.exists() or place.is_symlink():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        place.symlink_to(path.readlink())
        _take(path.parent.resolve() / path.readlink(), target)
    else:
        shutil.copy2(path, place)


def _link(path: Path, target: Path) -> None:
    _placed(path.resolve(), target).mkdir(parents=True, exist_ok=True)
    _placed(path, target).symlink_to(path.readlink())


def _linked(*files: Path) -> Iterator[Path]:
    """Name the libraries that programs and libraries need, as the loader finds them."""
    for file in files:
        told = subprocess.run(["ldd", file], capture_output=True, text=True, check=False).stdout
        for line in told.splitlines():
            name, _, found = line.strip().rpartition("=> ")
            path = Path((found or name).split(" (")[0])
            if path.is_absolute() and path.exists():
                yield path


def _tell_packages(files: Iterable[Path], target: Path) -> None:
    """Write the status of each Debian package that a file is from, where there are such."""
    if shutil.which("dpkg-query") is None:
        return
    directory = target / "var/lib/dpkg/status.d"
    directory.mkdir(parents=True)
    for package in {*_packages(files)}:
        status = ("dpkg-query", "--status", package)
        told = subprocess.run(status, capture_output=True, text=True, check=True).stdout
        (directory / package.partition(":")[0]).write_text(told)


def _packages(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        # packages know a library by the path of before /lib became a link
        for path in {str(file), str(file.resolve()), str(file.resolve()).removeprefix("/usr")}:
            search = ("dpkg-query", "--search", path)
            told = subprocess.run(search, capture_output=True, text=True, check=False).stdout
            for line in told.splitlines():
                yield line.partition(", ")[0].rpartition(": ")[0]


def _placed(path: Path, target: Path) -> Path:
    return Path(f"{target}{os.path.sep}{path.relative_to('/')}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
