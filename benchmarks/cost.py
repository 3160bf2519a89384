"""The processor time of a review, by how long the process was left alone before it.

A webhook is called rarely, and each call finds the processor's caches full of something else: there
the same review costs more than one that follows another at once. Taken from the kernel's account of
the serving process, so that waiting for a busy machine is not in it; what the process does while
nobody asks is taken off.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.keepalive_client import Connection, write_request
from benchmarks.reviews import redis_review
from benchmarks.running import Running, start

_SERVERS = {"ours": "webhook.server", "Flask echo": "benchmarks.echo"}
_PAUSES: Mapping[str, float] = {"back to back": 0.0, "every 20 ms": 0.02, "every 200 ms": 0.2}
_BYTES = 3_000
_WARM_UP = 300
_SECONDS = 20.0
"""Of each pause, and of the silence that is taken off."""


def measure_cost(*, quick: bool) -> None:
    """Print the milliseconds of processor time of a review, for each server and pause."""
    seconds = _SECONDS / 10 if quick else _SECONDS
    print(f"{'processor ms a review':<24}" + "".join(f"{name:>16}" for name in _PAUSES))
    with TemporaryDirectory() as directory:
        for name, module in _SERVERS.items():
            server = start(module, Path(directory) / module)
            try:
                costs = _costs(server, seconds=seconds)
            finally:
                server.stop()
            print(f"  {name:<22}" + "".join(f"{costs[pause] * 1000:>16.2f}" for pause in _PAUSES))


def _costs(server: Running, *, seconds: float) -> Mapping[str, float]:
    connection = Connection.to_local(server.port, server.certificate)
    request = write_request(redis_review(size=_BYTES))
    for _ in range(_WARM_UP):
        connection.time_one(request)
    began = server.worker_seconds()
    time.sleep(seconds)
    idle = (server.worker_seconds() - began) / seconds
    costs = {}
    for name, pause in _PAUSES.items():
        costs[name] = _cost(server, connection, request, pause=pause, seconds=seconds, idle=idle)
    connection.close()
    return costs


def _cost(
    server: Running,
    connection: Connection,
    request: bytes,
    *,
    pause: float,
    seconds: float,
    idle: float,
) -> float:
    count = 0
    before, began = server.worker_seconds(), time.monotonic()
    while (lasted := time.monotonic() - began) < seconds:
        connection.time_one(request)
        count += 1
        time.sleep(pause)
    return (server.worker_seconds() - before - idle * lasted) / count
