"""A script as it is called, and how the wrapper of start scripts could take its place."""

from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """How a script is called: from a shell text, as a shell's operand, or as the program."""

    TEXT = "text"
    OPERAND = "operand"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A script's path, the words behind it, and the shell that runs it ("": its first line's).

    `name` is what may be said of the path to people.

    `parameters_at` is the element of the command line from which on its parameters stand, None
    when they stand in a shell text. The wrapper's text stands between `before`, the words that
    `form` needs, and `after`; `before` is None where it could not stand in for the call.
    """

    path: str
    words: tuple[str, ...]
    shell: str
    form: Form
    parameters_at: int | None
    before: tuple[str, ...] | None
    after: tuple[str, ...]
    in_command: int
    name: str = ""
