"""The table of docs/headroom.md, out of results on a cluster."""

from collections.abc import Sequence

from benchmarks.headroom.columns import cell, provenance, table
from benchmarks.headroom.fates import Fate
from benchmarks.headroom.results import Result
from webhook.trials.workload import WORKLOADS

_MEBIBYTE = 2**20


def markdown(results: Sequence[Result]) -> str:
    """Write one row for each server, cgroup version, guard and workload, one column for each limit.

    A cell says what M was, the most memory seen, in MiB, and what became of the server: the worst
    of the repetitions.
    """
    servers = (result.server for result in results)
    kernels = (result.kernel for result in results)
    told = provenance(results, servers=servers, kernels=kernels)
    return "\n".join((*table(sorted(results, key=_order), _key, _cell), "", told))


def _order(result: Result) -> tuple[str, str, int]:
    return result.guard, result.server, list(WORKLOADS).index(result.workload)


def _key(result: Result) -> tuple[str, ...]:
    return result.server, f"v{result.cgroup}", result.guard, WORKLOADS[result.workload].summary


def _cell(results: Sequence[Result]) -> str:
    return cell(results, size=lambda result: result.peak, figures=_figures)


def _figures(result: Result) -> str:
    lives = result.fate == Fate.SURVIVED
    return f"{result.peak // _MEBIBYTE}" if lives else f"{result.lived} s"
