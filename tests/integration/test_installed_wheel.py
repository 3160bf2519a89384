"""The wheel, installed with what it asks for and nothing else, does what the command line says."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POD = """\
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: redis, image: redis:7, resources: {limits: {memory: 512Mi}}}
"""
_PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, *_PIP, "wheel", "--no-deps", "--wheel-dir", str(directory), str(ROOT))
    (built,) = directory.iterdir()
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a fresh environment; of each dependency the version that is locked."""
    directory = tmp_path_factory.mktemp("installed")
    _run(sys.executable, "-m", "venv", str(directory / "venv"))
    locked = (ROOT / "requirements" / "serve.txt").read_text().splitlines()
    pins = [line.split(" \\")[0] for line in locked if line[:1].isalpha()]
    constraints = directory / "constraints.txt"
    constraints.write_text("\n".join(pins).replace("gunicorn[gevent]", "gunicorn"))
    python = directory / "venv" / "bin" / "python"
    _run(str(python), *_PIP, "install", "--constraint", str(constraints), str(wheel))
    return python.with_name("redis-memory-guard")


def test_the_wheel_carries_both_packages_and_their_types(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {"webhook/py.typed", "certs/py.typed", "webhook/cli/check-output.schema.json"} <= {
        *names
    }
    assert {name.split("/")[0].split("-")[0] for name in names} == {
        *("certs", "webhook", "redis_memory_guard"),
    }


def test_every_command_has_its_help(program: Path) -> None:
    listed = _run(str(program), "--help").split("Commands:\n")[1]
    names = [line.split()[0] for line in listed.splitlines()]

    assert {"check", "demo", "fix", "serve"} <= {*names}
    assert "Cannot be loaded" not in listed
    for name in names:
        assert f" {name}" in _run(str(program), name, "--help").splitlines()[0]
    assert "redis-memory-guard-certs" in _run(f"{program}-certs", "--help").splitlines()[0]


def test_it_checks_a_manifest(program: Path) -> None:
    told = _run(str(program), "check", "-", given=POD)

    assert told.endswith("1 Redis server in 1 workload: 1 inject.\n")


def test_it_shows_its_demo(program: Path) -> None:
    assert _run(str(program), "demo").startswith("The webhook serves at https://localhost:")


def _run(*command: str, given: str | None = None) -> str:
    """Run a command, away from the sources, and give what it prints; it must succeed."""
    # what would lead it back to the sources or to this environment
    hidden = ("PYTHON", "VIRTUAL_ENV", "COV_")
    clean = {name: text for name, text in os.environ.items() if not name.startswith(hidden)}
    done = subprocess.run(
        command, cwd="/", env=clean, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
