"""Many Pods, a few at a time, as dry runs: `python -m tests.harness.guard.creates NAMESPACE COUNT`.

Takes a JSON list of Pods on stdin, goes round it until COUNT are created, and prints how many were
admitted and what the others were refused with.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import Any

from kubernetes import client, config

WORKERS = 8


def create_all(namespace: str, pods: Sequence[Any]) -> Counter[str]:
    """Create each, a few at a time; count outcomes: `admitted`, or the API server's message."""
    core = client.CoreV1Api()

    def create(pod: Any) -> str:
        try:
            core.create_namespaced_pod(namespace, pod, dry_run="All", _preload_content=False)
        except client.ApiException as error:
            return str(json.loads(error.body)["message"])
        return "admitted"

    with ThreadPoolExecutor(WORKERS) as workers:
        return Counter(workers.map(create, pods))


def main() -> None:
    namespace, count = sys.argv[1], int(sys.argv[2])
    config.load_kube_config()
    pods = list(islice(cycle(json.load(sys.stdin)), count))
    json.dump(create_all(namespace, pods), sys.stdout)


if __name__ == "__main__":
    main()
