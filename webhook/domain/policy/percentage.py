"""Percentages as exact fractions: `18.75%` is 3/16."""

import re
from fractions import Fraction

_PERCENTAGE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)%", re.ASCII)


class PercentageError(ValueError):
    """A text that is no percentage between 0% and 100%."""


def parse_percentage(text: str) -> Fraction:
    """Parse a percentage of at most nine decimal places; raises PercentageError."""
    match = _PERCENTAGE.fullmatch(text)
    share = Fraction(match[1]) / 100 if match else None
    if share is None or share > 1:
        raise PercentageError(f"not a percentage between 0% and 100%: {text[:40]!r}")
    return share


def format_percentage(share: Fraction) -> str:
    """Write a share as a percentage of at most two decimal places, for people."""
    return f"{100 * share.numerator / share.denominator:.2f}".rstrip("0").rstrip(".") + "%"
