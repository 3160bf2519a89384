"""`python -m benchmarks.headroom.v2.picture DIRECTORY`: the plateau under cgroup v2.

The same server is filled with and without its ceiling, and drawn as `redis-memory-guard plateau`
does it.
"""

from math import ceil
from pathlib import Path

import click

from benchmarks.headroom.cases import Guard
from benchmarks.headroom.v2.cases import Case
from benchmarks.headroom.v2.guest.case import Report
from benchmarks.headroom.v2.measuring import measure
from benchmarks.headroom.v2.results import Result
from benchmarks.headroom.v2.workloads import MIB
from webhook.cli.commands.plateau.chart import draw
from webhook.cli.commands.plateau.verdict import Trials
from webhook.domain.kubernetes.quantity import format_bytes
from webhook.trials.history import History, Termination
from webhook.trials.samples import Node, Sample, ServerSample

_KILLED = 137
_TWINS = tuple(
    Case(server="redis-7.0", limit=128 * MIB, workload="random-size", guard=guard)
    for guard in (Guard.INJECTED, Guard.NONE)
)


@click.command(help=__doc__)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False, exists=True))
def picture(*, directory: Path) -> None:
    guarded, unguarded = measure(_TWINS)
    for result, _ in (guarded, unguarded):
        click.echo(result.sentence)
    draw_plateau(guarded, unguarded, directory)


def draw_plateau(
    guarded: tuple[Result, Report], unguarded: tuple[Result, Report], directory: Path
) -> None:
    """Write plateau-v2.png and plateau-v2.svg."""
    seconds = max(report.curve[-1][0] for _, report in (guarded, unguarded))
    trials = Trials(
        guarded=history_of(*guarded, seconds), unguarded=history_of(*unguarded, seconds)
    )
    result, report = guarded
    subject = f"{report.server} under {format_bytes(result.limit)}, cgroup v2"
    draw(trials, directory, subject=subject, name="plateau-v2")


def history_of(result: Result, report: Report, seconds: float) -> History:
    """Give a run as the picture draws it, for so many seconds; a killed server stays away."""
    curve = _until_death(report)
    samples = [
        Sample(number=number, at=at, server=_server(result, need, at))
        for number, (at, need) in enumerate(curve)
    ]
    terminations = []
    if report.oom_kills:
        death = ceil(curve[-1][0])
        samples.append(Sample(number=len(samples), at=max(seconds, death), server=None))
        terminations.append(
            Termination(container="server", reason="OOMKilled", exit_code=_KILLED, at=death)
        )
    return History(
        limit=result.limit,
        node=Node(kernel=report.release, cgroup=2, began=0),
        samples=tuple(samples),
        terminations=tuple(terminations),
    )


def _until_death(report: Report) -> tuple[tuple[float, int], ...]:
    """Cut a killed server's curve at its peak: what follows is its memory being freed."""
    if not report.oom_kills:
        return report.curve
    needs = [need for _, need in report.curve]
    return report.curve[: needs.index(max(needs)) + 1]


def _server(result: Result, need: int, at: float) -> ServerSample:
    return ServerSample(
        version=result.version,
        maxmemory=result.maxmemory,
        eviction_policy=result.eviction_policy,
        used=need,
        resident=need,
        copied=0,
        last_copied=0,
        evicted=result.evictions,
        keys=0,
        uptime=round(at),
        forks=0,
        fork_failed=False,
    )


if __name__ == "__main__":
    picture()
