"""What the variables and expansions of a shell text come to, as far as that is certain."""

import re

from webhook.domain.kubernetes.budget import Work
from webhook.domain.kubernetes.environment import Environment
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.shell import Program, Word
from webhook.domain.shell.arithmetic import LONGEST, evaluate
from webhook.domain.starts.assignments import assignments, constants

_PLAIN = r"[\w./:@%+=,-]"
_PIECE = (
    rf"\$\(\((?P<sum>[\w \t$+*/%(){{}}-]{{1,{LONGEST}}})\)\)"
    rf"|\$\{{(?P<braced>[A-Za-z_]\w*)(?:(?P<unset>:?-)(?P<default>{_PLAIN}*))?\}}"
    r"|\$(?P<bare>[A-Za-z_]\w*)"
)
_EXPANSION = re.compile(_PIECE)
# Possessive: pieces of a long word are never tried apart in other ways.
_COMPOSED = re.compile(rf'^(?P<quote>"?)(?>{_PLAIN}|{_PIECE})++(?P=quote)$')


def is_composed(raw: str) -> bool:
    """Tell a word of nothing but plain characters, variables, their defaults, and arithmetic."""
    return _COMPOSED.match(raw) is not None


class ShellValues:
    """The variables of one text, and the environment around it."""

    def __init__(self, text: str, program: Program, environment: Environment) -> None:
        self._environment = environment
        self._constants = constants(text, program)
        self._assigned = {each.name for each in assignments(program)}
        for command in program.commands:
            self._assigned.update(name_assigned(word) for word in command.assignments)

    def is_constant(self, name: str) -> bool:
        """Tell whether the text itself gives a variable its only value."""
        return name in self._constants

    def variable(self, name: str, at: int) -> str | None:
        """Give a variable's value at an offset of the text; None where it is not certain."""
        given = self._constants.get(name)
        if given is not None and given.end <= at:
            return self._constant(name, given)
        value = None if name in self._assigned else self._environment.get(name)
        return None if value is None or UNKNOWN in value else value

    def composed(self, raw: str, at: int, own: str = "") -> str:
        """Put a composed word together, UNKNOWN in place of what is not certain.

        `own` names the variable that the word is assigned to: there its former value stands.
        """

        def value(name: str) -> str | None:
            former = self._environment.get(name) if name == own else self.variable(name, at)
            return None if former is None or UNKNOWN in former else former

        def put(piece: re.Match[str]) -> str:
            if piece["sum"] is not None:
                amount = evaluate(piece["sum"], value)
                return UNKNOWN if amount is None else str(amount)
            name = piece["braced"] or piece["bare"]
            found = value(name)
            if piece["default"] is not None and not found:
                found = self._or_default(name, found, piece, own)
            return UNKNOWN if found is None else found

        text = _EXPANSION.sub(put, raw.strip('"'))
        self._environment.budget.spend(Work.EXPANSION, len(text))
        return text

    def _constant(self, name: str, word: Word) -> str | None:
        if word.value is not None:
            return word.value.partition("=")[2]
        raw = word.raw.partition("=")[2]
        text = self.composed(raw, word.start, own=name) if is_composed(raw) else UNKNOWN
        return None if UNKNOWN in text else text

    def _or_default(
        self, name: str, found: str | None, piece: re.Match[str], own: str
    ) -> str | None:
        """Give `${NAME:-default}` where NAME is empty, or certain to be unset."""
        if found == "":
            return piece["default"] if piece["unset"] == ":-" else found
        is_unset = (name == own or name not in self._assigned) and self._environment.lacks(name)
        return piece["default"] if is_unset else None


def name_assigned(word: Word) -> str:
    """Give the name that a word such as `NAME=value` or `NAME+=value` assigns to."""
    return word.raw.partition("=")[0].rstrip("+")
