"""The words that a program gets from shell text: its variables, arrays and parameters filled in."""

import re
from collections.abc import Iterable, Sequence

from webhook.domain.kubernetes.budget import Budget, Work
from webhook.domain.kubernetes.environment import Environment
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.shell import Program, SimpleCommand, Word, scan
from webhook.domain.starts.assignments import Assignment, assignments, names_elsewhere
from webhook.domain.starts.functions import inlined_functions, mentions
from webhook.domain.starts.parameters import changes_parameters
from webhook.domain.starts.values import ShellValues, is_composed, name_assigned

ALL_PARAMETERS = frozenset({'"$@"', "$@", '"${@}"', "${@}", "$*", "${*}"})
"""The words that stand for all positional parameters."""

WHOLE_PARAMETERS = frozenset({'"$@"', '"${@}"'})
"""Those that hand an empty parameter on, as the one of `--save ""`."""

ZERO = frozenset({'"$0"', "$0", '"${0}"', "${0}"})
"""The words that stand for what comes before the positional parameters."""

_VARIABLE = re.compile(r'^("?)\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))\1$')
_SPLIT_OR_EXPANDED = re.compile(r"[\s*?\[\]\\]")
_ARRAY = re.compile(r'^"?\$\{([A-Za-z_]\w*)\[[@*]\]\}"?$')
_ARRAY_ASSIGNMENT = re.compile(r"^([A-Za-z_]\w*)\+?=\((.*)\)$", re.DOTALL)
_SERVER = re.compile(r"(?<![\w.-])(?:redis|valkey|keydb)-server(?![\w.:-])")
_OPTION = re.compile(r"""^["']?(--[A-Za-z-]+)(?=["'\s]|$)""")
_TELLING = frozenset({
    "--maxmemory", "--maxmemory-policy", "--save", "--appendonly", "--dir", "--include",
    "--daemonize", "--sentinel", "--replica-ignore-maxmemory", "--slave-ignore-maxmemory",
})  # fmt: skip
"""Options that it matters to be certain of."""
_SEPARATOR = re.compile(r"[\s;&|()]+")


def spend_on_text(text: str, budget: Budget) -> None:
    """Count a text before it is scanned; words are counted by what could stand between them."""
    budget.spend(Work.SHELL_TEXT, len(text))
    budget.spend(Work.SHELL_WORDS, sum(1 for _ in _SEPARATOR.finditer(text)) + 1)


def perhaps(words: Sequence[str]) -> Sequence[str]:
    """Give words that may stand there or not: UNKNOWN where one of them would tell something."""
    tells = any(word.partition(" ")[0].lower() in _TELLING for word in words)
    return words if words and words[0].startswith("--") and not tells else (UNKNOWN,)


class ArgumentReader:
    """Gives the words of a text's commands as far as the text and its surroundings tell them."""

    def __init__(
        self, text: str, program: Program, environment: Environment, parameters: Sequence[str]
    ) -> None:
        self.environment = environment
        self.inlined = inlined_functions(text, program)
        self.given = tuple(parameters)
        is_changed = any(self._may_change_parameters(command) for command in program.commands)
        self.parameters = (UNKNOWN,) if is_changed else self.given
        self._values = ShellValues(text, program, environment)
        self._arrays: dict[str, list[str]] = {}
        self._naming: set[str] = set()
        for assignment in assignments(program):
            self._assign(assignment)
        self._forget_arrays_filled_elsewhere(text, program)

    def _assign(self, assignment: Assignment) -> None:
        name, raw = assignment.name, assignment.word.raw
        if _SERVER.search(raw) is not None:
            self._naming.add(name)
        if (array := _ARRAY_ASSIGNMENT.match(raw)) is None:
            return
        spend_on_text(array[2], self.environment.budget)
        elements: Sequence[str] = [
            part
            for command in scan(array[2].replace("\n", " "))
            for part in self.words(command.words, assignment.command)
        ]
        is_certain = assignment.command.always_runs
        if is_certain and not assignment.adds:
            self._arrays[name] = list(elements)
        else:
            self._arrays.setdefault(name, []).extend(elements if is_certain else perhaps(elements))

    def _forget_arrays_filled_elsewhere(self, text: str, program: Program) -> None:
        """Make unknown what something else than an assignment names, as `read -ra NAME` does."""
        if not self._arrays:
            return
        named = mentions(text, program)
        for command in program.commands:
            for word in (*command.assignments, *command.words[:1]):
                named[name_assigned(word)] -= 1
            if command.words[:1] and command.words[0].value in ("declare", "local", "typeset"):
                for word in command.words[1:]:
                    named[name_assigned(word)] -= 1
        for name, elements in self._arrays.items():
            if named[name] > 0:
                elements.append(UNKNOWN)

    def words(self, words: Iterable[Word], command: SimpleCommand) -> tuple[str, ...]:
        """Give the words that the program gets, UNKNOWN for what cannot be seen.

        `command` is the one in which they stand: a function has parameters of its own.
        """
        known: list[str] = []
        for word in words:
            given = self._word(word, command)
            self.environment.budget.spend(Work.SHELL_WORDS, len(given))
            known.extend(given)
        return tuple(known)

    def value(self, word: Word) -> str | None:
        """Give a word's value, also where it is a variable that is certain; None otherwise."""
        if word.value is not None or (variable := _VARIABLE.match(word.raw)) is None:
            return word.value
        name = variable[2] or variable[3]
        is_constant = self._values.is_constant(name)
        value = self._values.variable(name, word.start) if is_constant else None
        is_whole = value is not None and (variable[1] or not _SPLIT_OR_EXPANDED.search(value))
        return value if is_whole else None

    def names_server(self, word: Word) -> bool:
        """Tell whether a word is a variable or an array that holds a server's program."""
        if (array := _ARRAY.match(word.raw)) is not None:
            return array[1] in self._naming
        variable = _VARIABLE.match(word.raw)
        if variable is None:
            return False
        value = self.environment.get(variable[2] or variable[3])
        is_server = (
            value is not None
            and _SERVER.match(value.partition(" ")[0].rpartition("/")[2]) is not None
        )
        return is_server or (variable[2] or variable[3]) in self._naming

    def is_own(self, command: SimpleCommand) -> bool:
        """Tell whether the positional parameters of a command are those of the text."""
        return command.function is None or command.function in self.inlined

    def _may_change_parameters(self, command: SimpleCommand) -> bool:
        return self.is_own(command) and (changes_parameters(command) or names_elsewhere(command))

    def _word(self, word: Word, command: SimpleCommand) -> Sequence[str]:
        if word.value is not None:
            return (word.value,)
        if word.raw in ALL_PARAMETERS:
            return self.parameters if self.is_own(command) else (UNKNOWN,)
        if (array := _ARRAY.match(word.raw)) is not None:
            return self._arrays.get(array[1], [UNKNOWN])
        if is_composed(word.raw):
            return self._composed(word)
        if (option := _OPTION.match(word.raw)) is not None:
            return (f"{option[1]} {UNKNOWN}",)
        return (UNKNOWN,)

    def _composed(self, word: Word) -> Sequence[str]:
        text = self._values.composed(word.raw, word.start)
        if UNKNOWN in text:
            option = _OPTION.match(text)
            return (UNKNOWN,) if option is None else (f"{option[1]} {UNKNOWN}",)
        if word.raw[0] == '"':
            return (text,)
        if _VARIABLE.match(word.raw) is not None:
            return text.split()
        return (UNKNOWN,) if _SPLIT_OR_EXPANDED.search(text) else (text,)
