"""What a run comes to: figures of each case, and the goals beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.cluster.cases import CASES, Case, Created, Installed
from benchmarks.cluster.plan import Seen
from tests.harness.webhook_calls import Calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Of one create, in milliseconds."""

    p50: float
    p99: float

    def over(self, other: "Latency") -> "Latency":
        """Give the ratios to another."""
        return Latency(p50=self.p50 / other.p50, p99=self.p99 / other.p99)


GOAL = Latency(p50=1.15, p99=1.3)
"""How many times as long as with the lean Go webhook a Redis Pod may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """`rates` are creates a second, the median of the slices."""

    creates: int
    latencies: Mapping[Case, Latency]
    rates: Mapping[Installed, float]
    calls: Mapping[str, Calls]
    failures: Mapping[str, int]

    def ratio(
        self, created: Created, installed: Installed, *, to: Installed = Installed.NOTHING
    ) -> Latency:
        """Give a Pod's create as a multiple of the same Pod's with something else installed."""
        one, other = (Case(installed=each, created=created) for each in (installed, to))
        return self.latencies[one].over(self.latencies[other])

    @property
    def over_go(self) -> Latency:
        """What the goal is about."""
        return self.ratio(Created.REDIS, Installed.OURS, to=Installed.GO)


def summarize(seen: Seen) -> Summary:
    """Sum a run up; needs two creates of each case at least."""
    return Summary(
        creates=sum(map(len, seen.seconds.values())),
        latencies={case: latency_of(seen.seconds[case.name]) for case in CASES},
        rates={installed: median(rates) for installed, rates in seen.rates.items()},
        calls=seen.calls,
        failures=seen.failures,
    )


def latency_of(seconds: Sequence[float]) -> Latency:
    """Give the percentiles of some creates."""
    percentiles = quantiles(seconds, n=100)
    return Latency(p50=percentiles[49] * 1000, p99=percentiles[98] * 1000)
