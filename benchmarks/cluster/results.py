"""What a run comes to: figures of each case, and the goals beside them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median, quantiles

from benchmarks.cluster.cases import CASES, Case, Created, Installed
from benchmarks.cluster.plan import Seen
from tests.harness.webhook_calls import Calls

_NAMES = tuple(case.name for case in CASES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Of one create, in milliseconds."""

    p50: float
    p99: float

    def over(self, other: "Latency") -> "Latency":
        """Give the ratios to another."""
        return Latency(p50=self.p50 / other.p50, p99=self.p99 / other.p99)


GOAL = Latency(p50=1.2, p99=1.2)
"""How many times as long as with the lean Go webhook a Redis Pod may take."""

RATE_GOAL = 0.8
"""How many times as many creates a second as with the lean Go webhook there should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """`rates` are creates a second, the median of the slices."""

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

    @property
    def rate_over_go(self) -> float:
        """How many times as many creates a second as with the lean Go webhook."""
        return self.rates[Installed.OURS] / self.rates[Installed.GO]


def together(runs: Sequence[Seen]) -> Seen:
    """Put runs together as if they were one."""
    return Seen(
        seconds={name: tuple(chain(*(run.seconds[name] for run in runs))) for name in _NAMES},
        rates={each: tuple(chain(*(run.rates[each] for run in runs))) for each in Installed},
        calls=_added(run.calls for run in runs),
        failures=sum((Counter(run.failures) for run in runs), Counter()),
    )


def _added(counted: Iterable[Mapping[str, Calls]]) -> Mapping[str, Calls]:
    added: dict[str, Calls] = {}
    for calls in counted:
        for name, more in calls.items():
            so_far = added.get(name, Calls())
            added[name] = Calls(
                count=so_far.count + more.count, seconds=so_far.seconds + more.seconds
            )
    return added


def summarize(seen: Seen) -> Summary:
    """Sum a run up; needs two creates of each case at least."""
    return Summary(
        latencies={case: latency_of(seen.seconds[case.name]) for case in CASES},
        rates={installed: median(rates) for installed, rates in seen.rates.items()},
        calls=seen.calls,
        failures=seen.failures,
    )


def latency_of(seconds: Sequence[float]) -> Latency:
    """Give the percentiles of some creates."""
    percentiles = quantiles(seconds, n=100)
    return Latency(p50=percentiles[49] * 1000, p99=percentiles[98] * 1000)
