"""What `fix` prints, applied: the API server keeps it as it stands there, also over what was there.

The manifests of `unfixed` are of the kinds that `fix` changes, each in one of its ways.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.audit.commands import PROGRAM
from tests.harness.cluster import Cluster
from tests.harness.command import run
from tests.harness.scratch import scratch_namespace

pytestmark = pytest.mark.cluster

Json = dict[str, Any]
UNFIXED = sorted(Path(__file__).with_name("unfixed").glob("*.yaml"))
SERVER_SIDE = ("--server-side", "--output=json")


@pytest.fixture
def namespace(api_server: Cluster) -> Iterator[str]:
    with scratch_namespace(api_server) as name:
        yield name


@pytest.mark.parametrize("file", UNFIXED, ids=lambda file: file.stem)
def test_what_fix_prints_is_what_is_applied(
    api_server: Cluster, namespace: str, file: Path
) -> None:
    fixed = fix(file, namespace)

    once = applied(api_server, namespace, fixed)
    twice = applied(api_server, namespace, fixed)

    assert fixed != file.read_text()
    assert [differences(each, once[name_of(each)]) for each in documents(fixed)] == [
        [] for _ in documents(fixed)
    ]
    assert versions(twice) == versions(once)


@pytest.mark.parametrize(
    "file", [file for file in UNFIXED if file.stem != "pod"], ids=lambda file: file.stem
)
def test_it_takes_the_place_of_what_was_applied_before(
    api_server: Cluster, namespace: str, file: Path
) -> None:
    """First as most people do, by the client: what that owns conflicts with itself, if at all."""
    api_server.kubectl("apply", f"--namespace={namespace}", f"--filename={file}")
    fixed = fix(file, namespace)
    conflicts = conflicts_of(api_server, namespace, fixed)
    own = conflicts_of(api_server, namespace, file.read_text())

    once = applied(api_server, namespace, fixed, "--force-conflicts")
    twice = applied(api_server, namespace, fixed)

    assert conflicts == own

    assert [differences(each, once[name_of(each)]) for each in documents(fixed)] == [
        [] for _ in documents(fixed)
    ]
    assert versions(twice) == versions(once)


def fix(file: Path, namespace: str) -> str:
    """Run `redis-memory-guard fix`, whose second run finds nothing left to do."""
    command = (PROGRAM, "fix", f"--namespace={namespace}", "--memory-limit=256Mi")
    fixed = run(*command, str(file)).stdout
    assert run(*command, "-", stdin=fixed).stdout == fixed
    return fixed


def applied(cluster: Cluster, namespace: str, manifests: str, *more: str) -> Mapping[str, Json]:
    """Apply on the server's side, where a conflict is an error; the objects by kind and name."""
    options = (f"--namespace={namespace}", "--filename=-", *SERVER_SIDE, *more)
    said = json.loads(cluster.kubectl("apply", *options, stdin=manifests).stdout)
    return {name_of(each): each for each in (said["items"] if said["kind"] == "List" else [said])}


def conflicts_of(cluster: Cluster, namespace: str, manifests: str) -> list[str]:
    """The fields that an apply on the server's side would not take from the client's.

    Lists that the API server holds whole and fills in, such as `volumeClaimTemplates`.
    """
    options = (f"--namespace={namespace}", "--filename=-", "--dry-run=server", *SERVER_SIDE)
    said = cluster.kubectl("apply", *options, stdin=manifests, check=False).stderr
    return re.findall(r"(\.(?:spec|data)\S*)", said)


def documents(text: str) -> list[Json]:
    """The objects of a file, with those of a List one by one."""
    read = [each for each in yaml.safe_load_all(text) if each]
    return [each for found in read for each in found.get("items", [found])]


def name_of(manifest: Json) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def versions(objects: Mapping[str, Json]) -> Mapping[str, str]:
    return {name: each["metadata"]["resourceVersion"] for name, each in objects.items()}


def differences(wanted: Any, found: Any, path: str = "") -> list[str]:
    """Where an object lacks or changes what a manifest says; what the API server adds is none.

    A list is as long as it was written: an element too many is a difference.
    """
    match wanted, found:
        case dict(), dict():
            missing = [f"{path}.{name}: missing" for name in wanted if name not in found]
            both = ((name, wanted[name], found[name]) for name in wanted if name in found)
            return missing + [
                each
                for name, left, right in both
                for each in differences(left, right, f"{path}.{name}")
            ]
        case list(), list() if len(wanted) == len(found):
            pairs = enumerate(zip(wanted, found, strict=True))
            return [each for at, (a, b) in pairs for each in differences(a, b, f"{path}[{at}]")]
        case _:
            return [] if wanted == found else [f"{path}: {found!r}, not {wanted!r}"]
