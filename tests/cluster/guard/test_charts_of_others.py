"""The charts that most people install: what they make starts as they say, and bounded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster
from tests.harness.command import Output
from tests.harness.manifests import Json, execute, read
from tests.harness.release import Guard
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("bitnami_image", "valkey_image")]

CEILING = 73400320
LOWERED = 171127603
"""What an explicit ceiling that is too high becomes, as both persist their data: 85 % of 192Mi."""
"""What a server that forks gets under 192Mi: half of 192Mi - 16Mi - 3/16 of 192Mi."""
PASSWORD = "from-the-chart"
START_MASTER = REPOSITORY / "tests" / "redis" / "entrypoints" / "start-master.sh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart: what it makes, where its users configure the server, how the server is asked.

    `settings` are what the server has to answer beside its ceiling, `policy` the eviction policy.
    """

    name: str
    workload: str
    container: str
    config_map: str
    file: str
    client: str
    settings: Mapping[str, str]
    policy: str

    def __str__(self) -> str:
        return self.name

    def objects(self, *, more: str = "", limited: bool = True) -> list[Json]:
        """The rendered objects, with `more` configuration of the user's, or without a limit."""
        text = (Path(__file__).parent / "charts" / f"{self.name}.yaml").read_text()
        objects = [*yaml.safe_load_all(text), _scripts()]
        by_name = {each["metadata"]["name"]: each for each in objects}
        by_name[self.config_map]["data"][self.file] += more
        template = by_name[self.workload.partition("/")[2]]["spec"]["template"]
        if not limited:
            (server,) = template["spec"]["containers"]
            del server["resources"]["limits"]
        return objects


BITNAMI = Chart(
    name="bitnami-redis",
    workload="statefulset/redis-master",
    container="redis",
    config_map="redis-configuration",
    file="redis.conf",
    client="redis-cli",
    settings={"requirepass": PASSWORD, "appendonly": "yes", "save": "", "dir": "/data"},
    policy="allkeys-lru",
)
VALKEY = Chart(
    name="valkey",
    workload="deployment/valkey",
    container="valkey",
    config_map="valkey-config",
    file="valkey.conf",
    client="valkey-cli",
    settings={"aclfile": "/etc/valkey/users.acl", "appendonly": "yes", "dir": "/data"},
    policy="noeviction",
)


@pytest.mark.parametrize("chart", [BITNAMI, VALKEY], ids=str)
@pytest.mark.parametrize(
    ("more", "ceiling"),
    [("", CEILING), ("maxmemory 1gb\n", LOWERED)],
    ids=["no ceiling", "one above the limit"],
)
def test_its_server_runs_with_our_ceiling_and_its_own_settings(
    guard: Guard, namespace: str, chart: Chart, more: str, ceiling: int
) -> None:
    cluster = guard.cluster

    _apply(cluster, namespace, chart.objects(more=more))

    _wait_ready(cluster, namespace, chart)
    said = {name: _config_get(cluster, namespace, chart, name) for name in chart.settings}
    assert said == chart.settings
    assert _config_get(cluster, namespace, chart, "maxmemory") == str(ceiling)
    assert _config_get(cluster, namespace, chart, "maxmemory-policy") == chart.policy
    recorded = _record(cluster, namespace, chart)
    assert (recorded["maxmemory"], recorded["profile"]) == (ceiling, "persistent")
    assert _ask(cluster, namespace, chart, "PING", password="wrong") != "PONG"


def test_a_ceiling_of_the_bitnami_charts_configuration_that_fits_is_respected(
    guard: Guard, namespace: str
) -> None:
    _apply(guard.cluster, namespace, BITNAMI.objects(more="maxmemory 64mb\n"))

    _wait_ready(guard.cluster, namespace, BITNAMI)
    assert _config_get(guard.cluster, namespace, BITNAMI, "maxmemory") == str(64 * 2**20)


@pytest.mark.parametrize("chart", [BITNAMI, VALKEY], ids=str)
def test_without_a_limit_it_is_told_at_once_and_makes_no_pod(
    guard: Guard, namespace: str, chart: Chart
) -> None:
    cluster = guard.cluster

    applied = _apply(cluster, namespace, chart.objects(limited=False))

    def refusals() -> list[str]:
        events = read(cluster, namespace, "events")["items"]
        return [event["message"] for event in events if event["reason"] == "FailedCreate"]

    (message, *_) = eventually(refusals, what="the controller's event")
    without = f'container "{chart.container}": it runs a Redis server without a memory limit'
    assert f"Warning: {without}" in applied.stderr
    assert without in message
    assert read(cluster, namespace, "pods")["items"] == []


def _scripts() -> Json:
    """The Bitnami chart's ConfigMap of start scripts."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "redis-scripts"},
        "data": {"start-master.sh": START_MASTER.read_text()},
    }


def _apply(cluster: Cluster, namespace: str, objects: list[Json]) -> Output:
    # Helm's order: what the Pods mount is there before them.
    ordered = sorted(objects, key=lambda each: each["kind"] in ("Deployment", "StatefulSet"))
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": ordered})
    return cluster.kubectl("apply", f"--namespace={namespace}", "--filename=-", stdin=document)


def _wait_ready(cluster: Cluster, namespace: str, chart: Chart) -> None:
    rollout = ("rollout", "status", chart.workload, f"--namespace={namespace}")
    cluster.kubectl(*rollout, "--timeout=120s")


def _record(cluster: Cluster, namespace: str, chart: Chart) -> Any:
    (running,) = read(cluster, namespace, "pods")["items"]
    record = running["metadata"]["annotations"]["redis-memory-guard.dev/injected"]
    return json.loads(record)[chart.container]


def _config_get(cluster: Cluster, namespace: str, chart: Chart, name: str) -> str:
    said = _ask(cluster, namespace, chart, "CONFIG", "GET", name)
    return said.removeprefix(name).strip()


def _ask(
    cluster: Cluster, namespace: str, chart: Chart, *command: str, password: str = PASSWORD
) -> str:
    client = ("env", f"REDISCLI_AUTH={password}", chart.client, "--no-auth-warning", *command)
    return execute(cluster, namespace, chart.workload, *client)
