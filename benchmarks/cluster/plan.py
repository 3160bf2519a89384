"""What the client is told to do, and what it saw: both travel as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.cluster.cases import CASES, Installed
from tests.harness.webhook_calls import Calls

CONCURRENT = 16
"""Connections at once in the saturated part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is created, in which namespaces.

    A round is one create of each case, `rate` creates are sent a second, one after another. A slice
    is Redis Pods for `slice_seconds`, as fast as they are answered, CONCURRENT at once.
    """

    namespaces: Mapping[Installed, str]
    rounds: int
    rate: float
    slices: int
    slice_seconds: float

    @property
    def warm_up_rounds(self) -> int:
        """Rounds that are not counted."""
        return max(10, self.rounds // 20)

    @property
    def longest_seconds(self) -> float:
        """How long the rounds may take: a machine that cannot keep the rate up gets fewer."""
        return 2 * self.rounds * len(CASES) / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What became of a plan.

    `seconds` of each create by the name of its case, round by round; `rates`, the creates a second
    of each slice; `calls` that the API server made in the steady part, by webhook; `failures`,
    answers that were not what they should be, and how often.
    """

    seconds: Mapping[str, tuple[float, ...]]
    rates: Mapping[Installed, tuple[float, ...]]
    calls: Mapping[str, Calls]
    failures: Mapping[str, int]
