"""What a release does, with its own commands, as far as one machine can: no signatures, one
architecture, and a registry at 127.0.0.1.
"""

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.harness.build import located_programs, registry_programs
from tests.harness.cache import REPOSITORY
from tests.harness.command import Output, run
from tests.harness.guard_image import guard_archive
from tests.harness.waiting import eventually
from webhook import __version__

pytestmark = pytest.mark.release

CHART = "charts/redis-memory-guard"


@pytest.fixture(scope="module")
def search_path() -> str:
    """Where make, helm and the registry's programs are found."""
    if shutil.which("go") is None or os.geteuid() != 0:
        remedy = "needs root and Go: sudo make release-test"
        if os.environ.get("CI") == "true":
            pytest.fail(remedy)
        pytest.skip(remedy)
    return f"{registry_programs()}:{located_programs().search_path}"


@pytest.fixture(scope="module")
def registry(search_path: str) -> Iterator[str]:
    """The address of a registry that keeps what it gets in memory."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = ("registry", f"-port={port}")  # of localhost
    address = f"127.0.0.1:{port}"
    with subprocess.Popen(serve, env={"PATH": search_path}, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: _answers(address), what="a registry")
            yield address
        finally:
            process.terminate()


def test_the_tag_has_to_be_the_version() -> None:
    check = ("python", "-m", "tests.generate.version", "--tag")
    environment = {"PATH": f"{REPOSITORY / '.venv' / 'bin'}:{os.environ['PATH']}"}
    asked = [
        run(*check, tag, environment=environment, directory=REPOSITORY, check=False).returncode
        for tag in (f"v{__version__}", "v9.9.9")
    ]

    assert asked == [0, 1]


def test_the_wheel_comes_with_a_list_of_what_it_is_installed_with(
    search_path: str, tmp_path: Path
) -> None:
    _make(search_path, "release-wheel", f"DIST={tmp_path}")

    assert sorted(each.name for each in tmp_path.iterdir()) == [
        f"redis-memory-guard-{__version__}.cdx.json",
        f"redis_memory_guard-{__version__}-py3-none-any.whl",
    ]
    told = json.loads((tmp_path / f"redis-memory-guard-{__version__}.cdx.json").read_text())
    found = {
        (re.sub(r"[-_.]+", "-", each["name"]).lower(), each["version"])
        for each in told["components"]
    }
    locked = (REPOSITORY / "requirements" / "serve.txt").read_text()
    pins = {*re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", locked, re.MULTILINE)}
    ours = {("redis-memory-guard", __version__)}
    assert ours <= found
    assert {name for name, _ in found} >= {"cryptography", "flask", "gevent", "kubernetes"}
    assert found - ours <= pins


def test_the_chart_is_pushed_and_installs_as_it_is_here(
    search_path: str, registry: str, tmp_path: Path
) -> None:
    charts = f"oci://{registry}/charts"
    pushed = _make(
        *(search_path, "release-chart", f"DIST={tmp_path}", f"CHARTS={charts}"),
        "PUSH=--plain-http",
    )
    told = pushed.stdout + pushed.stderr
    values = (
        "--namespace=guard",
        "--kube-version=1.37",
        "--set=image.repository=registry.example.com/guard",
    )
    version = (f"--version={__version__}", "--plain-http")
    released = _run(
        search_path, "helm", "template", "guard", f"{charts}/redis-memory-guard", *version, *values
    )
    here = _run(search_path, "helm", "template", "guard", CHART, *values)

    assert re.search(r"^Digest: sha256:[0-9a-f]{64}$", told, re.MULTILINE)
    assert released.stdout == here.stdout
    assert here.stdout.count("kind: Deployment") == 2


def test_the_image_is_pushed_and_is_what_it_says(search_path: str, registry: str) -> None:
    image = f"{registry}/redis-memory-guard:{__version__}"

    _run(search_path, "crane", "push", "--insecure", str(guard_archive()), image)
    digest = _run(search_path, "crane", "digest", "--insecure", image).stdout.strip()
    pinned = f"{image.rpartition(':')[0]}@{digest}"
    config: Any = json.loads(_run(search_path, "crane", "config", "--insecure", pinned).stdout)

    assert config["config"]["Entrypoint"] == ["redis-memory-guard"]
    assert config["config"]["User"] == "65532:65532"
    assert config["config"]["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"


def _make(search_path: str, *arguments: str) -> Output:
    return _run(search_path, "make", *arguments)


def _run(search_path: str, *command: str) -> Output:
    return run(*command, environment={"PATH": search_path}, directory=REPOSITORY, timeout=900)


def _answers(address: str) -> bool:
    try:
        with urlopen(f"http://{address}/v2/", timeout=5):
            return True
    except (URLError, OSError):
        return False
