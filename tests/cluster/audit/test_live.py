"""Asking running servers through `pods/exec`, and what each of them makes of it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.cluster.audit.commands import audit_json, by_name
from tests.cluster.audit.zoo import documents
from tests.harness.cluster import Cluster
from tests.harness.manifests import Json, container, pod
from tests.harness.scratch import scratch_namespace

pytestmark = pytest.mark.cluster

_PASSWORD = {"name": "REDIS_PASSWORD", "value": "s3cret"}
_TLS = """
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=x -out /tmp/c -keyout /tmp/k 2>/dev/null
exec redis-server --port 0 --tls-port 6379 --tls-cert-file /tmp/c --tls-key-file /tmp/k \
    --tls-ca-cert-file /tmp/c --tls-auth-clients {clients}
"""


_NO_RIGHTS = "echo 'user default on nopass ~* +get' >/tmp/c; exec redis-server /tmp/c"


def servers() -> Mapping[str, Json]:
    def shell(text: str, **fields: object) -> Json:
        return container(command=["sh", "-c", text], **fields)

    return {
        "plain": container(),
        "valkey": container(image="valkey/valkey:8"),
        "password": container(args=["--requirepass", "$(REDIS_PASSWORD)"], env=[_PASSWORD]),
        "visible-password": container(args=["--requirepass", "s3cret"]),
        "hidden-password": shell('exec redis-server --requirepass "$(echo s3cret)"'),
        "no-rights": shell(
            "printf 'user default on nopass ~* +get\\n' >/tmp/c; exec redis-server /tmp/c"
        ),
        "renamed": container(args=["--rename-command", "CONFIG", ""]),
        "other-port": container(args=["--port", "7000"]),
        "tls": shell(_TLS.format(clients="no")),
        "tls-with-client-certificates": shell(_TLS.format(clients="yes")),
        "no-client": shell("rm /usr/local/bin/redis-cli; exec redis-server"),
        "stopped": shell("redis-server & sleep 2; kill -STOP $!; wait"),
    }


EXPECTED: Mapping[str, object] = {
    "plain": 0,
    "valkey": 0,
    "password": 0,
    "visible-password": 0,
    "hidden-password": "NOAUTH",
    "no-rights": "NOPERM",
    "renamed": 0,
    "other-port": 0,
    "tls": 0,
    "tls-with-client-certificates": "TLS only",
    "no-client": "no client",
    "stopped": "timeout",
}


@pytest.fixture(scope="module")
def told(cluster: Cluster, images: None) -> Iterator[Mapping[str, Any]]:
    with scratch_namespace(cluster) as namespace:
        pods = [pod(name, each) for name, each in servers().items()]
        where = f"--namespace={namespace}"
        cluster.kubectl("create", where, "--filename=-", stdin=documents(pods))
        cluster.kubectl("wait", where, "--for=condition=Ready", "pods", "--all", "--timeout=400s")
        cluster.kubectl("exec", where, "plain", "--", "redis-cli", "SET", "key", "value")
        yield by_name(audit_json(cluster, where, "--live=exec"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_running_server_tells_or_says_why_not(told: Mapping[str, Any], name: str) -> None:
    (found,) = told[name]["pods"]
    live = found["live"]

    assert (live["maxmemoryBytes"] if isinstance(live, dict) else live) == EXPECTED[name]


def test_what_it_holds_is_told(told: Mapping[str, Any]) -> None:
    (found,) = told["plain"]["pods"]

    assert (found["live"]["keys"], found["live"]["expiringKeys"]) == (1, 0)
    assert told["plain"]["usedBytes"] == found["live"]["usedBytes"] > 0
    assert "maybe-queue" in told["plain"]["risks"]
