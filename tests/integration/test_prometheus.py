"""What a real Prometheus has scraped of exporters and the kubelet, as an audit is told it."""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.chart.rendering import prometheus_program
from tests.harness.builders import MEBI, Json, a_container
from tests.harness.waiting import eventually
from tests.integration.running import PATIENCE_SECONDS
from tests.unit.audit.fake_cluster import FakeCluster, a_running_pod, a_workload
from webhook.audit.look import AuditBasis, look_at
from webhook.audit.server import Usage
from webhook.audit.usage import with_usage
from webhook.cluster.prometheus import Prometheus, PrometheusError
from webhook.domain.policy.settings import Policy

SPEC: Json = {"containers": [a_container()]}
CART = 'namespace="shop",pod="cart-7d-abcde"'
ORDERS = 'namespace="shop",pod="orders-0"'
SCRAPED = f"""\
# TYPE redis_memory_used_bytes gauge
redis_memory_used_bytes{{{ORDERS}}} {310 * MEBI}
# TYPE redis_evicted_keys_total counter
redis_evicted_keys_total{{{ORDERS}}} 0
# TYPE container_memory_working_set_bytes gauge
container_memory_working_set_bytes{{{CART},container="redis"}} {60 * MEBI}
container_memory_working_set_bytes{{{CART},container=""}} {90 * MEBI}
container_memory_working_set_bytes{{{CART},container="exporter"}} {9 * MEBI}
container_memory_working_set_bytes{{{ORDERS},container="redis"}} {470 * MEBI}
# TYPE kube_pod_container_status_last_terminated_reason gauge
kube_pod_container_status_last_terminated_reason{{{CART},container="redis",reason="OOMKilled"}} 1
"""
"""redis_exporter beside one server, cAdvisor of both, kube-state-metrics of an OOM kill."""


class _Exporters(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(SCRAPED.encode())

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has scraped them, on an address of this machine only."""
    program, directory = prometheus_program(), tmp_path_factory.mktemp("prometheus")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Exporters) as exporters:
        thread = threading.Thread(target=exporters.serve_forever)
        thread.start()
        port = _free_port()
        process = subprocess.Popen(
            _command(program, directory, port, exporters.server_port),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            asked = Prometheus(f"http://127.0.0.1:{port}/")
            eventually(lambda: _is_scraped(asked), what="a scrape", seconds=PATIENCE_SECONDS)
            yield asked
        finally:
            process.kill()
            process.wait()
            exporters.shutdown()
            thread.join()


def _command(program: str, directory: Path, port: int, target: int) -> list[str]:
    job = {
        "job_name": "exporters",
        "honor_labels": True,
        "scrape_interval": "1s",
        "static_configs": [{"targets": [f"127.0.0.1:{target}"]}],
    }
    file = directory / "prometheus.yml"
    file.write_text(json.dumps({"scrape_configs": [job]}))
    return [
        program,
        f"--config.file={file}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _is_scraped(prometheus: Prometheus) -> bool:
    # increase() needs two samples.
    expression = "count_over_time(redis_evicted_keys_total[30d])"
    try:
        return any(value >= 2 for _, value in prometheus.query(expression))
    except PrometheusError:
        return False


def usages(prometheus: Prometheus) -> dict[str, Usage | None]:
    """What it tells of three workloads; of the last it knows nothing."""
    deployment = a_workload("Deployment", "cart", SPEC)
    replicas = a_workload("ReplicaSet", "cart-7d", SPEC, deployment)
    stateful = a_workload("StatefulSet", "orders", SPEC)
    unknown = a_workload("StatefulSet", "unknown", SPEC)
    objects = [
        *(deployment, replicas, a_running_pod("cart-7d-abcde", SPEC, replicas)),
        *(stateful, a_running_pod("orders-0", SPEC, stateful)),
        *(unknown, a_running_pod("unknown-0", SPEC, unknown)),
    ]
    look = look_at("shop", FakeCluster(objects=objects), AuditBasis(policy=Policy()))
    servers = with_usage(look.servers, prometheus.query)
    return {server.workload.name: server.usage for server in servers}


def test_it_tells_what_servers_hold_and_how_they_ended(prometheus: Prometheus) -> None:
    assert usages(prometheus) == {
        # Its exporter knows what the server itself counts, which is less than its container has.
        "orders": Usage(used=310 * MEBI, counted=310 * MEBI, peak=310 * MEBI, evicted=0),
        "cart": Usage(used=60 * MEBI, peak=60 * MEBI, oom_kills=1),
        "unknown": None,
    }


def test_an_expression_that_it_refuses_is_said(prometheus: Prometheus) -> None:
    with pytest.raises(PrometheusError, match="answers 400: invalid parameter"):
        prometheus.query("sum(")
