"""A steady stream of Redis Pods, each created once as a dry run.

`python -m tests.cluster.guard.stream NAMESPACE RATE COUNT POD` creates RATE Pods a second like the
one given as JSON, at least COUNT of them and until its stdin is closed, and then prints what became
of them.
"""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any

from kubernetes import client, config

from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster

WORKERS = 16


@dataclass(slots=True)
class Seen:
    """Pods that got their ceiling, and when (Unix time) and why others did not."""

    guarded: int = 0
    lost: list[tuple[float, str]] = field(default_factory=list)


def start_stream(
    cluster: Cluster, namespace: str, pod: Any, *, rate: float, at_least: int = 0
) -> "subprocess.Popen[str]":
    """Start the stream of a Pod where the API server can be reached."""
    variables = {**cluster.environment, "PYTHONPATH": str(REPOSITORY)}
    environment = ("env", *(f"{name}={value}" for name, value in variables.items()))
    given = (namespace, str(rate), str(at_least), json.dumps(pod))
    return subprocess.Popen(
        (*cluster.enter, *environment, sys.executable, "-m", __name__, *given),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def end_stream(process: "subprocess.Popen[str]") -> Seen:
    """Have it end; give what it saw."""
    said, _ = process.communicate("", timeout=600)
    seen = json.loads(said)
    return Seen(guarded=seen["guarded"], lost=[(at, why) for at, why in seen["lost"]])


def stream(
    namespace: str, manifest: Any, *, rate: float, at_least: int, stop: threading.Event
) -> Seen:
    """Create `at_least`, and until told to stop; a slow answer does not slow down the others."""
    core, seen = client.CoreV1Api(), Seen()

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
    manifest = json.loads(sys.argv[4])
    config.load_kube_config()
    stop = threading.Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    seen = stream(namespace, manifest, rate=rate, at_least=at_least, stop=stop)
    json.dump(asdict(seen), sys.stdout)


def _is_guarded(created: Any) -> bool:
    (container,) = created["spec"]["containers"]
    return "--maxmemory" in container.get("args", [])


if __name__ == "__main__":
    main()
