"""What has to come out: the rule holds where it vouches, and the baseline dies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.headroom.cases import Guard
from benchmarks.headroom.fates import Fate
from benchmarks.headroom.v2.cases import is_covered
from benchmarks.headroom.v2.results import Result

_LIVES = frozenset({Fate.SURVIVED})
_DIES = frozenset({Fate.OOM_KILLED, Fate.STALLED})
"""A server that is stuck at its limit and answers nobody is as good as dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A result beside the fates of which one was expected."""

    result: Result
    expected: frozenset[Fate]

    @property
    def passed(self) -> bool:
        """Tell whether it came out as it has to."""
        return self.result.fate in self.expected

    @property
    def sentence(self) -> str:
        """One line for people."""
        word = "PASSED" if self.passed else "FAILED"
        return f"{word} {self.result.sentence}"


def compare(results: Iterable[Result]) -> Iterator[Comparison]:
    """Compare what has to come out one way; of the rest nothing is expected."""
    for result in results:
        if result.guard == Guard.NONE:
            yield Comparison(result=result, expected=_DIES)
        elif is_covered(result.case):
            yield Comparison(result=result, expected=_LIVES)


def closing_line(comparisons: Iterable[Comparison]) -> str:
    """Count as pytest does."""
    outcomes = [each.passed for each in comparisons]
    return f"{sum(outcomes)} passed, {len(outcomes) - sum(outcomes)} failed"
