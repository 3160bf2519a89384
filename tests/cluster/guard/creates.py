"""Many Pods, some at a time, each created as a dry run.

`python -m tests.cluster.guard.creates NAMESPACE COUNT AT_ONCE` takes a JSON list of Pods on stdin,
goes round it until COUNT are created, and prints how many were admitted and what the others were
refused with.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import Any

from kubernetes import client, config

from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster


def create_many(
    cluster: Cluster, namespace: str, pods: Sequence[Any], count: int, *, at_once: int = 8
) -> Mapping[str, int]:
    """Create `count` Pods where the API server can be reached; give how often what came of it."""
    environment = ("env", f"PYTHONPATH={REPOSITORY}", sys.executable, "-m", __name__)
    given = (namespace, str(count), str(at_once))
    done = cluster.client(*environment, *given, stdin=json.dumps(pods), timeout=900)
    outcomes: Mapping[str, int] = json.loads(done.stdout)
    return outcomes


def create_all(namespace: str, pods: Sequence[Any], *, at_once: int) -> Counter[str]:
    """Create each, so many at once; count outcomes: `admitted`, or the API server's message."""
    core = client.CoreV1Api()

    def create(pod: Any) -> str:
        try:
            core.create_namespaced_pod(namespace, pod, dry_run="All", _preload_content=False)
        except client.ApiException as error:
            return str(json.loads(error.body)["message"])
        return "admitted"

    with ThreadPoolExecutor(at_once) as workers:
        return Counter(workers.map(create, pods))


def main() -> None:
    namespace, count, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    config.load_kube_config()
    pods = list(islice(cycle(json.load(sys.stdin)), count))
    json.dump(create_all(namespace, pods, at_once=at_once), sys.stdout)


if __name__ == "__main__":
    main()
