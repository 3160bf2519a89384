"""Sizes on the command line, written as in a manifest."""

import click

from webhook.domain.kubernetes.quantity import QuantityError, format_bytes, parse_bytes


class Bytes(click.ParamType[int]):
    """A quantity of memory between two bounds, in bytes."""

    name = "quantity"

    def __init__(self, *, minimum: int, maximum: int) -> None:
        self._minimum = minimum
        self._maximum = maximum

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Parse a quantity; what is none, or out of bounds, ends the command."""
        try:
            amount = parse_bytes(value)
        except QuantityError as error:
            self.fail(str(error), param, ctx)
        if not self._minimum <= amount <= self._maximum:
            bounds = f"{format_bytes(self._minimum)} to {format_bytes(self._maximum)}"
            self.fail(f"{value} is not within {bounds}", param, ctx)
        return amount
