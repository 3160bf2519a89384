"""What a shell is asked to run: the text behind ``-c``, or a script."""

from collections.abc import Sequence
from dataclasses import dataclass

SHELLS = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})
# bash(1), "Options" and "set"; dash(1). Not here: n (reads without running), s (reads standard
# input), t (stops after one command), D (prints strings).
_LETTERS = frozenset("abcefhiklmopruvxBCEHOPT")
_LONG_FLAGS = frozenset(
    {
        "--debugger",
        "--login",
        "--noediting",
        "--noprofile",
        "--norc",
        "--posix",
        "--restricted",
        "--verbose",
    }
)
_LONG_VALUED = frozenset({"--init-file", "--rcfile"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellCommandText:
    """A shell that runs ``argv[index]`` as its program.

    The elements from ``positional_from`` on, if there are any, become ``$0``, ``$1`` and so on.
    """

    index: int
    positional_from: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellScript:
    """A shell that runs the file named by ``argv[index]``, which gets the elements behind it."""

    index: int


def read_interpreter(argv: Sequence[str | None]) -> ShellCommandText | ShellScript | None:
    """Return what a shell command line runs; None when it is no shell, or cannot be told.

    ``argv[0]`` is the program, behind any wrappers; an element is None when it is not known.
    A shell that reads standard input has neither a text nor a script.
    """
    options_from = _behind_shell(argv)
    if options_from is None:
        return None
    options = _read_options(argv, options_from)
    if options is None or options.end >= len(argv):
        return None
    if options.has_text:
        return ShellCommandText(index=options.end, positional_from=options.end + 1)
    return ShellScript(index=options.end)


def _behind_shell(argv: Sequence[str | None]) -> int | None:
    names = [(word or "").rpartition("/")[2] for word in argv[:2]]
    if names[:1] == ["busybox"]:
        return 2 if names[1:] and names[1] in SHELLS else None
    return 1 if names and names[0] in SHELLS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    end: int
    has_text: bool


def _read_options(argv: Sequence[str | None], start: int) -> _Options | None:
    """Read options up to the first operand; None for an option that is not known."""
    index, has_text = start, False
    while index < len(argv):
        word = argv[index]
        if word is None or word[:1] not in ("-", "+"):
            break
        index += 1
        if word in ("-", "--"):
            break
        if word in _LONG_VALUED:
            index += 1
        elif word not in _LONG_FLAGS:
            letters = word[1:]
            if (
                not letters
                or not _LETTERS.issuperset(letters)
                or (word[0] == "+" and "c" in letters)
            ):
                return None
            has_text |= "c" in letters
            # Each of these takes the next element for the name of an option.
            index += letters.count("o") + letters.count("O")
    return _Options(end=index, has_text=has_text)
