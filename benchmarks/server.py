"""Our server beside a Flask echo under the same worker: latency, throughput, memory, start."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from benchmarks.keepalive_client import Connection, requests_per_second, write_request
from benchmarks.reviews import redis_review
from benchmarks.running import Running, start

_OURS, _ECHO = "webhook.server", "benchmarks.echo"
_ROUNDS = 20
_CONCURRENT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    p50: float
    p99: float
    throughput: float


def measure_server(*, quick: bool) -> None:
    """Print all figures of the serving process."""
    scale = 1 if quick else 10
    with TemporaryDirectory() as name:
        directory = Path(name)
        _measure_start(directory, times=3 * scale)
        ours, echo = start(_OURS, directory / "ours"), start(_ECHO, directory / "echo")
        try:
            for size in (3_000, 20_000):
                _compare(ours, echo, redis_review(size=size), count=2_000 * scale)
        finally:
            echo.stop()
            ours.stop()
        _measure_memory(directory, reviews=10_000 * scale)


def _measure_start(directory: Path, *, times: int) -> None:
    seconds = []
    for number in range(times + 1):
        running = start(_OURS, directory / f"start-{number}")
        seconds.append(running.seconds_to_ready)
        running.stop()
    # the first start compiles what is not compiled yet
    print(f"start to ready: {median(seconds[1:]):.2f} s (median of {times})")


def _compare(ours: Running, echo: Running, body: bytes, *, count: int) -> None:
    """Measure in turns, so that what else the machine does falls on all alike."""
    evaluated = write_request(body)
    # a deletion is decoded and let through: the cost of everything but the evaluation
    unevaluated = write_request(body.replace(b'"CREATE"', b'"DELETE"'))
    figures = _figures(((ours, evaluated), (ours, unevaluated), (echo, evaluated)), count=count)
    print(f"\nreviews of {len(body):,} bytes: p50 ms, p99 ms, reviews/s with {_CONCURRENT} at once")
    names = ("ours", "ours, nothing to evaluate", "Flask echo")
    for name, shown in zip(names, figures, strict=True):
        print(
            f"  {name:<22}"
            f"{shown.p50:9.3f} {_ratio(shown.p50, figures[-1].p50)}"
            f"{shown.p99:9.3f} {_ratio(shown.p99, figures[-1].p99)}"
            f"{shown.throughput:8,.0f} {_ratio(shown.throughput, figures[-1].throughput)}"
        )


def _ratio(ours: float, theirs: float) -> str:
    return f"({ours / theirs:4.2f}x)"


def _figures(asked: Sequence[tuple[Running, bytes]], *, count: int) -> Sequence[_Figures]:
    pools = [
        [Connection.to_local(server.port, server.certificate) for _ in range(_CONCURRENT)]
        for server, _ in asked
    ]
    latencies: list[list[float]] = [[] for _ in asked]
    rates: list[list[float]] = [[] for _ in asked]
    for _ in range(_ROUNDS):
        for (_, request), pool, seconds, rate in zip(asked, pools, latencies, rates, strict=True):
            seconds.extend(pool[0].time_one(request) for _ in range(count // _ROUNDS))
            rate.append(requests_per_second(pool, request, count=count // _ROUNDS))
    for pool in pools:
        for connection in pool:
            connection.close()
    return [_summary(seconds, rate) for seconds, rate in zip(latencies, rates, strict=True)]


def _summary(seconds: Sequence[float], rates: Sequence[float]) -> _Figures:
    percentiles = quantiles(seconds, n=100)
    return _Figures(
        p50=percentiles[49] * 1000, p99=percentiles[98] * 1000, throughput=median(rates)
    )


def _measure_memory(directory: Path, *, reviews: int) -> None:
    running = start(_OURS, directory / "memory")
    try:
        at_start = running.worker_megabytes()
        pool = [Connection.to_local(running.port, running.certificate) for _ in range(_CONCURRENT)]
        request = write_request(redis_review(size=3_000))
        requests_per_second(pool, request, count=reviews // 10)
        warm = running.worker_megabytes()
        requests_per_second(pool, request, count=reviews - reviews // 10)
        print(
            f"\nworker memory: {at_start:.1f} MB at start, {warm:.1f} MB after {reviews // 10:,} "
            f"reviews, {running.worker_megabytes():.1f} MB after {reviews:,}"
        )
    finally:
        running.stop()
