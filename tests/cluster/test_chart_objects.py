"""What the chart renders, before the newest API server and the oldest that it supports."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.rendering import CHART, CI_VALUES, IMAGE
from tests.harness.cluster import Cluster
from tests.harness.crds import known_kinds
from tests.harness.manifests import create_dry, pod
from tests.harness.scratch import scratch_namespace

pytestmark = pytest.mark.cluster

SERVERS = ["api_server", pytest.param("oldest_api_server", marks=pytest.mark.oldest)]
CALLED = "failed calling webhook"


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """An API server that knows cert-manager's kinds and the Prometheus operator's too."""
    cluster: Cluster = request.getfixturevalue(request.param)
    with known_kinds(cluster):
        yield cluster


@pytest.fixture(scope="module")
def release_namespace(server: Cluster) -> Iterator[str]:
    with scratch_namespace(server) as name:
        yield name


@pytest.mark.parametrize("values", CI_VALUES, ids=lambda path: path.stem)
def test_it_knows_every_field_of_every_object(
    server: Cluster, release_namespace: str, values: Path
) -> None:
    objects = rendered(server, release_namespace, f"--values={values}")

    created = create(server, objects, "--dry-run=server")

    assert len(created) == len(objects)


def test_the_match_conditions_tell_redis_from_all_else(
    server: Cluster, release_namespace: str
) -> None:
    settings = ("--set=mode=enforce", f"--set=image.repository={IMAGE}")
    objects = rendered(server, release_namespace, *settings)
    configurations = [each for each in objects if each["kind"].endswith("WebhookConfiguration")]
    with scratch_namespace(server) as namespace:
        create(server, configurations)
        try:
            # Nobody answers, so that whoever is called for is refused.
            app, redis = (
                create_dry(server, namespace, pod("cart", *containers))
                for containers in (({"name": "app", "image": "app"},), ())
            )
            elsewhere = create_dry(server, release_namespace, pod("cart"))
        finally:
            names = [f"{each['kind']}/{each['metadata']['name']}" for each in configurations]
            server.kubectl("delete", *names)

    assert (app.returncode, app.stderr) == (0, "")
    assert redis.returncode != 0
    assert f'{CALLED} "validate.redis-memory-guard.dev"' in redis.stderr
    assert (elsewhere.returncode, elsewhere.stderr) == (0, "")


@pytest.mark.parametrize(("mode", "is_admitted"), [(None, True), ("enforce", False)])
def test_an_installation_that_never_answers_refuses_only_when_told_to_enforce(
    server: Cluster, release_namespace: str, mode: str | None, *, is_admitted: bool
) -> None:
    """The image does not exist, and without a node nothing would run it."""
    release = ("broken", f"--namespace={release_namespace}")
    told = () if mode is None else (f"--set=mode={mode}",)
    image = "--set=image.repository=registry.invalid/none"
    with scratch_namespace(server) as namespace:
        server.helm("install", *release, str(CHART), image, *told)
        try:
            created = create_dry(server, namespace, pod("cart"))
        finally:
            server.helm("uninstall", *release)
        afterwards = create_dry(server, namespace, pod("cart"))

    assert (created.returncode == 0) is is_admitted
    assert (CALLED in created.stderr) is not is_admitted
    assert afterwards.returncode == 0


def rendered(server: Cluster, namespace: str, *options: str) -> list[Any]:
    """The objects of a release, for the version of this API server."""
    version = json.loads(server.kubectl("get", "--raw=/version").stdout)["gitVersion"]
    release = ("strict", str(CHART), f"--namespace={namespace}", f"--kube-version={version}")
    text = server.helm("template", *release, *options).stdout
    return [each for each in yaml.safe_load_all(text) if each]


def create(server: Cluster, objects: list[Any], *options: str) -> list[str]:
    """Create objects; none may have a field that the API server does not know, or warns of."""
    created = server.kubectl(
        *("create", "--validate=strict", "--filename=-", "--output=name", *options),
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}),
    )
    assert "Warning" not in created.stderr
    return created.stdout.split()
