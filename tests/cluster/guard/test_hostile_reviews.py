"""Hostile Pods, with ConfigMaps of theirs in the API server, beside a client that means well."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.cluster.guard.calls import answers
from tests.cluster.guard.creates import create_many
from tests.cluster.guard.stream import end_stream, start_stream
from tests.harness.cluster import Cluster
from tests.harness.hostile_reviews import LARGEST_CONFIG_MAP, hostile_pods
from tests.harness.manifests import Json, container, pod
from tests.harness.release import NAMESPACE, Guard
from webhook.admission.handling import MOST_CONFIG_MAPS

pytestmark = pytest.mark.cluster

SIZES = (32 << 10, 1_000_000)
"""Bytes of the hostile Pods: two of each kind at most."""

MANY_FILES = MOST_CONFIG_MAPS + 4
"""More ConfigMaps than are read for one review."""

RATE = 2.0

VERDICT = re.compile(
    r"admitted"
    r'|admission webhook "\w+\.redis-memory-guard\.dev" denied the request: .+'
    r'|Pod "[^"]+" is invalid: .+',
    re.S,
)
"""Ours: admitted or refused. Or the API server's own, to which it comes once `/mutate` answered."""

PEAK = """
import pathlib
at = pathlib.Path("/sys/fs/cgroup")
version_1, version_2 = at / "memory/memory.max_usage_in_bytes", at / "memory.peak"
print((version_1 if version_1.exists() else version_2).read_text())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How often a webhook's container was restarted, since when its worker runs, and its bugs."""

    restarts: int
    worker_since: float
    internal_errors: float


def test_hostile_reviews_are_answered_and_harm_nobody_beside_them(
    guard: Guard, namespace: str
) -> None:
    hostile = tuple(hostile_pods(SIZES))
    files = {each.name: each.files for each in hostile if each.files}
    create_config_maps(guard.cluster, namespace, {**files, **large_files()})
    pods = [each.pod for each in hostile] + [
        over_large_files(n) for n in (MOST_CONFIG_MAPS, MANY_FILES)
    ]
    for each in pods:
        each["metadata"]["namespace"] = namespace
    answered, before, read = answers(guard.cluster), servers(guard), reads(guard)

    with good_client(guard.cluster, namespace) as good:
        outcomes = create_many(guard.cluster, namespace, pods, len(pods), at_once=1)
        seen = end_stream(good)

    answered = answers(guard.cluster) - answered
    after = servers(guard)
    print(f"{dict(answered)}, peaks {peaks(guard)} MiB, {seen.guarded} good")  # noqa: T201 - figures
    assert [each for each in outcomes if not VERDICT.fullmatch(each)] == []
    assert (seen.lost, seen.guarded > 0) == ([], True)
    assert set(answered) == {200, 403}
    assert sum(answered.values()) >= len(pods) + seen.guarded
    assert reads(guard) - read >= MOST_CONFIG_MAPS
    assert after == before
    assert {(each.restarts, each.internal_errors) for each in after.values()} == {(0, 0.0)}


def over_large_files(count: int) -> Json:
    """A server whose first file includes all others, each of a ConfigMap's full size."""
    names = [f"large-{at}" for at in range(count)]
    return pod(
        f"over-large-files-{count}",
        container(
            args=["/etc/large-0/redis.conf"],
            volumeMounts=[{"name": name, "mountPath": f"/etc/{name}"} for name in names],
        ),
        volumes=[{"name": name, "configMap": {"name": name}} for name in names],
    )


def large_files() -> Mapping[str, Mapping[str, str]]:
    includes = "".join(f"include /etc/large-{at}/redis.conf\n" for at in range(1, MANY_FILES))
    texts = [includes] + [""] * (MANY_FILES - 1)
    line = "# a comment, and nothing else\n"
    return {
        f"large-{at}": {
            "redis.conf": text + line * ((LARGEST_CONFIG_MAP - 16 - len(text)) // len(line))
        }
        for at, text in enumerate(texts)
    }


def create_config_maps(
    cluster: Cluster, namespace: str, config_maps: Mapping[str, Mapping[str, str]]
) -> None:
    for name, data in config_maps.items():
        metadata = {"name": name, "namespace": namespace}
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        cluster.kubectl("create", "--filename=-", stdin=json.dumps(manifest))


@contextmanager
def good_client(cluster: Cluster, namespace: str) -> Iterator["subprocess.Popen[str]"]:
    """Create a Redis Pod again and again, each with its limit, until the stream is ended."""
    process = start_stream(cluster, namespace, pod("cart"), rate=RATE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def servers(guard: Guard) -> Mapping[str, Server]:
    """Each Pod of the webhook, by name."""
    return {each["metadata"]["name"]: _server(guard, each) for each in _webhook_pods(guard)}


def peaks(guard: Guard) -> list[int]:
    """The most memory that each Pod of the webhook ever used, page cache included, in MiB."""
    where = (f"--namespace={NAMESPACE}", "--", "python3", "-c", PEAK)
    return [
        int(guard.cluster.kubectl("exec", each["metadata"]["name"], *where).stdout) >> 20
        for each in _webhook_pods(guard)
    ]


def reads(guard: Guard) -> float:
    """How many ConfigMaps the Pods of the webhook have read so far."""
    return sum(
        each.value
        for found in _webhook_pods(guard)
        for each in _samples(guard, found)
        if each.name == "redis_memory_guard_config_map_reads_total"
        and each.labels["outcome"] == "read"
    )


def _webhook_pods(guard: Guard) -> list[Json]:
    return guard.get("pods", "--selector=app.kubernetes.io/component=webhook")


def _server(guard: Guard, found: Json) -> Server:
    samples = _samples(guard, found)
    (status,) = found["status"]["containerStatuses"]
    (since,) = (each.value for each in samples if each.name == "process_start_time_seconds")
    bugs = "redis_memory_guard_internal_errors_total"
    return Server(
        restarts=status["restartCount"],
        worker_since=since,
        internal_errors=sum(each.value for each in samples if each.name == bugs),
    )


def _samples(guard: Guard, found: Json) -> list[Sample]:
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{found['metadata']['name']}:8080/proxy/metrics"
    metrics = guard.cluster.kubectl("get", f"--raw={path}").stdout
    return [each for family in text_string_to_metric_families(metrics) for each in family.samples]
