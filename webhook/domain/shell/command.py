"""What a scan of shell text finds, and how it says that it cannot."""

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleCommand:
    """A program or builtin with its words, as it stands in the text.

    Words inserted at ``end``, behind one space, become its last words: they land before ``&``,
    ``;``, ``)`` and redirections, except a redirection written against the last word, which is left
    in front: in ``redis-server --maxmemory 1>log`` the 1 would be a file descriptor.
    ``background`` says that the command, or a construct around it, is followed by ``&``.
    """

    words: tuple[Word, ...]
    assignments: tuple[Word, ...]
    background: bool
    end: int
