"""Kubernetes resource quantities as bytes, read exactly, and bytes written for people.

Source: the grammar of k8s.io/apimachinery, pkg/api/resource/quantity.go.
"""

import re
from collections.abc import Mapping

MAX_BYTES = 2**63 - 1
"""The cap of Kubernetes: a larger quantity counts as this one."""

_MEBI = 2**20
_MAX_LENGTH = 100
# With at most 100 digits on either side of the point, a larger exponent changes nothing: the value
# is above the cap, or rounds up to 1. It keeps `1e999999999` from costing a gigabyte of digits.
_MAX_EXPONENT = 2 * _MAX_LENGTH
_QUANTITY = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([A-Za-z]*|[eE][+-]?[0-9]+)")
_BINARY: Mapping[str, int] = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL: Mapping[str, int] = {
    "n": -9,
    "u": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
    "E": 18,
}
_MISTAKEN = re.compile(r"([0-9]+(?:\.[0-9]+)?) *(?:([kmgtp])(ib?|b)?|b)", re.ASCII | re.IGNORECASE)


class QuantityError(ValueError):
    """A value is not a quantity of memory; the text says why, with a hint where one is obvious."""


def parse_bytes(value: object) -> int:
    """Read a quantity of memory: bytes, rounded up as Quantity.Value() does, at most MAX_BYTES.

    `512Mi` is 536870912, `0.5Gi` the same, `1500m` is 2.

    Numbers are what YAML and JSON make of an unquoted quantity. Raises QuantityError for what is no
    quantity or negative. Two things that apimachinery lets pass are refused, as nobody means them:
    a quantity without a digit (`Ki`, read as 0) and one of more than 100 characters.
    """
    match value:
        case bool() | None:
            raise QuantityError(f"not a quantity: {value}")
        case int():
            # Clamped first: a number of thousands of digits has no text in Python.
            return _parse(str(max(-MAX_BYTES, min(MAX_BYTES, value))))
        case float():
            return _parse(repr(value))
        case str():
            return _parse(value)
        case _:
            raise QuantityError(f"not a quantity: a value of type {type(value).__name__}")


def format_bytes(count: int) -> str:
    """Write bytes with the largest binary suffix that keeps them exact: `400Mi`, `419430401`."""
    exact = [unit for unit, power in _BINARY.items() if count and count % 2**power == 0]
    if not exact:
        return str(count)
    return f"{count // 2 ** _BINARY[exact[-1]]}{exact[-1]}"


def format_mebibytes(count: int) -> str:
    """Write bytes as mebibytes rounded down to a tenth, `87.5Mi`; exact below one mebibyte."""
    if count < _MEBI:
        return format_bytes(count)
    whole, tenth = divmod(count * 10 // _MEBI, 10)
    return f"{whole}.{tenth}Mi" if tenth else f"{whole}Mi"


def _parse(text: str) -> int:
    if len(text) > _MAX_LENGTH:
        raise QuantityError(f"not a quantity: longer than {_MAX_LENGTH} characters")
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise _error(text)
    sign, whole, fraction, suffix = found.groups(default="")
    if not whole + fraction:
        raise _error(text)
    amount = int(whole + fraction)
    power = -len(fraction)
    if suffix in _BINARY:
        amount <<= _BINARY[suffix]
    else:
        power += _exponent(text, suffix)
    rounded_up: int = amount * 10**power if power >= 0 else -(-amount // 10**-power)
    if sign == "-" and rounded_up:
        raise QuantityError(f"a quantity of memory is never negative: {text!r}")
    return min(rounded_up, MAX_BYTES)


def _exponent(text: str, suffix: str) -> int:
    if suffix in _DECIMAL:
        return _DECIMAL[suffix]
    # `9E` is nine exa, found above; `9E1` has an exponent.
    if suffix[-1].isdigit():
        return max(-_MAX_EXPONENT, min(_MAX_EXPONENT, int(suffix[1:])))
    raise _error(text)


def _error(text: str) -> QuantityError:
    return QuantityError(f"not a quantity: {text!r}{_hint(text)}")


def _hint(text: str) -> str:
    mistaken = _MISTAKEN.fullmatch(text)
    if mistaken is None:
        return ""
    number, letter, rest = mistaken.groups(default="")
    if not letter:
        return f" (did you mean {number}?)"
    binary = f"{number}{letter.upper()}i"
    if rest.lower().startswith("i"):
        return f" (did you mean {binary}?)"
    decimal = "k" if letter in "kK" else letter.upper()
    return f" (did you mean {number}{decimal} or {binary}?)"
