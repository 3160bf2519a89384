"""The table of docs/headroom.md, out of results on v2."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.headroom.v2.results import Fate, Result
from benchmarks.headroom.v2.workloads import WORKLOADS
from webhook.domain.kubernetes.quantity import format_bytes

_MEBIBYTE = 2**20


def markdown(results: Sequence[Result]) -> str:
    """Write one row for each server, guard and workload, one column for each limit.

    A cell says what M was, the most memory needed and the sockets in it, in MiB, and what became
    of the server: the worst of the repetitions.
    """
    limits = sorted({result.limit for result in results})
    heading = ["server", "cgroup", "options", "workload", *map(format_bytes, limits)]
    lines = [_row(heading), _row(["---"] * len(heading))]
    versions = {result.server: result.version for result in results if result.version}
    for key in dict.fromkeys(map(_key, _ordered(results))):
        own = [result for result in results if _key(result) == key]
        cells = (_cell([each for each in own if each.limit == limit]) for limit in limits)
        server, *rest = key
        # One that was killed can no longer be asked.
        lines.append(_row([versions.get(server, server), *rest, *cells]))
    return "\n".join([*lines, "", *_provenance(results)])


def _provenance(results: Sequence[Result]) -> Iterator[str]:
    days = sorted({result.day for result in results})
    period = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    kernels = ", ".join(sorted({result.kernel_release for result in results}))
    kills = sum(result.fate == Fate.OOM_KILLED for result in results)
    versions = ", ".join(sorted({result.version for result in results if result.version}))
    runs = f"{len(results)} runs, OOM kills: {kills}"
    yield f"{runs}; {versions}; Linux {kernels}; {period}."


def _ordered(results: Iterable[Result]) -> Sequence[Result]:
    workloads = list(WORKLOADS)
    return sorted(
        results,
        key=lambda each: (
            each.guard,
            each.small_buffers,
            each.server != "redis-7.0",
            each.server,
            workloads.index(each.workload),
        ),
    )


def _key(result: Result) -> tuple[str, str, str, str]:
    buffers = ", small buffers" if result.small_buffers else ""
    return result.server, "v2", f"{result.guard}{buffers}", WORKLOADS[result.workload].summary


def _cell(results: Sequence[Result]) -> str:
    if not results:
        return ""
    bad = [result for result in results if result.fate != Fate.SURVIVED]
    worst = max(bad or results, key=lambda result: result.need)
    maxmemory = str(worst.maxmemory // _MEBIBYTE) if worst.maxmemory else "none"
    sockets = worst.sock // _MEBIBYTE
    need = f"{worst.need // _MEBIBYTE}{f' ({sockets})' if sockets else ''}"
    if worst.fate == Fate.SURVIVED:
        return f"{maxmemory}: {need}"
    times = f" {len(bad)} of {len(results)}" if len(results) > 1 else ""
    return f"{maxmemory}: **{worst.fate}**{times}, {need}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
