"""The load of the headroom matrix on cgroup v2, against a real server."""

import socket

import pytest

from benchmarks.headroom.v2.guest.pressing import Pressure
from benchmarks.headroom.v2.guest.server import Address, await_pong, information
from benchmarks.headroom.v2.workloads import MIB, WORKLOADS
from tests.redis.server import RealServer

pytestmark = pytest.mark.redis

_LIMIT = 32 * MIB


@pytest.fixture
def address(server: RealServer) -> Address:
    """A server with a ceiling, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ("--maxmemory", "16mb", "--maxmemory-policy", "allkeys-lru", "--save", "")
    server.start(
        ("redis-server", *options, "--port", str(port), "--unixsocket", str(server.socket))
    )
    await_pong(("127.0.0.1", port))
    return "127.0.0.1", port


def press(pressure: Pressure) -> None:
    pressure.connect()
    for _ in range(100_000):
        if pressure.is_over:
            return
        pressure.turn(0.05)
    raise AssertionError("the load came to no end")


@pytest.mark.parametrize(
    "name", ["set-1k", "random-size", "sessions", "collections", "slow-readers"]
)
def test_a_workload_fills_a_server_until_it_evicts(name: str, address: Address) -> None:
    with Pressure(WORKLOADS[name].load(_LIMIT), address) as pressure:
        press(pressure)

    assert pressure.refused == 0
    assert int(information(address)["evicted_keys"]) > 0


def test_snapshots_follow_each_other(address: Address) -> None:
    load = WORKLOADS["bgsave"].load(_LIMIT)

    with Pressure(load, address) as pressure:
        press(pressure)

    assert pressure.forks >= load.forks_enough
    assert information(address)["rdb_last_bgsave_status"] == "ok"
