"""What is compared: what stands in a namespace's way x what is created there."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class Installed(StrEnum):
    """What the API server asks about the Pods of a namespace.

    Nothing is there twice, and alike: what the two differ by is the noise of the run. Conditions
    that are `false` are what a webhook that is never called costs at least. The native policy is a
    MutatingAdmissionPolicy, which the API server evaluates by itself. Lean Go is called twice, as
    webhooks of two configurations are; ours is where the API server does not see a ceiling.
    """

    NOTHING = "nothing"
    AGAIN = "nothing, again"
    FALSE = "`false` conditions"
    NATIVE = "native policy"
    GO = "lean Go, two calls"
    OURS = "ours"


_GIVE_CEILINGS = (Installed.NATIVE, Installed.GO, Installed.OURS)


class Created(StrEnum):
    """Which Pod: the one that webhooks are there for, or one that causes no call."""

    REDIS = "Redis Pod"
    OTHER = "other Pod"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One of a round's creates."""

    installed: Installed
    created: Created

    @property
    def name(self) -> str:
        """What it is told by where only text will do."""
        return f"{self.created} / {self.installed}"

    @property
    def gets_ceiling(self) -> bool:
        """Whether the Pod that is answered has a ceiling."""
        return self.created is Created.REDIS and self.installed in _GIVE_CEILINGS


CASES = tuple(
    Case(installed=installed, created=created) for created, installed in product(Created, Installed)
)
