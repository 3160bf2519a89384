"""What `eval` runs, where the text itself tells it.

An `eval` may start a server or change one's options out of sight, so a text with one is left alone.
Charts ask their Sentinels by a command that they put together and `eval`: where all of what is put
together is in the text, and is a client's command and nothing else, it does neither.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from posixpath import basename

from webhook.domain.kubernetes.budget import Work
from webhook.domain.kubernetes.environment import Environment
from webhook.domain.shell import Program, SimpleCommand, Unscannable, read_program
from webhook.domain.shell.exec_wrappers import program_index
from webhook.domain.starts.assignments import assignments

_CLIENTS = frozenset({"redis-cli", "valkey-cli", "keydb-cli", "echo", "printf", "true", ":"})
_PREFIXES = frozenset({"builtin", "command"})
_PRINTING = frozenset({"echo", "printf"})
_PIECE = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z_]\w*)\}|(?P<bare>[A-Za-z_]\w*)|\((?P<call>[A-Za-z_]\w*)[^()$`]*\))"
)
_MOST = 16
_DEEPEST = 4


def is_eval(command: SimpleCommand) -> bool:
    """Tell whether a command runs text that is put together from its words."""
    values = [word.value for word in command.words if word.value not in _PREFIXES]
    return values[:1] == ["eval"]


def evaluates_clients_only(
    command: SimpleCommand, program: Program, environment: Environment
) -> bool:
    """Tell whether an `eval` can be seen to run nothing but commands of a client."""
    at = next(i for i, word in enumerate(command.words) if word.value == "eval")
    raw = " ".join(_unquoted(word.raw) for word in command.words[at + 1 :])
    texts = list(islice(_Texts(program, environment).of(raw, 0), _MOST + 1))
    return 0 < len(texts) <= _MOST and all(text is not None and _asks(text) for text in texts)


def _asks(text: str) -> bool:
    try:
        commands = read_program(text).commands
    except Unscannable:
        return False
    return all(_is_client(command) for command in commands)


def _is_client(command: SimpleCommand) -> bool:
    index = program_index([word.value for word in command.words])
    return index is not None and basename(command.words[index].value or "") in _CLIENTS


class _Texts:
    """Puts together what a piece of shell text may come to, None where it cannot be told."""

    def __init__(self, program: Program, environment: Environment) -> None:
        self._environment = environment
        self._program = program
        given: dict[str, list[str]] = {}
        for each in assignments(program):
            value = _unquoted(each.word.raw.partition("=")[2])
            given.setdefault(each.name, []).append(f"${each.name}" if each.adds else value)
        self._given: Mapping[str, list[str]] = given

    def of(self, raw: str, depth: int) -> Iterator[str | None]:
        """Give each text that a raw one may come to."""
        pieces: list[list[str | None]] = []
        position = 0
        for piece in _PIECE.finditer(raw):
            pieces += ([raw[position : piece.start()]], self._values(piece, depth))
            position = piece.end()
        pieces.append([raw[position:]])
        for parts in product(*pieces):
            known = [part for part in parts if part is not None]
            yield "".join(known) if len(known) == len(parts) else None

    def _values(self, piece: re.Match[str], depth: int) -> list[str | None]:
        if depth >= _DEEPEST or len(self._given.get(piece["braced"] or piece["bare"], ())) > _MOST:
            return [None]
        self._environment.budget.spend(Work.SHELL_WORDS, 1)
        name = piece["braced"] or piece["bare"]
        if name is not None and name not in self._given:
            return [self._from_outside(name, piece[0])]
        sources = self._printed(piece["call"]) if name is None else self._given[name]
        texts = [text for each in sources for text in islice(self.of(each, depth + 1), _MOST)]
        return list(dict.fromkeys(texts)) or [None]

    def _from_outside(self, name: str, raw: str) -> str:
        """Give a variable that the text does not set: empty, or as it stands, for an argument."""
        is_unset = name[0].islower() and self._environment.get(name) is None
        return "" if is_unset else raw

    def _printed(self, function: str) -> list[str]:
        """Give what a function of the text prints, when it does nothing else."""
        commands = [each for each in self._program.commands if each.function == function]
        if not commands or any(
            len(each.words) != 2 or each.words[0].value not in _PRINTING for each in commands
        ):
            return []
        return [_unquoted(each.words[1].raw) for each in commands]


def _unquoted(raw: str) -> str:
    """Take the quotes off a word, and the backslashes that they needed."""
    if len(raw) > 1 and raw[0] == raw[-1] == '"':
        return re.sub(r'\\([$"`\\])', r"\1", raw[1:-1])
    return raw[1:-1] if len(raw) > 1 and raw[0] == raw[-1] == "'" else raw
