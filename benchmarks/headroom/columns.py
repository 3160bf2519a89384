"""The tables of docs/headroom.md: a row for each way to run a server, a column for each limit."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from benchmarks.headroom.fates import Fate
from webhook.domain.kubernetes.quantity import format_bytes

_MEBIBYTE = 2**20
_KEYS = ("server", "cgroup", "options", "workload")


class Run(Protocol):
    """What a table asks of a result."""

    @property
    def day(self) -> str:
        """When it was run."""

    @property
    def limit(self) -> int:
        """Its memory limit in bytes."""

    @property
    def maxmemory(self) -> int:
        """Its ceiling in bytes, 0 where there was none."""

    @property
    def fate(self) -> str:
        """What became of the server."""


_Run = TypeVar("_Run", bound=Run)


def table(
    results: Sequence[_Run],
    key: Callable[[_Run], tuple[str, ...]],
    cell: Callable[[Sequence[_Run]], str],
) -> Iterator[str]:
    """Write the lines of a table: `key` has a row's first four columns, in the results' order."""
    limits = sorted({result.limit for result in results})
    heading = [*_KEYS, *map(format_bytes, limits)]
    yield _row(heading)
    yield _row(["---"] * len(heading))
    for each in dict.fromkeys(map(key, results)):
        own = [result for result in results if key(result) == each]
        cells = (cell([run for run in own if run.limit == limit]) for limit in limits)
        yield _row([*each, *cells])


def cell(
    results: Sequence[_Run], *, size: Callable[[_Run], int], figures: Callable[[_Run], str]
) -> str:
    """Say what M was and what became of the server: the worst of the repetitions, by its size."""
    if not results:
        return ""
    bad = [result for result in results if result.fate != Fate.SURVIVED]
    worst = max(bad or results, key=size)
    maxmemory = str(worst.maxmemory // _MEBIBYTE) if worst.maxmemory else "none"
    if worst.fate == Fate.SURVIVED:
        return f"{maxmemory}: {figures(worst)}"
    times = f" {len(bad)} of {len(results)}" if len(results) > 1 else ""
    return f"{maxmemory}: **{worst.fate}**{times}, {figures(worst)}"


def provenance(results: Sequence[_Run], *, servers: Iterable[str], kernels: Iterable[str]) -> str:
    """Say of how many runs a table is, with which servers and kernels, and when."""
    days = sorted({result.day for result in results})
    period = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    kills = sum(result.fate == Fate.OOM_KILLED for result in results)
    ran = f"{len(results)} runs, OOM kills: {kills}"
    return f"{ran}; {_listed(servers)}; Linux {_listed(kernels)}; {period}."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
