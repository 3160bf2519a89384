"""Kubernetes' own `$(NAME)` expansion of command, args and env, as the kubelet does it.

Source: k8s.io/kubernetes third_party/forked/golang/expansion/expand.go. `$$` stands for `$`; a
reference to a name that is not defined stays as it is written.
"""

from collections.abc import Callable
from dataclasses import dataclass

from webhook.domain.kubernetes.budget import Budget, Work

_REFERENCE_COST = 64
"""Characters that take as long as one `$`, whatever comes of it."""

UNKNOWN = "\ue000"
"""Stands for text that exists at run time and cannot be seen from the Pod."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of expanded text and the raw text it came from; `literal` when both are the same."""

    text: str
    raw_start: int
    raw_end: int
    literal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A text after expansion, which remembers where each part of it stood before."""

    text: str
    pieces: tuple[Piece, ...]

    def raw_offset(self, offset: int) -> int | None:
        """Map an offset of the expanded text to the raw one; None inside a replaced reference."""
        start = 0
        for piece in self.pieces:
            end = start + len(piece.text)
            if piece.literal and start <= offset <= end:
                return piece.raw_start + offset - start
            if offset == end:
                return piece.raw_end
            start = end
        return None


Lookup = Callable[[str], str | None]


def expand(text: str, lookup: Lookup, budget: Budget) -> Expanded:
    """Replace each `$(NAME)` whose name is defined, which is when `lookup` gives a value.

    `expand("a $(B)", {"B": "c"}.get, budget).text` is `a c`. Raises TooComplexError before the
    text outgrows the budget.
    """
    if "$" not in text:
        return Expanded(text=text, pieces=(_literal(text, 0, len(text)),))
    budget.spend(Work.EXPANSION, text.count("$") * _REFERENCE_COST)
    pieces: list[Piece] = []
    position = 0
    while (dollar := text.find("$", position)) != -1 and dollar + 1 < len(text):
        reference, end = _reference(text, dollar, lookup)
        if reference is None:
            pieces.append(_literal(text, position, end))
        else:
            pieces.append(_literal(text, position, dollar))
            pieces.append(Piece(text=reference, raw_start=dollar, raw_end=end, literal=False))
        position = end
    pieces.append(_literal(text, position, len(text)))
    budget.spend(Work.EXPANSION, sum(len(piece.text) for piece in pieces))
    return Expanded(text="".join(piece.text for piece in pieces), pieces=tuple(pieces))


def _reference(text: str, dollar: int, lookup: Lookup) -> tuple[str | None, int]:
    if text[dollar + 1] == "$":
        return "$", dollar + 2
    if text[dollar + 1] != "(":
        return None, dollar + 1
    close = text.find(")", dollar)
    if close == -1:
        return None, dollar + 2
    return lookup(text[dollar + 2 : close]), close + 1


def _literal(text: str, start: int, end: int) -> Piece:
    return Piece(text=text[start:end], raw_start=start, raw_end=end, literal=True)
