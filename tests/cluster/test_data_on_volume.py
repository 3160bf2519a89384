"""A persistent server on a volume: it forks under load, and its data is there again."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.trials import MEBIBYTE, Trial, guarded_trial, without_loader
from tests.harness.cluster import Cluster
from webhook.trials.workload import WORKLOADS, Load

pytestmark = [pytest.mark.cluster, pytest.mark.plateau]

LIMIT = 128 * MEBIBYTE
CEILING = 44 * MEBIBYTE
LOAD_SECONDS = 20

DIGEST = (
    "local keys, digest = redis.call('KEYS', '*'), '' table.sort(keys) "
    "for _, key in ipairs(keys) do "
    "digest = redis.sha1hex(digest .. key .. redis.call('GET', key)) end "
    "return #keys .. ' ' .. digest"
)
"""How many keys there are, and one sum over all of them and their values."""


@pytest.fixture
def volume(cluster: Cluster, namespace: str) -> Iterator[dict[str, Any]]:
    """A volume of the node's disk, claimed, as a Pod names it."""
    metadata = {"name": "data", "namespace": namespace}
    size = {"storage": "1Gi"}
    persistent = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": namespace},
        "spec": {
            "capacity": size,
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "",
            "claimRef": metadata,
            "hostPath": {"path": f"/var/lib/{namespace}", "type": "DirectoryOrCreate"},
        },
    }
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata,
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "",
            "volumeName": namespace,
            "resources": {"requests": size},
        },
    }
    both = {"apiVersion": "v1", "kind": "List", "items": [persistent, claim]}
    cluster.kubectl("apply", "--filename=-", stdin=json.dumps(both))
    yield {"persistentVolumeClaim": {"claimName": "data"}}
    cluster.kubectl("delete", "persistentvolume", namespace, "--wait=false")


def load(workload: str) -> Load:
    """Overwrites at random of a data set that fits, so that nothing is evicted."""
    return Load(
        workload=WORKLOADS[workload],
        seconds=LOAD_SECONDS,
        bytes_a_second=8 * MEBIBYTE,
        keys=CEILING * 7 // 10 // 1200,
    )


def await_forks(trial: Trial) -> None:
    deadline = time.monotonic() + 60
    while "_in_progress:1" in trial.ask("INFO", "persistence"):
        assert time.monotonic() < deadline
        time.sleep(0.5)


def start_anew(trial: Trial) -> Trial:
    """End the server without a word, and start another on the same volume."""
    delete = ("delete", "pod", trial.name, f"--namespace={trial.namespace}", "--grace-period=0")
    trial.cluster.kubectl(*delete, "--force")
    again = without_loader(trial)
    again.create()
    ready = (f"--namespace={trial.namespace}", "--for=condition=Ready", f"pod/{trial.name}")
    trial.cluster.kubectl("wait", *ready, "--timeout=120s")
    deadline = time.monotonic() + 60
    while again.ask("PING") != "PONG":
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return again


@pytest.mark.usefixtures("redis_image")
@pytest.mark.parametrize(
    ("workload", "last_words"),
    [("bgsave", ("BGSAVE",)), ("aof-rewrite", ("PING",))],
    ids=["snapshots", "append-only file"],
)
def test_a_persistent_server_survives_its_forks_with_its_data(
    cluster: Cluster,
    namespace: str,
    volume: dict[str, Any],
    workload: str,
    last_words: tuple[str, ...],
) -> None:
    given = load(workload)
    trial = guarded_trial(cluster, namespace, load=given, limit=LIMIT, volume=volume)

    history = trial.run(given)
    await_forks(trial)
    trial.ask(*last_words)
    await_forks(trial)
    before = trial.ask("EVAL", DIGEST, "0")
    after = start_anew(trial).ask("EVAL", DIGEST, "0")

    assert history.survived, history
    assert history.latest is not None
    assert (history.latest.maxmemory, history.evictions) == (CEILING, 0)
    assert history.latest.forks >= 5
    assert int(before.split()[0]) > given.keys * 9 // 10
    assert after == before
