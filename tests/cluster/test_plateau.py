"""`redis-memory-guard plateau` as a person runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster
from tests.harness.command import run

pytestmark = [pytest.mark.cluster, pytest.mark.plateau]

PREFIX = "test-plateau"
PROGRAM = "from webhook.cli.main import main; main()"


def command(cluster: Cluster, *arguments: str) -> tuple[str, ...]:
    prefix = ("plateau", "--namespace-prefix", PREFIX)
    return (*cluster.enter, sys.executable, "-c", PROGRAM, *prefix, *arguments)


def living_namespaces(cluster: Cluster) -> Sequence[str]:
    """The namespaces of this command that are not being deleted."""
    found = json.loads(cluster.kubectl("get", "namespaces", "--output=json").stdout)
    return [
        each["metadata"]["name"]
        for each in found["items"]
        if each["metadata"]["name"].startswith(PREFIX) and each["status"]["phase"] == "Active"
    ]


def row(output: str, name: str) -> list[str]:
    """A row of the table, as words."""
    return next(line.split() for line in output.splitlines() if line.startswith(f"{name} "))


def test_guarded_and_not_side_by_side(cluster: Cluster, redis_image: str, tmp_path: Path) -> None:
    short = ("--limit", "64Mi", "--rate", "5Mi", "--duration", "35", "--image", redis_image)

    done = run(
        *command(cluster, *short, "--output", str(tmp_path)),
        environment=cluster.environment,
        directory=REPOSITORY,
    )

    guarded, unguarded = row(done.stdout, "guarded"), row(done.stdout, "unguarded")
    assert guarded[1:3] == ["64Mi", "36Mi"]
    assert int(guarded[4].replace(",", "")) > 50_000
    assert guarded[5:] == ["0", "0"]
    assert unguarded[1:6] == ["64Mi", "none", "the", "limit", "0"]
    assert int(unguarded[-1]) >= 1
    assert "The guarded server plateaus at 4" in done.stdout
    assert (tmp_path / "plateau.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "plateau.svg").read_text()
    assert living_namespaces(cluster) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing_behind(
    cluster: Cluster, redis_image: str, number: signal.Signals
) -> None:
    interrupted = subprocess.Popen(
        command(cluster, "--image", redis_image, "--duration", "300"),
        env={**os.environ, **cluster.environment},
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with interrupted:
        deadline = time.monotonic() + 60
        while not living_namespaces(cluster):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        interrupted.send_signal(number)
        _, said = interrupted.communicate(timeout=120)

    assert interrupted.returncode == 130
    assert said == "Interrupted; the namespace is being deleted.\n"
    assert living_namespaces(cluster) == []


def test_an_image_that_cannot_be_had_is_an_error(cluster: Cluster) -> None:
    done = run(
        *command(cluster, "--image", "redis:no-such-version"),
        environment=cluster.environment,
        directory=REPOSITORY,
        check=False,
    )

    assert done.returncode == 2
    assert "does not start: " in done.stderr
    assert 'ImagePullBackOff: Back-off pulling image "redis:no-such-version"' in done.stderr
    assert living_namespaces(cluster) == []
