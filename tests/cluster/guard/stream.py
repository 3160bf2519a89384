"""A steady stream of Redis Pods, each created once as a dry run.

`python -m tests.harness.guard.stream NAMESPACE RATE COUNT` creates RATE Pods a second, at least
COUNT of them and until its stdin is closed, and then prints what became of them.
"""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any

from kubernetes import client, config

from tests.harness.manifests import pod

WORKERS = 16


@dataclass(slots=True)
class Seen:
    """Pods that got their ceiling, and when (Unix time) and why others did not."""

    guarded: int = 0
    lost: list[tuple[float, str]] = field(default_factory=list)


def stream(namespace: str, *, rate: float, at_least: int, stop: threading.Event) -> Seen:
    """Create `at_least`, and until told to stop; a slow answer does not slow down the others."""
    core, manifest, seen = client.CoreV1Api(), pod("cart"), Seen()

    def create() -> None:
        began = time.time()
        try:
            answer = core.create_namespaced_pod(
                namespace, manifest, dry_run="All", _preload_content=False
            )
        except client.ApiException as error:
            seen.lost.append((began, str(json.loads(error.body)["message"])))
            return
        if _is_guarded(json.loads(answer.data)):
            seen.guarded += 1
        else:
            seen.lost.append((began, "admitted without a ceiling"))

    with ThreadPoolExecutor(WORKERS) as workers:
        due = time.monotonic()
        for number in count():
            if number >= at_least and stop.is_set():
                break
            workers.submit(create)
            due += 1 / rate
            time.sleep(max(0.0, due - time.monotonic()))
    return seen


def main() -> None:
    namespace, rate, at_least = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    config.load_kube_config()
    stop = threading.Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    json.dump(asdict(stream(namespace, rate=rate, at_least=at_least, stop=stop)), sys.stdout)


def _is_guarded(created: Any) -> bool:
    (container,) = created["spec"]["containers"]
    return "--maxmemory" in container.get("args", [])


if __name__ == "__main__":
    main()
