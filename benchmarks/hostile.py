"""`python -m benchmarks.hostile`: a good client beside a stream of hostile reviews.

The real server over TLS, in a memory cgroup of the chart's limit, reads real ConfigMaps over TLS. A
good client asks at a steady rate, in turns with and without the stream, so that what else the
machine does falls on both alike. Takes root, and two minutes.
"""

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import click
import yaml

from benchmarks.keepalive_client import Connection, write_request
from benchmarks.memory_cgroup import MemoryCgroup
from benchmarks.reviews import redis_review
from benchmarks.running import Running, start
from tests.harness.builders import a_container, a_pod, a_review
from tests.harness.hostile_reviews import hostile_pods
from tests.integration.config_map_server import serving_config_maps
from webhook.domain.kubernetes.quantity import parse_bytes

_VALUES = Path("charts/redis-memory-guard/values.yaml")
_SIZES = (1 << 10, 32 << 10, 256 << 10, 1 << 20, 3_000_000)
_UNREAD_SIZES = (3_200_000, 6_000_000, 15_000_000)
_STREAMS = 4
_RATE = 50


@dataclass(slots=True)
class _Seen:
    """What a client saw: seconds of each answer, and their statuses."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    def ask(self, connection: Connection, request: bytes) -> None:
        seconds, answer = connection.exchange(request)
        self.seconds.append(seconds)
        self.statuses[answer[9:12].decode()] += 1

    def line(self) -> str:
        percentiles = [1000 * value for value in quantiles(self.seconds, n=100)]
        p50, p99, most = percentiles[49], percentiles[98], 1000 * max(self.seconds)
        return f"p50 {p50:7.1f}  p99 {p99:7.1f}  max {most:7.1f} ms  {dict(self.statuses)}"


@click.command(help=__doc__)
@click.option("--seconds", type=float, default=10.0, show_default=True, help="of each turn")
@click.option("--turns", type=int, default=3, show_default=True)
@click.option("--unread", is_flag=True, help="reviews that are too large to be read, instead")
def main(*, seconds: float, turns: int, unread: bool) -> None:
    limit = _chart_limit()
    reviews, config_maps = (_unread_reviews(), {}) if unread else _hostile_reviews()
    with (
        TemporaryDirectory() as name,
        MemoryCgroup.limited(limit) as cgroup,
        serving_config_maps(Path(name, "account"), config_maps, before=lambda _: None) as reading,
    ):
        environment = {**os.environ, **reading}
        server = start(
            "tests.integration.served", Path(name, "server"), cgroup=cgroup, environment=environment
        )
        worker = server.worker()
        try:
            quiet, hostile, streamed = _measure(server, reviews, seconds=seconds, turns=turns)
        finally:
            is_same = server.process.poll() is None and server.worker() == worker
            server.stop()
        peak = cgroup.peak_bytes()
    click.echo(f"good client alone:      {quiet.line()}")
    click.echo(f"beside hostile reviews: {hostile.line()}")
    click.echo(f"hostile reviews:        {streamed.line()}")
    click.echo(
        f"restarts: {0 if is_same else 'yes'}, "
        f"peak memory: {peak / 2**20:.0f} of {limit / 2**20:.0f} MiB"
    )


def _measure(
    server: Running, reviews: Sequence[bytes], *, seconds: float, turns: int
) -> tuple[_Seen, _Seen, _Seen]:
    quiet, hostile, streamed = _Seen(), _Seen(), _Seen()
    for _ in range(turns):
        _ask_steadily(server, quiet, seconds=seconds)
        with _streaming(server, reviews, streamed):
            _ask_steadily(server, hostile, seconds=seconds)
    return quiet, hostile, streamed


def _ask_steadily(server: Running, seen: _Seen, *, seconds: float) -> None:
    connection = Connection.to_local(server.port, server.certificate)
    request = write_request(redis_review(size=3_000))
    began = time.monotonic()
    while (now := time.monotonic()) < began + seconds:
        seen.ask(connection, request)
        time.sleep(max(0.0, now + 1 / _RATE - time.monotonic()))
    connection.close()


@contextmanager
def _streaming(server: Running, reviews: Sequence[bytes], seen: _Seen) -> Iterator[None]:
    """Send hostile reviews one after the other on several connections, from another process."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    goes_on = multiprocessing.Value("b", 1)
    processes = [
        multiprocessing.Process(target=_stream, args=(server, reviews, at, goes_on, sender))
        for at in range(_STREAMS)
    ]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        goes_on.value = 0
        for _ in processes:
            seconds, statuses = receiver.recv()
            seen.seconds += seconds
            seen.statuses.update(statuses)
        for process in processes:
            process.join()


def _stream(
    server: Running,
    reviews: Sequence[bytes],
    first: int,
    goes_on: "Synchronized[int]",
    sender: "multiprocessing.connection.Connection[object, object]",
) -> None:
    seen = _Seen()
    at = first * len(reviews) // _STREAMS
    while goes_on.value:
        connection = Connection.to_local(server.port, server.certificate)
        try:
            while goes_on.value:
                seen.ask(connection, reviews[at % len(reviews)])
                at += 1
        except (OSError, RuntimeError):
            seen.statuses["lost"] += 1
        connection.close()
    sender.send((seen.seconds, seen.statuses))


def _hostile_reviews() -> tuple[Sequence[bytes], Mapping[str, Mapping[str, str]]]:
    hostile = tuple(hostile_pods(_SIZES))
    requests = tuple(write_request(a_review(each.pod)) for each in hostile)
    return requests, {each.name: each.files for each in hostile}


def _unread_reviews() -> Sequence[bytes]:
    pods = (a_pod(a_container(args=["x" * size])) for size in _UNREAD_SIZES)
    return tuple(write_request(a_review(each)) for each in pods)


def _chart_limit() -> int:
    values = yaml.safe_load(_VALUES.read_text())
    return parse_bytes(values["webhook"]["resources"]["limits"]["memory"])


if __name__ == "__main__":
    main()
