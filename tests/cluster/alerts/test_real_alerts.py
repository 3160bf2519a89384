"""Alerts in a real Prometheus, each fired by a real fault, and the dashboard's queries answered.

Prometheus scrapes the real webhook, certificate process and audit, the API server,
kube-state-metrics and redis_exporter. The rules are the chart's with shorter windows and without
their `for`; what they watch, and the faults, are as they are.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from certs.ca import issue_leaf
from certs.state import TrustedCAs
from certs.stored import decode_cas, encode_serving
from tests.chart.rendering import render
from tests.cluster.alerts.prometheus import (
    Prometheus,
    running,
    running_prometheus,
    scrape_api_server,
    scrape_static,
    scraping_release,
    shortened,
)
from tests.generate.dashboard import ROWS
from tests.harness.build import state_metrics_program
from tests.harness.cluster import Cluster
from tests.harness.command import run
from tests.harness.manifests import apply, container, execute, pod, read, wait_ready
from tests.harness.prometheus import fetch_prometheus, redis_exporter
from tests.harness.release import NAME, NAMESPACE, Guard, installed_guard
from tests.harness.scratch import scratch_namespace
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.alerts]

STATE_PORT, STATE_OWN_PORT, EXPORTER_PORT = 18080, 18081, 19121
WRITES = ("redis-benchmark", "-q", "-t", "set", "-n", "200000", "-r", "200000", "-d", "1024")
AUDITED = ("--set=audit.enabled=true", "--set=audit.intervalSeconds=10")
_RATE_INTERVAL = "30s"


@pytest.fixture(scope="module")
def guard(cluster: Cluster) -> Iterator[Guard]:
    with installed_guard(cluster, *AUDITED) as guard:
        yield guard


@pytest.fixture(scope="module")
def home(cluster: Cluster) -> Iterator[str]:
    with scratch_namespace(cluster) as namespace:
        yield namespace


@pytest.fixture(scope="module")
def redis(guard: Guard, home: str, redis_image: str) -> str:
    """A guarded Redis that runs; its address."""
    apply(guard.cluster, home, pod("cart", container(image=redis_image)))
    wait_ready(guard.cluster, home, "cart")
    address: str = read(guard.cluster, home, "pod/cart")["status"]["podIP"]
    return address


@pytest.fixture(scope="module")
def prometheus(
    guard: Guard, home: str, redis: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    cluster, directory = guard.cluster, tmp_path_factory.mktemp("prometheus")
    fetch_prometheus()
    enabled = {"prometheusRule": {"enabled": True}, "audit": {"enabled": True}}
    rules = shortened(render(enabled).one("PrometheusRule")["spec"])
    state_metrics = (
        *(*cluster.enter, str(state_metrics_program()), f"--kubeconfig={cluster.kubeconfig}"),
        *("--resources=pods", f"--port={STATE_PORT}", f"--telemetry-port={STATE_OWN_PORT}"),
        "--metric-labels-allowlist=pods=[redis-memory-guard.dev/guarded]",
    )
    exporter = (
        *(*cluster.enter, str(redis_exporter()), f"--redis.addr=redis://{redis}:6379"),
        f"--web.listen-address=127.0.0.1:{EXPORTER_PORT}",
    )
    with ExitStack() as stack:
        stack.enter_context(running(state_metrics, directory / "state-metrics.log"))
        stack.enter_context(running(exporter, directory / "exporter.log"))
        started = running_prometheus(
            cluster,
            directory,
            rules,
            stack.enter_context(scraping_release(guard, directory)),
            scrape_api_server(cluster, directory),
            scrape_static("kube-state-metrics", STATE_PORT),
            scrape_static("redis-exporter", EXPORTER_PORT, namespace=home, pod="cart"),
        )
        prometheus = stack.enter_context(started)
        # the windows of the rules, so that what is new can be told from what was there before
        eventually(
            lambda: prometheus.query("count(redis_memory_guard_ready offset 30s == 1) == 2"),
            what="two replicas, scraped for half a minute",
        )
        yield prometheus


def test_nothing_is_wrong_at_first(prometheus: Prometheus) -> None:
    faults = (
        *("RedisMemoryGuardBlocksRedis", "RedisMemoryGuardFailsOpen"),
        *("RedisMemoryGuardCertificateExpires", "RedisMemoryGuardInternalError"),
        *("GuardedRedisOOMKilled", "RedisMemoryGuardDown", "RedisMemoryGuardOneReplica"),
        *("RedisMemoryGuardNoCertificate", "RedisMemoryGuardPolicyDiffers"),
    )

    assert {fault: prometheus.firing(fault) for fault in faults} == {fault: [] for fault in faults}


def test_while_no_replica_is_there_redis_is_blocked_and_injection_fails_open(
    guard: Guard, home: str, redis_image: str, prometheus: Prometheus
) -> None:
    guard.cluster.kubectl("scale", "deployment", NAME, f"--namespace={NAMESPACE}", "--replicas=0")
    refused = eventually(
        lambda: _refusal(guard, home, redis_image), what="a Pod that nobody answers for"
    )

    blocked = prometheus.wait_firing("RedisMemoryGuardBlocksRedis")
    opened = prometheus.wait_firing("RedisMemoryGuardFailsOpen")
    prometheus.wait_firing("RedisMemoryGuardDown")
    guard.scale(2)

    assert "failed calling webhook" in refused
    assert {each["name"] for each in blocked} == {"validate.redis-memory-guard.dev"}
    assert "inject.redis-memory-guard.dev" in {each["name"] for each in opened}


def test_a_file_that_is_missing_in_the_container_is_an_internal_error(
    guard: Guard, home: str, redis_image: str, prometheus: Prometheus
) -> None:
    replicas = guard.get("pods", "--selector=app.kubernetes.io/component=webhook")
    eventually(lambda: _are_scraped(prometheus, replicas), what="the counters of each replica")
    for replica in replicas:
        _damage(guard.cluster, replica)
    configured = pod(
        "configured",
        container(
            image=redis_image,
            args=["/config/redis.conf"],
            volumeMounts=[{"name": "config", "mountPath": "/config"}],
        ),
        volumes=[{"name": "config", "configMap": {"name": "config"}}],
    )
    guard.cluster.kubectl(
        *("create", "configmap", "config", f"--namespace={home}", "--from-literal=redis.conf=#")
    )

    apply(guard.cluster, home, configured, "--dry-run=server")

    fired = prometheus.wait_firing("RedisMemoryGuardInternalError")
    prometheus.wait_firing("RedisMemoryGuardConfigMapsUnreadable")
    assert {each["webhook"] for each in fired} == {"none"}
    guard.cluster.kubectl("rollout", "restart", "deployment", NAME, f"--namespace={NAMESPACE}")
    guard.cluster.kubectl("rollout", "status", "deployment", NAME, f"--namespace={NAMESPACE}")


def test_a_certificate_that_nobody_renewed_is_told_before_it_ends(
    guard: Guard, prometheus: Prometheus
) -> None:
    process = ("deployment", f"{NAME}-certs", f"--namespace={NAMESPACE}")
    guard.cluster.kubectl("scale", *process, "--replicas=0")
    try:
        _age_certificate(guard, timedelta(days=26))

        fired = prometheus.wait_firing("RedisMemoryGuardCertificateExpires")
    finally:
        guard.cluster.kubectl("scale", *process, "--replicas=1")

    assert {each["severity"] for each in fired} == {"critical"}
    assert prometheus.firing("RedisMemoryGuardNoCertificate") == []


def test_a_guarded_redis_whose_ceiling_is_taken_away_is_told_when_it_is_killed(
    guard: Guard, home: str, prometheus: Prometheus
) -> None:
    execute(guard.cluster, home, "cart", "redis-cli", "config", "set", "maxmemory", "0")
    guard.cluster.kubectl("exec", f"--namespace={home}", "cart", "--", *WRITES, check=False)

    fired = prometheus.wait_firing("GuardedRedisOOMKilled")

    (alert,) = [each for each in fired if each.get("container") == "redis"]
    assert (alert["namespace"], alert["pod"]) == (home, "cart")


@pytest.mark.parametrize(
    ("title", "expression"),
    [
        pytest.param(panel.title, expression, id=f"{panel.title}: {legend}")
        for panels in ROWS.values()
        for panel in panels
        for legend, expression in panel.queries.items()
    ],
)
def test_each_query_of_the_dashboard_is_answered(
    prometheus: Prometheus, title: str, expression: str
) -> None:
    query = expression.replace("$__rate_interval", _RATE_INTERVAL)

    assert eventually(lambda: prometheus.query(query), what=title)


def _refusal(guard: Guard, namespace: str, image: str) -> str:
    """What the API server says of a Redis without a ceiling; "" where it is created."""
    manifest = pod("refused", container(image=image))
    output = apply(guard.cluster, namespace, manifest, check=False)
    if output.returncode == 0:
        guard.cluster.kubectl("delete", f"--namespace={namespace}", "pod/refused")
    return "" if output.returncode == 0 else output.stderr


def _are_scraped(prometheus: Prometheus, replicas: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether each replica's counter was seen at zero: a first sample is no increase."""
    seen = prometheus.query('redis_memory_guard_internal_errors_total{webhook="none"}')
    names = {each["metadata"]["name"] for each in replicas}
    return names <= {each["metric"]["pod"] for each in seen}


def _damage(cluster: Cluster, replica: Mapping[str, Any]) -> None:
    """Lose a file of a running container, as a broken disk does: the reader of ConfigMaps.

    The process loads it with the first ConfigMap that it reads.
    """
    node = cluster.load_image[: cluster.load_image.index("ctr")]
    (status,) = replica["status"]["containerStatuses"]
    container_id = status["containerID"].removeprefix("containerd://")
    root = f"/run/containerd/io.containerd.runtime.v2.task/k8s.io/{container_id}/rootfs"
    found = run(
        *node, "find", f"{root}/", "-path", "*/webhook/cluster/*config_maps*", "-print", "-delete"
    )
    assert "config_maps" in found.stdout


def _age_certificate(guard: Guard, age: timedelta) -> None:
    """Put in what a certificate process would have left that ended so long ago."""
    secrets = {each["metadata"]["name"]: each for each in guard.get("secrets")}
    data = {key: base64.b64decode(value) for key, value in secrets[f"{NAME}-ca"]["data"].items()}
    cas = decode_cas(data)
    assert isinstance(cas, TrustedCAs)
    leaf = issue_leaf(
        cas.signer,
        dns_names=(f"{NAME}.{NAMESPACE}.svc",),
        lifetime=timedelta(days=30),
        now=datetime.now(UTC) - age,
    )
    encoded = {
        key: base64.b64encode(value).decode()
        for key, value in encode_serving(leaf, cas.signer.certificate).items()
    }
    patch = json.dumps({"data": encoded})
    secret = ("secret", f"{NAME}-tls", f"--namespace={NAMESPACE}")
    guard.cluster.kubectl("patch", *secret, "--type=merge", f"--patch={patch}")
