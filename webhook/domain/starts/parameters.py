"""Whether a shell text looks at its positional parameters, other than by handing them on.

Options behind a script's arguments become its parameters: harmless where they go to the server and
nowhere else, fatal where the script counts them, takes the last, or goes through all of them.
"""

import re
from collections.abc import Iterable

from webhook.domain.shell import Kind, Program, SimpleCommand, Span, Word
from webhook.domain.shell.visible import without
from webhook.domain.starts.functions import inlined_functions

_REFERENCE = re.compile(r"\$(?:\{[!#]?([0-9]+|[@*#])[^}]*\}?|([0-9@*#]))|BASH_ARG[VC]\b")
# With a parameter before them these come out the same, however many more there are.
_ANY_AT_ALL = re.compile(
    r"""\$\{?\#\}?["']?\s+(?:-eq|-ne|-gt|=|==|!=)\s+["']?0\b|\$\{?\#\}?["']?\s+(?:-lt|-ge)\s+["']?1\b"""
)


def looks_at_parameters(text: str, program: Program, given: int, handed_on: Iterable[Word]) -> bool:
    """Tell whether further parameters, behind those given, could change what a text does.

    `handed_on` are the words by which the parameters reach the server. A function's own parameters
    are none of the text's, unless it is called once and with all of them.
    """
    inlined = inlined_functions(text, program)
    own = [span for span in program.functions if span.name not in inlined]
    commands = [each for each in program.commands if each.function in {None, *inlined}]
    shifted = _shifted(commands)
    if shifted is None or shifted > given or any(map(_takes_parameters, commands)):
        return True
    if any(not _is_within(at, own) for at in program.over_parameters):
        return True
    words = [Span(start=word.start, end=word.end) for word in (*handed_on, *inlined.values())]
    rest = without(text, (*program.comments, *program.quoted, *own, *words))
    if given:
        rest = _ANY_AT_ALL.sub("", rest)
    return any(_is_beyond(each, given - shifted) for each in _REFERENCE.finditer(rest))


def changes_parameters(command: SimpleCommand) -> bool:
    """Tell `shift`, and `set` with operands; `set -e` leaves the parameters as they are."""
    values = _values(command)
    return values[:1] == ("shift",) or sets_parameters(command)


def sets_parameters(command: SimpleCommand) -> bool:
    """Tell a `set` that gives the text parameters of its own."""
    values = _values(command)
    if values[:1] != ("set",):
        return False
    return any(
        value is None or value == "--" or value[:1] not in ("-", "+") for value in _behind(values)
    )


def _behind(values: tuple[str | None, ...]) -> Iterable[str | None]:
    """Give the words of `set` that are no option and no option's name."""
    takes_name = False
    for value in values[1:]:
        if not takes_name:
            yield value
        takes_name = value is not None and value[:1] in ("-", "+") and value[-1:] == "o"


def _values(command: SimpleCommand) -> tuple[str | None, ...]:
    values = tuple(word.value for word in command.words)
    while values[:1] in (("command",), ("builtin",)):
        values = values[1:]
    return values


def _shifted(commands: Iterable[SimpleCommand]) -> int | None:
    """Count how many parameters are dropped at most; None where that cannot be told."""
    shifted = 0
    for command in commands:
        values = _values(command)
        if values[:1] != ("shift",):
            continue
        amount = values[1] if len(values) > 1 else "1"
        is_counted = amount is not None and amount.isascii() and amount.isdigit()
        if not is_counted or any(block.kind is Kind.LOOP for block in command.blocks):
            return None
        shifted += int(amount or "")
    return shifted


def _takes_parameters(command: SimpleCommand) -> bool:
    """Tell builtins that read the parameters without naming them."""
    values = _values(command)
    match values[:1]:
        case ("getopts",):
            return len(values) < 4
        case ("." | "source",):
            return len(values) < 3
        case ("eval",):
            return True
        case ("set",):
            # A set that puts the server before the parameters is among the words handed on.
            return sets_parameters(command) and command.words[-1].raw not in ('"$@"', '"${@}"')
        case _:
            return False


def _is_within(offset: int, spans: Iterable[Span]) -> bool:
    return any(span.start <= offset < span.end for span in spans)


def _is_beyond(reference: re.Match[str], given: int) -> bool:
    name = reference[1] or reference[2]
    return name is None or not name.isdigit() or int(name[:6]) > given
