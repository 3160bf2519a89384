"""The single values of the policy file; what is wrong is said as `must be …, not …`."""

from enum import StrEnum
from fractions import Fraction

from webhook.domain.kubernetes.quantity import QuantityError, parse_bytes
from webhook.domain.policy.percentage import PercentageError, parse_percentage


def to_choice(value: object, cls: type[StrEnum]) -> StrEnum:
    """Give the member that the text names."""
    if isinstance(value, str) and value in set(cls):
        return cls(value)
    raise ValueError(f"must be one of {', '.join(cls)}, not {shown(value)}")


def to_share(value: object, _: object) -> Fraction:
    """Give the exact fraction that a percentage stands for, from 0 to 1."""
    try:
        return parse_percentage(value if isinstance(value, str) else "")
    except PercentageError:
        expected = "must be a percentage from 0% to 100%, like 18.75%"
        raise ValueError(f"{expected}, not {shown(value)}") from None


def to_bytes(value: object, _: object) -> int:
    """Give the bytes of a Kubernetes quantity."""
    try:
        return parse_bytes(value)
    except QuantityError as error:
        raise ValueError(str(error)) from None


def to_flag(value: object, _: object) -> bool:
    """Give a boolean; nothing else is taken for one."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {shown(value)}")  # noqa: TRY004 - cattrs reports ValueErrors
    return value


def to_text(value: object, _: object) -> str:
    """Give a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"must be a string, not {shown(value)}")
    return value


def shown(value: object) -> str:
    """Show a value in a problem: short, and as YAML names it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value if len(value) <= 60 else f"{value[:57]}...")
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case None:
            return "null"
        case _:
            return str(value)


def camel(name: str) -> str:
    """Give the key that a field's name stands for: `ofLimit` for `of_limit`."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)
