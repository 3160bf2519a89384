"""The quickstart, done: its own commands, one after the other, on a real cluster."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster
from tests.harness.guard_image import REPOSITORY_NAME, TAG, guard_archive

pytestmark = pytest.mark.cluster

PAGE = REPOSITORY / "docs" / "quickstart.md"
_BLOCK = re.compile(r"^```sh ?(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_GIVEN = "image.repository=redis-memory-guard"
"""The image of the page; ours is loaded into the node under a tag of the tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Commands of the page: `kind` ones are for a cluster of that make, `fails` ones shall fail."""

    mark: str
    commands: str


def blocks() -> Iterator[Block]:
    for mark, commands in _BLOCK.findall(PAGE.read_text()):
        yield Block(mark=mark, commands=commands)


def test_the_commands_of_the_page_do_what_it_says(cluster: Cluster, redis_image: str):
    cluster.import_image(guard_archive())
    printed = []

    for block in blocks():
        if block.mark != "kind":
            given = f"image.repository={REPOSITORY_NAME},image.tag={TAG}"
            commands = f"cd {REPOSITORY}\nset -eu\n{block.commands.replace(_GIVEN, given)}"
            done = cluster.client("bash", "-c", commands, timeout=400, check=False)
            printed.append((block, done))
            assert (done.returncode != 0) == (block.mark == "fails"), (block.commands, done)

    ((_, refusal),) = [(block, done) for block, done in printed if block.mark == "fails"]
    assert "no-memory-limit" in refusal.stderr
    (bounded,) = [done for block, done in printed if "config get maxmemory" in block.commands]
    assert "--maxmemory" in bounded.stdout
    assert "92274688" in bounded.stdout.splitlines()
    assert "cart" in bounded.stdout
