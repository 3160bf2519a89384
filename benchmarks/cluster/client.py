"""The client of the benchmark, which runs where the API server can be reached.

`python -m benchmarks.cluster.client` takes a plan on stdin and prints what it saw.
"""

import gc
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from cattrs import structure, unstructure

from benchmarks.cluster.cases import CASES, Case, Created, Installed
from benchmarks.cluster.creating import Creating
from benchmarks.cluster.plan import CONCURRENT, Plan, Seen
from benchmarks.cluster.server import Server
from benchmarks.keepalive_client import Connection, body_of
from tests.harness.progress import say, step
from tests.harness.webhook_calls import Calls, calls_between, parse_calls


def carry_out(plan: Plan) -> Seen:
    """Create at a steady rate, then as fast as it goes."""
    server = Server.of_kubeconfig()
    creating = Creating(server, plan.namespaces)
    with step("warming up"):
        _steadily(server, creating, plan, rounds=plan.warm_up_rounds)
    before = _calls(server)
    with step(f"{plan.rounds * len(CASES):,} creates, {plan.rate:g} a second"):
        seconds = _steadily(server, creating, plan, rounds=plan.rounds)
    calls = calls_between(before, _calls(server))
    with step(f"{CONCURRENT} at once"):
        rates = _saturated(server, creating, slices=plan.slices, seconds=plan.slice_seconds)
    return Seen(
        seconds={case.name: tuple(seconds[case]) for case in CASES},
        rates={installed: tuple(rates[installed]) for installed in Installed},
        calls=calls,
        failures=creating.failures,
    )


def _steadily(
    server: Server, creating: Creating, plan: Plan, *, rounds: int
) -> Mapping[Case, list[float]]:
    """Create each case once a round, in another order every time, on one connection."""
    seconds: dict[Case, list[float]] = {case: [] for case in CASES}
    connection = server.connect()
    order = list(CASES)
    due = time.monotonic()
    end = due + plan.longest_seconds
    for number in range(rounds):
        if time.monotonic() > end:
            break
        random.shuffle(order)
        for case in order:
            time.sleep(max(0.0, due - time.monotonic()))
            # Where an answer was late, the creates after it are not sent any faster for that.
            due = max(due, time.monotonic()) + 1 / plan.rate
            seconds[case].append(creating.time_one(connection, case))
        if rounds >= 1000 and number % (rounds // 10) == 0 < number:
            say(f"round {number:,} of {rounds:,}")
    connection.close()
    return seconds


def _saturated(
    server: Server, creating: Creating, *, slices: int, seconds: float
) -> Mapping[Installed, list[float]]:
    rates: dict[Installed, list[float]] = {installed: [] for installed in Installed}
    connections = [server.connect() for _ in range(CONCURRENT)]
    for _ in range(slices):
        for installed in random.sample(list(Installed), len(Installed)):
            case = Case(installed=installed, created=Created.REDIS)
            rates[installed].append(_rate(creating, connections, case, seconds=seconds))
    for connection in connections:
        connection.close()
    return rates


def _rate(
    creating: Creating, connections: Sequence[Connection], case: Case, *, seconds: float
) -> float:
    """Creates a second, over all connections at once."""
    began = time.monotonic()

    def repeat(connection: Connection) -> int:
        count = 0
        while time.monotonic() < began + seconds:
            creating.time_one(connection, case)
            count += 1
        return count

    with ThreadPoolExecutor(len(connections)) as pool:
        created = sum(pool.map(repeat, connections))
        return created / (time.monotonic() - began)


def _calls(server: Server) -> Mapping[str, Calls]:
    connection = server.connect()
    _, answer = connection.exchange(server.request("GET", "/metrics"))
    connection.close()
    return parse_calls(body_of(answer).decode())


def main() -> None:
    gc.disable()  # a pause of ours would be somebody's latency; what is kept is a few lists
    plan = structure(json.load(sys.stdin), Plan)
    json.dump(unstructure(carry_out(plan)), sys.stdout)


if __name__ == "__main__":
    main()
