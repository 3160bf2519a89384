"""A real Prometheus beside a cluster: it scrapes what a ServiceMonitor would have it scrape."""

import json
import re
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from tests.harness.cluster import Cluster
from tests.harness.prometheus import PROMETHEUS
from tests.harness.release import NAME, NAMESPACE, Guard
from tests.harness.waiting import eventually

PORT = 19090
SCRAPED_EVERY = "2s"

_FETCH = (
    "import sys, urllib.error as e, urllib.request as u\n"
    "try: print(u.urlopen(sys.argv[1], timeout=60).read().decode())\n"
    # while it starts it answers 503, in plain text
    "except e.HTTPError as error: print(error.read().decode() if error.code != 503 else '')"
)
_SILENT = '{"status": "success", "data": {"result": [], "alerts": []}}'

_SHORTENED = (("1h", "1m"), ("15m", "1m"), ("10m", "30s"))
"""The windows of the rules, and what stands in their place: no test waits for ten minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prometheus:
    """One that runs in the cluster's network."""

    cluster: Cluster

    def query(self, expression: str) -> Sequence[Mapping[str, Any]]:
        """Evaluate an expression now; each series with its labels and value."""
        answer = self._get("/api/v1/query?" + urlencode({"query": expression}))
        assert answer["status"] == "success", answer
        found: Sequence[Mapping[str, Any]] = answer["data"]["result"]
        return found

    def firing(self, alert: str) -> Sequence[Mapping[str, str]]:
        """Give the labels of each alert of that name that fires."""
        alerts = self._get("/api/v1/alerts")["data"]["alerts"]
        return [
            each["labels"]
            for each in alerts
            if each["labels"]["alertname"] == alert and each["state"] == "firing"
        ]

    def wait_firing(self, alert: str) -> Sequence[Mapping[str, str]]:
        """Wait until an alert fires."""
        return eventually(lambda: self.firing(alert), what=alert, seconds=300)

    def _get(self, path: str) -> Any:
        url = f"http://127.0.0.1:{PORT}{path}"
        fetched = self.cluster.client(sys.executable, "-c", _FETCH, url, check=False)
        return json.loads(fetched.stdout.strip() or _SILENT)


def shortened(rules: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the chart's rules with shorter windows, and firing at once: no other change."""
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        rule.pop("for", None)
        for window, short in _SHORTENED:
            rule["expr"] = re.sub(rf"\b{window}\b", short, rule["expr"])
    return rules


@contextmanager
def running_prometheus(
    cluster: Cluster, directory: Path, rules: Mapping[str, Any], *targets: Mapping[str, Any]
) -> Iterator[Prometheus]:
    """Run it with these rules and scrape configurations for as long as the context lasts."""
    configuration = {
        "global": {"scrape_interval": SCRAPED_EVERY, "evaluation_interval": SCRAPED_EVERY},
        "rule_files": [str(directory / "rules.yaml")],
        "scrape_configs": list(targets),
    }
    (directory / "rules.yaml").write_text(yaml.safe_dump(rules))
    (directory / "prometheus.yaml").write_text(yaml.safe_dump(configuration))
    command = (
        *cluster.enter,
        str(PROMETHEUS / "prometheus"),
        f"--config.file={directory / 'prometheus.yaml'}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address=127.0.0.1:{PORT}",
    )
    with running(command, directory / "prometheus.log"):
        prometheus = Prometheus(cluster=cluster)
        eventually(lambda: prometheus.query("vector(1)"), what="Prometheus")
        yield prometheus


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[None]:
    """Run a program in the background for as long as the context lasts."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def scraping_release(guard: Guard, directory: Path) -> Iterator[Mapping[str, Any]]:
    """Find what the chart's ServiceMonitor selects, as long as the context lasts.

    Debian builds Prometheus without its discovery in Kubernetes; so the Pods are told by a file,
    with the labels that the Prometheus operator would give them.
    """
    file, done = directory / "release.json", threading.Event()

    def follow() -> None:
        while not done.wait(1):
            written = file.with_suffix(".new")
            written.write_text(json.dumps(_targets(guard)))
            written.rename(file)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield {
            "job_name": f"{NAME}-metrics",
            "honor_labels": True,
            "file_sd_configs": [{"files": [str(file)], "refresh_interval": "1s"}],
        }
    finally:
        done.set()
        thread.join()


def _targets(guard: Guard) -> Sequence[Mapping[str, Any]]:
    """Every Pod behind the Service for metrics, ready or not."""
    return [
        {
            "targets": [f"{address['ip']}:{port['port']}"],
            "labels": {"namespace": NAMESPACE, "pod": address["targetRef"]["name"]},
        }
        for endpoints in guard.get("endpoints", "--selector=app.kubernetes.io/component=metrics")
        for subset in endpoints.get("subsets", ())
        for port in subset["ports"]
        for address in (*subset.get("addresses", ()), *subset.get("notReadyAddresses", ()))
    ]


def scrape_api_server(cluster: Cluster, directory: Path) -> Mapping[str, Any]:
    """The API server's own metrics, with the administrator's certificate."""
    kubeconfig = yaml.safe_load(cluster.kubeconfig.read_text())
    (server,) = (each["cluster"] for each in kubeconfig["clusters"])
    (user,) = (each["user"] for each in kubeconfig["users"])
    files = {
        "ca_file": server["certificate-authority-data"],
        "cert_file": user["client-certificate-data"],
        "key_file": user["client-key-data"],
    }
    for name, data in files.items():
        (directory / name).write_bytes(b64decode(data))
    return {
        "job_name": "apiserver",
        "scheme": "https",
        "tls_config": {name: str(directory / name) for name in files},
        "static_configs": [{"targets": [server["server"].removeprefix("https://")]}],
    }


def scrape_static(job: str, port: int, **labels: str) -> Mapping[str, Any]:
    """A process in the cluster's network, whose own labels win."""
    return {
        "job_name": job,
        "honor_labels": True,
        "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": labels}],
    }
