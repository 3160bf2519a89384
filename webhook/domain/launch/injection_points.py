"""The places of a launch where options can be put."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """Options go behind the container's args; where it has none, `prefix` goes before them."""

    prefix: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """Options go behind the words of an environment variable, which the image's script adds."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellText:
    """Options go into the shell text that is element `element` of command and args together.

    `offsets` are where, one for each start and ascending.
    """

    element: int
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartScript:
    """Options go through a wrapper that runs a script with its server's line extended.

    The launch becomes `before`, the wrapper's text, `after`; the first `in_command` elements of
    that are the command, the rest are args. `shell` interprets the script, `program` is its server.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    in_command: int
    shell: str
    program: str


InjectionPoint = Arguments | Variable | ShellText | StartScript
