"""What a scan of shell text finds, and how it says that it cannot."""

from dataclasses import dataclass
from enum import Enum


class Unscannable(ValueError):  # noqa: N818 - the outcome is a plain answer, not a failure of ours
    """The text holds what cannot be read safely; the message says what and where, for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of shell text.

    ``text[start:end] == raw``. ``value`` is what the program gets after quote removal, and None
    when an expansion, a substitution or a pattern decides that only at run time.
    """

    raw: str
    value: str | None
    start: int
    end: int


class Kind(Enum):
    """What kind of construct stands around a command."""

    BRANCH = "if or case"
    LOOP = "for, select, while or until"
    FUNCTION = "function"
    SUBSHELL = "subshell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A construct around a command, told from others by the offset at which it begins.

    Of the parts of one `if` or `case` that have different `branch` numbers only one is run; 0 is
    what runs beside them. `rounds` is how often a loop runs, None where that cannot be told.
    `name` is a function's.
    """

    kind: Kind
    at: int
    branch: int = 0
    rounds: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of the text, from `start` up to `end`; `name` is that of a function."""

    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleCommand:
    """A program or builtin with its words, as it stands in the text.

    Words inserted at ``end``, behind one space, become its last words: they land before ``&``,
    ``;``, ``)`` and redirections, except a redirection written against the last word, which is left
    in front: in ``redis-server --maxmemory 1>log`` the 1 would be a file descriptor.
    ``background`` says that the command, or a construct around it, is followed by ``&``,
    ``conditional`` that it, or one around it, stands behind ``&&`` or ``||``, and ``piped`` that it
    stands in a pipeline, which runs it in a subshell. ``blocks`` are the constructs around it, from
    the outermost.
    """

    words: tuple[Word, ...]
    assignments: tuple[Word, ...]
    background: bool
    end: int
    conditional: bool = False
    piped: bool = False
    blocks: tuple[Block, ...] = ()

    @property
    def function(self) -> str | None:
        """The function in whose body it stands, the innermost one."""
        names = (block.name for block in reversed(self.blocks) if block.kind is Kind.FUNCTION)
        return next(names, None)

    @property
    def always_runs(self) -> bool:
        """Whether it runs once in the shell itself, as far as the shell gets."""
        return not (self.blocks or self.conditional or self.piped or self.background)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a shell text holds.

    ``functions`` are the bodies of functions, ``quoted`` what stands in single quotes, and
    ``over_parameters`` where loops begin that go over the positional parameters, as
    ``for x; do`` does.
    """

    commands: tuple[SimpleCommand, ...]
    functions: tuple[Span, ...] = ()
    comments: tuple[Span, ...] = ()
    quoted: tuple[Span, ...] = ()
    over_parameters: tuple[int, ...] = ()
