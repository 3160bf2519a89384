"""The table of docs/headroom.md, out of results on v2."""

from collections.abc import Sequence

from benchmarks.headroom.columns import cell, provenance, table
from benchmarks.headroom.v2.results import Result
from benchmarks.headroom.v2.workloads import WORKLOADS

_MEBIBYTE = 2**20


def markdown(results: Sequence[Result]) -> str:
    """Write one row for each server, guard and workload, one column for each limit.

    A cell says what M was, the most memory needed and the sockets in it, in MiB, what became of the
    server, and how far its replica was: the worst of the repetitions.
    """
    versions = {result.server: result.version for result in results if result.version}

    def key(result: Result) -> tuple[str, ...]:
        # One that was killed can no longer be asked.
        server = versions.get(result.server, result.server)
        buffers = ", small buffers" if result.small_buffers else ""
        return server, "v2", f"{result.guard}{buffers}", WORKLOADS[result.workload].summary

    kernels = (result.kernel_release for result in results)
    told = provenance(results, servers=versions.values(), kernels=kernels)
    return "\n".join((*table(sorted(results, key=_order), key, _cell), "", told))


def _order(result: Result) -> tuple[str, int, bool, str, int]:
    place = list(WORKLOADS).index(result.workload)
    is_other = result.server != "redis-7.0"
    return result.guard, result.small_buffers, is_other, result.server, place


def _cell(results: Sequence[Result]) -> str:
    return cell(results, size=lambda result: result.need, figures=_figures)


def _figures(result: Result) -> str:
    sockets = result.sock // _MEBIBYTE
    return f"{result.need // _MEBIBYTE}{f' ({sockets})' if sockets else ''}{_replica(result)}"


def _replica(result: Result) -> str:
    """Say how far a replica was, as far as its server could be asked."""
    asked = [each for each in (result.replica_halfway, result.replica_after) if each]
    told = [each for each in dict.fromkeys(asked) if each != "unknown"]
    return f", replica {', then '.join(told or ['unknown'])}" if asked else ""
