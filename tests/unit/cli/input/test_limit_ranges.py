"""A LimitRange of the input gives the limit that the cluster would give."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from webhook.cli.commands.group import commands

MEBI = 2**20


def limit_range(*items: Mapping[str, object], namespace: str = "", name: str = "defaults") -> str:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    manifest = {"kind": "LimitRange", "metadata": metadata, "spec": {"limits": list(items)}}
    return yaml.safe_dump(manifest, explicit_start=True)


def container(**amounts: Mapping[str, str]) -> Mapping[str, object]:
    return {"type": "Container", **amounts}


def server(*, namespace: str = "", resources: Mapping[str, object] | None = None) -> str:
    metadata = {"name": "p", **({"namespace": namespace} if namespace else {})}
    one = {"name": "redis", "image": "redis:7", **({"resources": resources} if resources else {})}
    manifest = {"kind": "Pod", "metadata": metadata, "spec": {"containers": [one]}}
    return yaml.safe_dump(manifest, explicit_start=True)


def limit_of(text: str) -> int | None:
    run = CliRunner().invoke(commands, ["check", "-", "-o", "json"], input=text)
    (finding,) = json.loads(run.stdout)["findings"]
    limit: int | None = finding["limitBytes"]
    return limit


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([container(default={"memory": "256Mi"})], 256),
        ([container(max={"memory": "1Gi"})], 1024),
        ([container(default={"memory": "256Mi"}, max={"memory": "1Gi"})], 256),
        ([container(default={"cpu": "1"}, max={"memory": "1Gi"})], 1024),
        ([{"type": "Pod", "max": {"memory": "1Gi"}}], None),
        ([{"type": "Pod", "max": {"memory": "1Gi"}}, container(max={"memory": "2Gi"})], 2048),
        ([container(defaultRequest={"memory": "256Mi"})], None),
        ([], None),
    ],
)
def test_the_default_counts_then_the_maximum(
    items: list[Mapping[str, object]], expected: int | None
):
    assert limit_of(limit_range(*items) + server()) == (expected and expected * MEBI)


def test_a_limit_of_the_containers_own_stays():
    resources = {"limits": {"memory": "512Mi"}}

    given = limit_of(
        limit_range(container(default={"memory": "64Mi"})) + server(resources=resources)
    )

    assert given == 512 * MEBI


@pytest.mark.parametrize(
    ("ranges", "pods", "expected"),
    [
        ("shop", "shop", 64),
        ("shop", "", None),
        ("", "", 64),
        ("default", "", 64),
        ("", "shop", None),
    ],
)
def test_it_counts_in_its_own_namespace(ranges: str, pods: str, expected: int | None):
    text = limit_range(container(default={"memory": "64Mi"}), namespace=ranges)

    assert limit_of(server(namespace=pods) + text) == (expected and expected * MEBI)


def test_of_two_the_first_counts():
    text = limit_range(container(default={"memory": "64Mi"})) + limit_range(
        container(default={"memory": "128Mi"}), name="others"
    )

    assert limit_of(text + server()) == 64 * MEBI


@pytest.mark.parametrize("limits", [None, "x", ["x"], [{"type": "Container", "default": 7}]])
def test_one_that_the_api_would_refuse_gives_nothing(limits: Any):
    broken = yaml.safe_dump(
        {"kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": limits}},
        explicit_start=True,
    )

    assert limit_of(broken + server()) is None


def test_what_is_no_container_is_told_as_bad_input():
    text = (
        limit_range(container(default={"memory": "64Mi"}))
        + "---\nkind: Pod\nspec: {containers: [7]}\n"
    )

    run = CliRunner().invoke(commands, ["check", "-"], input=text)

    assert run.exit_code == 2
    assert "spec.containers[0]: must be an object" in run.stderr


def test_fix_needs_no_limit_where_the_range_gives_one():
    text = limit_range(container(default={"memory": "256Mi"})) + server()

    run = CliRunner().invoke(commands, ["fix", "-"], input=text)

    assert run.exit_code == 0
    assert "--maxmemory" in run.stdout
    assert "resources" not in run.stdout
