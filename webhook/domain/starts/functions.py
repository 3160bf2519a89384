"""The functions of a shell text: which of them take its own parameters, and who calls them."""

import re
from collections import Counter
from collections.abc import Mapping

from webhook.domain.shell import Program, Word
from webhook.domain.shell.visible import without

_NAME = re.compile(r"(?<![\w$.-])(?<!\$\{)(?<!\$\{[#!])[A-Za-z_][\w-]*")


def inlined_functions(text: str, program: Program) -> Mapping[str, Word]:
    """Give the functions that are called once and with all of the text's parameters.

    Their parameters are the text's: `main "$@"`. The value is the word that hands them on.
    """
    candidates = {}
    for command in program.commands:
        if len(command.words) == 2 and command.words[1].raw == '"$@"' and command.function is None:
            candidates[command.words[0].raw] = command.words[1]
    if not candidates:
        return {}
    defined = Counter(span.name for span in program.functions)
    named = mentions(text, program)
    return {
        name: word for name, word in candidates.items() if defined[name] == 1 and named[name] == 2
    }


def mentions(text: str, program: Program) -> Counter[str]:
    """Count each name outside comments, but not where its value is asked for, as in `$NAME`."""
    return Counter(_NAME.findall(without(text, program.comments)))
