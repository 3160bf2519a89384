"""How much of a memory limit stays free: the formula, its two measured profiles, their bounds."""

from dataclasses import dataclass, field
from fractions import Fraction

from webhook.domain.kubernetes.quantity import format_bytes
from webhook.domain.policy.percentage import format_percentage

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How much of a memory limit is left free; measured: docs/headroom.md."""

    base: int = 16 * MEBIBYTE
    of_limit: Fraction = Fraction(3, 16)
    share: Fraction = Fraction(1)

    def maxmemory(self, limit: int, *, volumes: int = 0) -> int:
        """Give (limit - volumes - base - of_limit x limit) x share in bytes, rounded down.

        `volumes` are the bytes that volumes in memory may take of the limit. Not above 0 where
        nothing is left: `Profile().maxmemory(512 * MEBIBYTE) == 400 * MEBIBYTE`.
        """
        # Whole numbers over the common denominator: exact, and ten times as fast as fractions.
        whole = self.of_limit.denominator
        left = (limit - volumes - self.base) * whole - self.of_limit.numerator * limit
        return left * self.share.numerator // (whole * self.share.denominator)

    def limit_for(self, maxmemory: int, *, volumes: int = 0) -> int:
        """Give the least limit in bytes that leaves so much for data.

        (maxmemory / share + base + volumes) / (1 - of_limit), rounded up.
        """
        part = Fraction(maxmemory) / self.share + self.base + volumes
        return -int(-part / (1 - self.of_limit) // 1)

    @property
    def in_words(self) -> str:
        """The formula as `explain` says it: what stays free, and what part of the rest is used."""
        part = "" if self.share == 1 else f", and {format_percentage(self.share)} of the rest"
        base, of_limit = format_bytes(self.base), format_percentage(self.of_limit)
        return f"{base} and {of_limit} of the limit stay free{part}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """The two measured profiles, and the bounds of what is sensible.

    Below `minimum_limit` bytes nothing is injected, below `small_limit` a warning is given.
    An explicit ceiling up to `explicit_share` of the limit is respected.
    """

    cache: Profile = field(default_factory=Profile)
    persistent: Profile = field(default_factory=lambda: Profile(share=Fraction(1, 2)))
    explicit_share: Fraction = Fraction(85, 100)
    minimum_limit: int = 32 * MEBIBYTE
    small_limit: int = 64 * MEBIBYTE
