"""The words that a program gets from shell text: its variables, arrays and parameters filled in."""

import re
from collections.abc import Iterable, Sequence

from webhook.domain.kubernetes.budget import Budget, Work
from webhook.domain.kubernetes.environment import Environment
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.shell import SimpleCommand, Word, scan

ALL_PARAMETERS = frozenset({'"$@"', "$@", '"${@}"', "${@}"})
"""The words that stand for all positional parameters."""

ZERO = frozenset({'"$0"', "$0", '"${0}"', "${0}"})
"""The words that stand for what comes before the positional parameters."""

_VARIABLE = re.compile(r'^("?)\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))\1$')
_ARRAY = re.compile(r'^"?\$\{([A-Za-z_]\w*)\[[@*]\]\}"?$')
_ARRAY_ASSIGNMENT = re.compile(r"^([A-Za-z_]\w*)\+?=\((.*)\)$", re.DOTALL)
_SERVER = re.compile(r"(?<![\w.-])(?:redis|valkey|keydb)-server(?![\w.:-])")
_OPTION = re.compile(r"""^["']?(--[A-Za-z-]+)(?=["'\s]|$)""")


_SEPARATOR = re.compile(r"[\s;&|()]+")


def spend_on_text(text: str, budget: Budget) -> None:
    """Count a text before it is scanned; words are counted by what could stand between them."""
    budget.spend(Work.SHELL_TEXT, len(text))
    budget.spend(Work.SHELL_WORDS, sum(1 for _ in _SEPARATOR.finditer(text)) + 1)


class WordReader:
    """Gives the words of a text's commands as far as the text and its surroundings tell them."""

    def __init__(
        self,
        commands: Sequence[SimpleCommand],
        environment: Environment,
        parameters: Sequence[str],
    ) -> None:
        self.environment = environment
        is_kept = not any(_changes_parameters(command) for command in commands)
        self.parameters = tuple(parameters) if is_kept else (UNKNOWN,)
        self._arrays: dict[str, list[str]] = {}
        self._assigned: set[str] = set()
        self._naming: set[str] = set()
        for word in (word for command in commands for word in command.assignments):
            name = word.raw.partition("=")[0].rstrip("+")
            self._assigned.add(name)
            if _SERVER.search(word.raw) is not None:
                self._naming.add(name)
            if (array := _ARRAY_ASSIGNMENT.match(word.raw)) is not None:
                spend_on_text(array[2], environment.budget)
                elements = [part for each in _array_commands(array[2]) for part in self.words(each)]
                self._arrays.setdefault(array[1], []).extend(elements)

    def words(self, words: Iterable[Word]) -> tuple[str, ...]:
        """Give the words that the program gets, UNKNOWN for what cannot be seen."""
        known: list[str] = []
        for word in words:
            given = self._word(word)
            self.environment.budget.spend(Work.SHELL_WORDS, len(given))
            known.extend(given)
        return tuple(known)

    def names_server(self, word: Word) -> bool:
        """Tell whether a word is a variable that holds a server's program."""
        variable = _VARIABLE.match(word.raw)
        if variable is None:
            return False
        value = self.environment.get(variable[2] or variable[3])
        is_server = (
            value is not None
            and _SERVER.match(value.partition(" ")[0].rpartition("/")[2]) is not None
        )
        return is_server or (variable[2] or variable[3]) in self._naming

    def _word(self, word: Word) -> Sequence[str]:
        if word.value is not None:
            return (word.value,)
        if word.raw in ALL_PARAMETERS:
            return self.parameters
        if (array := _ARRAY.match(word.raw)) is not None:
            return self._arrays.get(array[1], [UNKNOWN])
        if (variable := _VARIABLE.match(word.raw)) is not None:
            return self._variable(variable[2] or variable[3], quoted=bool(variable[1]))
        if (option := _OPTION.match(word.raw)) is not None:
            return (f"{option[1]} {UNKNOWN}",)
        return (UNKNOWN,)

    def _variable(self, name: str, *, quoted: bool) -> Sequence[str]:
        value = None if name in self._assigned else self.environment.get(name)
        if value is None or UNKNOWN in value:
            return (UNKNOWN,)
        return (value,) if quoted else value.split()


def _array_commands(inner: str) -> Iterable[tuple[Word, ...]]:
    return (command.words for command in scan(inner.replace("\n", " ")))


def _changes_parameters(command: SimpleCommand) -> bool:
    """Tell `shift`, and `set` with operands; `set -e` leaves the parameters as they are."""
    values = [word.value for word in command.words]
    return values[:1] == ["shift"] or (values[:1] == ["set"] and "--" in values)
