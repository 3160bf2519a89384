"""What one evaluation may cost, counted in work and not in time.

Whoever may create a Pod writes what is evaluated: variables that double one another, files that
include themselves, texts that call a script hundreds of times. Each step that such input can
repeat spends from the budget first, so that the answer to the same Pod is the same on every
machine, and no Pod holds up the others.
"""

from enum import StrEnum


class Work(StrEnum):
    """A kind of work, as people are told of it; the numbers are about 50 ms of each, or less."""

    BYTES = "bytes in the review"
    NODES = "objects and lists in the review"
    ENTRIES = "entries of lists in the Pod"
    CONTAINERS = "containers that may run servers"
    NEIGHBOURS = "entries of lists beside servers"
    SCRIPTS = "characters of files that command lines name"
    EXPANSION = "characters of expanded variables"
    VARIABLES = "variables from ConfigMaps"
    ELEMENTS = "elements of command lines that run one another"
    SHELL_TEXT = "characters of shell text"
    SHELL_WORDS = "words of shell text"
    CONFIGURATION = "characters of configuration"
    DIRECTIVES = "directives of configuration"
    FILES = "configuration files"
    LOOKUPS = "comparisons of paths and containers"
    STARTS = "starts of servers"


LIMITS = {
    Work.BYTES: 3 << 20,
    # each is decoded to many times its own size
    Work.NODES: 150_000,
    Work.ENTRIES: 1 << 13,
    Work.CONTAINERS: 256,
    Work.NEIGHBOURS: 1 << 16,
    Work.SCRIPTS: 1 << 21,
    Work.EXPANSION: 1 << 20,
    Work.VARIABLES: 1 << 16,
    Work.ELEMENTS: 1 << 18,
    Work.SHELL_TEXT: 1 << 18,
    Work.SHELL_WORDS: 1 << 13,
    Work.CONFIGURATION: 1 << 18,
    Work.DIRECTIVES: 1 << 13,
    Work.FILES: 256,
    Work.LOOKUPS: 1 << 14,
    Work.STARTS: 256,
}
"""How much of each an evaluation may do; far above what any Pod of the corpus needs."""

_FIRST_PART = 16
"""What part of each an evaluation may do where others wait for it: milliseconds."""


class TooComplexError(Exception):
    """A Pod asks for more work than an evaluation may do; the text says of which and how much."""

    def __init__(self, work: Work) -> None:
        super().__init__(f"more than {LIMITS[work]:,} {work.value}")


class HeavyError(Exception):
    """An evaluation asks for more than the part of its work that it may do at first."""


class Budget:
    """The work that an evaluation has done so far."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys(LIMITS, 0)

    def spend(self, work: Work, amount: int) -> None:
        """Count work that is about to be done; raises TooComplexError instead of going over."""
        self.spent[work] += amount
        if self.spent[work] > LIMITS[work]:
            raise TooComplexError(work)


class FirstBudget(Budget):
    """A small part of a budget, which any Pod of the corpus needs less than."""

    def spend(self, work: Work, amount: int) -> None:
        """Count work that is about to be done; raises HeavyError instead of going over."""
        self.spent[work] += amount
        if self.spent[work] > LIMITS[work] // _FIRST_PART:
            raise HeavyError
