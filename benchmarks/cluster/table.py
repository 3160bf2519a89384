"""The tables of docs/performance.md, out of a run."""

from collections.abc import Iterable, Iterator

from benchmarks.cluster.cases import Case, Created, Installed
from benchmarks.cluster.plan import CONCURRENT
from benchmarks.cluster.results import GOAL, RATE_GOAL, Latency, Summary


def markdown(summary: Summary) -> str:
    """Write creates, the goal, and what the API server says of the calls."""
    parts = (_creates(summary), _goal(summary), _calls(summary))
    return "\n\n".join("\n".join(lines) for lines in parts)


def _creates(summary: Summary) -> Iterator[str]:
    yield _row(("Pod", "installed", "p50 ms", "p99 ms", f"creates/s, {CONCURRENT} at once"))
    yield _row(["---"] * 5)
    for case, latency in summary.latencies.items():
        ratio = summary.ratio(case.created, case.installed)
        yield _row(
            (
                case.created,
                case.installed,
                f"{latency.p50:.2f} ({ratio.p50:.2f}x)",
                f"{latency.p99:.2f} ({ratio.p99:.2f}x)",
                _rate(summary, case),
            )
        )


def _rate(summary: Summary, case: Case) -> str:
    if case.created is Created.OTHER:
        return ""
    rate, nothing = summary.rates[case.installed], summary.rates[Installed.NOTHING]
    return f"{rate:,.0f} ({rate / nothing:.2f}x)"


def _goal(summary: Summary) -> Iterator[str]:
    ratio, rate = summary.over_go, summary.rate_over_go
    yield (
        f"Redis Pod, ours to lean Go: p50 {_evaluated(ratio.p50, GOAL.p50)}, "
        f"p99 {_evaluated(ratio.p99, GOAL.p99)}, creates/s {rate:.2f}x "
        f"(goal {RATE_GOAL:g}x: {'met' if rate >= RATE_GOAL else 'missed'})."
    )
    false = summary.ratio(Created.OTHER, Installed.OURS, to=Installed.FALSE)
    yield f"Other Pod, ours to `false` conditions: {_both(false)}."
    noise = (f"{each} {_both(summary.ratio(each, Installed.AGAIN))}" for each in Created)
    yield f"Nothing to itself: {'; '.join(noise)}."


def _evaluated(ratio: float, goal: float) -> str:
    return f"{ratio:.2f}x (goal {goal:g}x: {'met' if ratio <= goal else 'missed'})"


def _both(ratio: Latency) -> str:
    return f"p50 {ratio.p50:.2f}x, p99 {ratio.p99:.2f}x"


def _calls(summary: Summary) -> Iterator[str]:
    yield _row(("webhook", "calls", "mean ms, as the API server sees it"))
    yield _row(["---"] * 3)
    for name, calls in sorted(summary.calls.items()):
        yield _row((name, f"{calls.count:,}", f"{calls.mean * 1000:.2f}"))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
