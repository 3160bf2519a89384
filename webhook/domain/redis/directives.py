"""The directives of a server's configuration, read as the server itself reads them.

Source: Redis 7, src/config.c, loadServerConfigFromString, setConfigSaveOption and yesnotoi, and
src/util.c, memtoull.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.redis.arguments import split_arguments

_MEMORY = re.compile(r"([0-9]{1,127})([kmg]?b?)", re.ASCII | re.IGNORECASE)
_UNITS: Mapping[str, int] = {
    "": 1,
    "b": 1,
    "k": 1000,
    "kb": 1024,
    "m": 1000**2,
    "mb": 1024**2,
    "g": 1000**3,
    "gb": 1024**3,
}
_MAX_MEMORY = 2**64 - 1


class DirectiveError(ValueError):
    """A line on which the server refuses to start; its text may be secret and is not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One line of configuration.

    `name` is in lower case, as directives ignore case, and holds UNKNOWN when it cannot be seen. A
    value is None when its text cannot be seen. `source` is the file or argument list it stands in.
    """

    name: str
    values: tuple[str | None, ...]
    source: str


def parse_config(text: str, source: str) -> tuple[Directive, ...]:
    r"""Read a configuration text, in order, `include` lines as they are.

    `"maxmemory 100mb\n# a comment\n"` is one Directive, `maxmemory` with the value `100mb`.

    Comments and blank lines are skipped. Names and values are not evaluated. Raises DirectiveError,
    naming the line, on an unbalanced quote.
    """
    directives = []
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip(" \t\r\n")
        if line.startswith("#"):
            continue
        arguments = split_arguments(line)
        if arguments is None:
            raise DirectiveError(f"{source}, line {number}: unbalanced quotes")
        if arguments:
            directives.append(_directive(arguments, source))
    return tuple(directives)


def last_directive(directives: Iterable[Directive], name: str) -> Directive | None:
    """Find the directive that wins: the last of its name, None when there is none."""
    winner = None
    for directive in directives:
        if directive.name == name:
            winner = directive
    return winner


def is_yes(text: str) -> bool:
    """Tell whether a switch such as `appendonly` is on."""
    return text.lower() == "yes"


def parse_memory(text: str) -> int | None:
    """Read a size in bytes: a plain integer, or one with `b k kb m mb g gb` in any case.

    None for what is no such size (`400Mi`, `50%`, `0.5gb`), for a unit without digits, which is 0
    with one C library and fatal with another, and for what wraps around 64 bits in the server.
    """
    size = _MEMORY.fullmatch(text)
    if size is None:
        return None
    memory = int(size[1]) * _UNITS[size[2].lower()]
    return memory if memory <= _MAX_MEMORY else None


def save_points(directives: Iterable[Directive]) -> tuple[str, ...] | None:
    """Collect the save points in effect, each as `3600 1`.

    None when no `save` is seen, so that the defaults hold; () when snapshots are off. The first
    `save` replaces the defaults, a later one adds to it, and `save ""` removes all that came
    before. UNKNOWN stands for points that cannot be seen. Numbers are not evaluated.
    """
    points: list[str] = []
    seen = False
    for directive in directives:
        if directive.name != "save":
            continue
        seen = True
        values = save_values(directive)
        if values == ("",):
            points.clear()
        else:
            points.extend(_pairs(values))
    return tuple(points) if seen else None


def _directive(arguments: tuple[str, ...], source: str) -> Directive:
    return Directive(
        name=arguments[0].lower(),
        values=tuple(None if UNKNOWN in value else value for value in arguments[1:]),
        source=source,
    )


def save_values(directive: Directive) -> tuple[str, ...]:
    """Give the values of one `save`, UNKNOWN for what cannot be seen."""
    match directive.values:
        case (str() as joined,) if joined:
            # A single argument holds all of them: `save "3600 1 300 100"`.
            return split_arguments(joined) or ()
        case values:
            return tuple(UNKNOWN if value is None else value for value in values)


def _pairs(values: tuple[str, ...]) -> tuple[str, ...]:
    if UNKNOWN in values:
        return (UNKNOWN,)
    return tuple(" ".join(values[start : start + 2]) for start in range(0, len(values), 2))
