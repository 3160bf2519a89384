"""The node itself: what tests of the webhook take for granted."""

import json
from typing import Any

import pytest

from tests.harness.cluster import Cluster

pytestmark = pytest.mark.cluster

FILL = ("redis-benchmark", "-q", "-t", "set", "-n", "200000", "-r", "200000", "-d", "1024")
"""About 200 MB, if they are all kept."""


def pod(name: str, *, image: str, args: tuple[str, ...] = (), **container: object) -> Any:
    """A Pod that is not started again; it asks for no CPU, of which a test machine has little."""
    server = {"name": "server", "image": image, "imagePullPolicy": "IfNotPresent", **container}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"restartPolicy": "Never", "containers": [{**server, "args": list(args)}]},
    }


def deployment(template: Any) -> Any:
    """A Deployment of one such Pod."""
    metadata = template["metadata"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "selector": {"matchLabels": metadata["labels"]},
            "template": {
                "metadata": {"labels": metadata["labels"]},
                "spec": {**template["spec"], "restartPolicy": "Always"},
            },
        },
    }


def service(name: str) -> Any:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"port": 6379}]},
    }


def apply(cluster: Cluster, namespace: str, *objects: Any) -> None:
    document = {"apiVersion": "v1", "kind": "List", "items": objects}
    cluster.kubectl("apply", f"--namespace={namespace}", "--filename=-", stdin=json.dumps(document))


def run_pod(cluster: Cluster, namespace: str, manifest: Any) -> None:
    """Create the Pod and wait until it is Ready."""
    apply(cluster, namespace, manifest)
    name = f"pod/{manifest['metadata']['name']}"
    cluster.kubectl(
        "wait", f"--namespace={namespace}", "--for=condition=Ready", name, "--timeout=240s"
    )


def execute(cluster: Cluster, namespace: str, target: str, *argv: str, check: bool = True) -> str:
    command = ("exec", f"--namespace={namespace}", target, "--", *argv)
    return cluster.kubectl(*command, check=check).stdout.strip()


def server_status(cluster: Cluster, namespace: str, name: str) -> Any:
    found = cluster.kubectl("get", f"--namespace={namespace}", "pod", name, "--output=json")
    return json.loads(found.stdout)["status"]["containerStatuses"][0]


def memory(limit: str) -> dict[str, object]:
    return {"limits": {"memory": limit}, "requests": {"memory": "16Mi"}}


def test_a_deployment_is_scheduled_started_and_answers(
    cluster: Cluster, namespace: str, redis_image: str
) -> None:
    probe = {"exec": {"command": ["redis-cli", "ping"]}, "periodSeconds": 1, "timeoutSeconds": 10}
    template = pod("redis", image=redis_image, resources=memory("128Mi"), readinessProbe=probe)
    apply(cluster, namespace, deployment(template))
    rollout = ("rollout", "status", f"--namespace={namespace}", "deployment/redis")

    cluster.kubectl(*rollout, "--timeout=240s")

    assert execute(cluster, namespace, "deployment/redis", "redis-cli", "ping") == "PONG"


def test_a_server_without_ceiling_is_oom_killed(
    cluster: Cluster, namespace: str, redis_image: str
) -> None:
    run_pod(cluster, namespace, pod("redis", image=redis_image, resources=memory("64Mi")))
    terminated = "jsonpath={.status.containerStatuses[0].state.terminated}"

    execute(cluster, namespace, "redis", *FILL, check=False)

    cluster.kubectl(
        *("wait", f"--namespace={namespace}", "pod/redis", f"--for={terminated}"),
        "--timeout=120s",
    )
    state = server_status(cluster, namespace, "redis")["state"]["terminated"]
    assert (state["reason"], state["exitCode"]) == ("OOMKilled", 137)


def test_a_server_with_a_ceiling_evicts_and_stays(
    cluster: Cluster, namespace: str, redis_image: str
) -> None:
    ceiling = ("--maxmemory", "40mb", "--maxmemory-policy", "allkeys-lru", "--save", "")
    manifest = pod("redis", image=redis_image, args=ceiling, resources=memory("64Mi"))
    run_pod(cluster, namespace, manifest)

    execute(cluster, namespace, "redis", *FILL)

    statistics = execute(cluster, namespace, "redis", "redis-cli", "info", "stats")
    evicted = next(line for line in statistics.splitlines() if line.startswith("evicted_keys:"))
    assert int(evicted.removeprefix("evicted_keys:")) > 100_000
    assert server_status(cluster, namespace, "redis")["restartCount"] == 0
    assert "running" in server_status(cluster, namespace, "redis")["state"]


def test_a_service_answers_from_another_pod(
    cluster: Cluster, namespace: str, redis_image: str
) -> None:
    apply(cluster, namespace, service("redis"))
    run_pod(cluster, namespace, pod("redis", image=redis_image))
    run_pod(cluster, namespace, pod("client", image=redis_image, args=("sleep", "600")))
    address = cluster.kubectl(
        *("get", f"--namespace={namespace}", "service", "redis"),
        "--output=jsonpath={.spec.clusterIP}",
    ).stdout

    # The rules may follow the endpoint by a moment.
    ping = f"until timeout 5 redis-cli -h {address} ping; do sleep 0.5; done"
    answer = execute(cluster, namespace, "client", "timeout", "120", "sh", "-c", ping)

    assert answer.splitlines()[-1] == "PONG"


@pytest.mark.parametrize("server", ["redis", "valkey"])
def test_the_images_prepend_their_server_and_leave_root(
    cluster: Cluster, namespace: str, server: str, request: pytest.FixtureRequest
) -> None:
    image = request.getfixturevalue(f"{server}_image")
    manifest = pod("server", image=image, args=("--maxmemory", "41943040"))
    run_pod(cluster, namespace, manifest)

    command = execute(cluster, namespace, "server", "cat", "/proc/1/cmdline")
    user = execute(cluster, namespace, "server", "stat", "--format=%U", "/proc/1")
    ceiling = execute(cluster, namespace, "server", f"{server}-cli", "config", "get", "maxmemory")

    assert command.startswith(f"{server}-server ")
    assert user == server
    assert ceiling.split() == ["maxmemory", "41943040"]
