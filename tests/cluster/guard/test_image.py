"""What is in our image, and what is not: looked at from outside, and from within by its python."""

import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.harness.guard_image import guard_archive

pytestmark = pytest.mark.cluster

_MEBIBYTE = 1024 * 1024
_OURS = "opt/redis-memory-guard"
_PYTHON = f"/{_OURS}/bin/python3"
_IMPORTS_ALL = """
import importlib, pkgutil, re, sys
import certs, webhook
for package in (certs, webhook):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
from kubernetes import client
for module in list(sys.modules.values()):
    if module.__name__.startswith(("certs", "webhook")) and module.__file__:
        for name in re.findall(r"client[.]([A-Z][A-Za-z0-9]+)", open(module.__file__).read()):
            getattr(client, name)
import ssl
assert ssl.create_default_context().get_ca_certs()
print(len(sys.modules))
"""


@pytest.fixture(scope="module")
def root(root_and_go: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file system of the image."""
    archive = tmp_path_factory.mktemp("archive")
    directory = tmp_path_factory.mktemp("root")
    with tarfile.open(guard_archive()) as image:
        image.extractall(archive, filter="tar")
    (manifest,) = json.loads((archive / "manifest.json").read_text())
    for layer in manifest["Layers"]:
        with tarfile.open(archive / layer) as content:
            content.extractall(directory, filter="tar")
    directory.chmod(0o755)
    return directory


def test_there_is_no_pip_no_shell_and_no_package_manager(root: Path) -> None:
    forbidden = (
        *("ash", "bash", "busybox", "dash", "sh", "pip", "pip3", "apt", "apt-get", "apk", "dpkg"),
        *("perl", "curl", "wget"),
    )
    programs = {
        each.name
        for directory in ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", f"{_OURS}/bin")
        for each in (root / directory).glob("*")
    }
    names = {each.name for each in root.rglob("*")}

    assert programs & {*forbidden} == set()
    assert names & {"pip", "setuptools", "ensurepip", "idlelib", "pydoc_data"} == set()
    assert {"python3", "redis-memory-guard", "redis-memory-guard-certs"} <= programs


def test_it_is_small(root: Path) -> None:
    """Ours, beside the interpreter, its library and what both are linked to."""
    ours, whole = (_size(top) for top in (root / _OURS, root))

    assert ours < 60 * _MEBIBYTE
    assert whole < 100 * _MEBIBYTE


def test_all_of_the_program_is_there(root: Path) -> None:
    imported = _run(root, _PYTHON, "-c", _IMPORTS_ALL)
    helped = [
        _run(root, f"/{_OURS}/bin/{program}", "--help")
        for program in ("redis-memory-guard", "redis-memory-guard-certs")
    ]

    assert int(imported) > 500
    assert all("Usage: " in told for told in helped)


def test_everything_is_compiled(root: Path) -> None:
    """Nothing is where this runs: its file system is read-only."""
    sources = [each for each in root.rglob("*.py") if each.stat().st_size]
    missing = [
        source
        for source in sources
        if not [*(source.parent / "__pycache__").glob(f"{source.stem}.*.pyc")]
    ]

    assert len(sources) > 500
    assert missing == []


def test_tracebacks_show_lines_of_ours_and_of_pythons_library_only(root: Path) -> None:
    (packages,) = (root / _OURS).glob("lib/python3*/site-packages")
    sources = [each.relative_to(packages) for each in packages.rglob("*.py")]

    assert {each.parts[0] for each in sources} == {"certs", "webhook"}


def _size(top: Path) -> int:
    return sum(each.lstat().st_size for each in top.rglob("*") if not each.is_dir())


def _run(root: Path, *command: str) -> str:
    done = subprocess.run(
        ["chroot", "--userspec=65532:65532", str(root), *command],
        env={"PATH": "/usr/sbin:/usr/bin", "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
