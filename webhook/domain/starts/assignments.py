"""What a shell text itself gives its variables, as far as that is certain."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webhook.domain.shell import Program, SimpleCommand, Word
from webhook.domain.starts.functions import mentions

_ASSIGNMENT = re.compile(r"^([A-Za-z_]\w*)(\+?)=")
_BY_EXPANSION = re.compile(r"\$\{([A-Za-z_]\w*):?=")
_DECLARING = frozenset({"export", "readonly", "declare", "local", "typeset"})
_FROM_ELSEWHERE = frozenset({"eval", ".", "source"})
"""Commands that may give any variable another value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One `NAME=value` or `NAME+=value`: `word` as it stands, and the command it belongs to."""

    name: str
    word: Word
    adds: bool
    command: SimpleCommand


def assignments(program: Program) -> Iterable[Assignment]:
    """List what gives variables of the text values, in order; not `NAME=value PROGRAM`."""
    for command in program.commands:
        declares = command.words[:1] != () and command.words[0].value in _DECLARING
        words = command.words[1:] if declares else () if command.words else command.assignments
        for word in words:
            if (match := _ASSIGNMENT.match(word.raw)) is not None:
                yield Assignment(name=match[1], word=word, adds=bool(match[2]), command=command)


def constants(text: str, program: Program) -> Mapping[str, Word]:
    """Give the variables that have one value throughout: assigned once, and at any rate.

    The value is the word of the assignment: only behind it does the variable have it.
    """
    if any(names_elsewhere(command) for command in program.commands):
        return {}
    given = [each for each in assignments(program) if each.command.always_runs and not each.adds]
    if not given:
        return {}
    named = mentions(text, program)
    by_expansion = set(_BY_EXPANSION.findall(text))
    return {
        each.name: each.word
        for each in given
        if named[each.name] == 1 and each.name not in by_expansion
    }


def names_elsewhere(command: SimpleCommand) -> bool:
    """Tell a command that may give any variable another value."""
    return any(word.value in _FROM_ELSEWHERE for word in command.words[:2])
