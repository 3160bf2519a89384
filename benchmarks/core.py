"""The evaluation alone: one typical Pod, and Pods of a thousand containers.

Each is timed beside a yardstick in the same rounds, Python's own json reading and writing the very
same Pod, because absolute times mean little on a shared machine: read the ratio.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import process_time

from webhook.domain.evaluation.evaluate import evaluate
from webhook.domain.kubernetes.parse_pod import parse_pod
from webhook.domain.policy.settings import Policy

_ROUNDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A Pod to evaluate, how often in one round, and the goal in microseconds."""

    name: str
    manifest: dict[str, object]
    times: int
    goal: float


def measure_core(*, quick: bool) -> None:
    """Print the median of each subject, its goal, and its ratio to the yardstick."""
    print(f"{'evaluate':<42}{'median µs':>12}{'goal µs':>10}{'of json':>10}")
    for subject in _subjects():
        pod = parse_pod(subject.manifest)
        policy = Policy()
        text = json.dumps(subject.manifest)
        evaluated, yardstick = _interleaved(
            lambda pod=pod, policy=policy: evaluate(pod, policy),
            lambda text=text: json.dumps(json.loads(text)),
            rounds=_ROUNDS // 3 if quick else _ROUNDS,
            times=subject.times,
        )
        ratio = evaluated / yardstick
        print(f"{subject.name:<42}{evaluated:>12.1f}{subject.goal:>10.0f}{ratio:>9.1f}x")


def _subjects() -> Iterable[Subject]:
    redis = {
        "name": "redis",
        "image": "redis:7",
        "args": ["redis-server", "--appendonly", "yes"],
        "env": [{"name": "A", "value": "b"}],
        "resources": {"limits": {"memory": "512Mi"}},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    shell = {**redis, "args": [], "command": ["sh", "-c", "umask 77; exec redis-server --hz 20"]}
    app = {"name": "app", "image": "corp/app:1", "args": ["--redis", "redis://redis-server:6379"]}
    yield Subject(name="a typical Pod", manifest=_pod([redis, app]), times=200, goal=100)
    yield Subject(name="a shell one-liner", manifest=_pod([shell, app]), times=200, goal=100)
    largest = {**shell, "command": ["sh", "-c", f"{'a;' * 8_000}exec redis-server"]}
    yield Subject(name="the longest shell text", manifest=_pod([largest]), times=1, goal=100_000)
    yield Subject(name="no Redis", manifest=_pod([app, app]), times=500, goal=100)
    yield Subject(
        name="1,000 containers, none Redis", manifest=_pod([app] * 1000), times=2, goal=50_000
    )
    yield Subject(
        name="1,000 containers, all Redis", manifest=_pod([redis] * 1000), times=1, goal=50_000
    )


def _pod(containers: list[dict[str, object]]) -> dict[str, object]:
    named = [{**each, "name": f"{each['name']}-{n}"} for n, each in enumerate(containers)]
    return {"metadata": {"name": "bench"}, "spec": {"containers": named}}


def _interleaved(
    one: Callable[[], object], other: Callable[[], object], *, rounds: int, times: int
) -> tuple[float, float]:
    """Give both medians in microseconds, taken in turns."""
    samples: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for kept, call in zip(samples, (one, other), strict=True):
            started = process_time()
            for _ in range(times):
                call()
            kept.append((process_time() - started) / times * 1e6)
    return median(samples[0]), median(samples[1])
