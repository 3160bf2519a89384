"""The shell's grammar, as far as it decides where simple commands begin and end.

The Shell Command Language of POSIX.1-2024 (2.9, 2.10), and what bash adds to it. Where dash and
bash read a text differently, the reading is one that is right for both, or the text is refused.
A text that every shell would reject may be read all the same.
"""

import re
from dataclasses import replace

from webhook.domain.shell.command import Block, Kind, Program, SimpleCommand, Span
from webhook.domain.shell.compound import PARENTHESES, WORD_END, CompoundReader
from webhook.domain.shell.cursor import Cursor
from webhook.domain.shell.lists import CommandList, flagged
from webhook.domain.shell.simple_command import read_simple_command
from webhook.domain.shell.words import WordReader

_OPERATOR = re.compile(r"\n|;;&|;;|;&|;|&&|&(?!>)|\|\||\|&|\||\(\(|\(|\)")
_RESERVED = re.compile(
    r"(?:if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function|coproc|[{}!]|\[\[)"
    + WORD_END
)
# Before anything else "time" is a word like any other: dash has only the program of that name.
_TIME_OF_COMPOUND = re.compile(
    r"time(?:[ \t]+-p)?(?=[ \t]+(?:\(|(?:[{!]|\[\[|if|while|until|for|select|case)[ \t\n]))"
)
_SPLIT_OPERATOR = re.compile(r"([&|;<>(])(?:\\\n)+\1|[<>](?:\\\n)+[&|(]|[&|;](?:\\\n)+[&>]|\$\\\n")
_BEFORE_ALIAS = frozenset({"builtin", "command", "exec", "time"})
_KINDS = {
    "if": Kind.BRANCH,
    "case": Kind.BRANCH,
    "for": Kind.LOOP,
    "while": Kind.LOOP,
    "until": Kind.LOOP,
    "(": Kind.SUBSHELL,
}


def scan(text: str) -> tuple[SimpleCommand, ...]:
    """Return the commands of ``read_program``."""
    return read_program(text).commands


def read_program(text: str) -> Program:
    """Return every simple command in order of appearance, at any nesting, and what is around them.

    Commands inside ``$(…)``, backquotes and ``<(…)`` are not listed. U+E000 stands for a piece of
    text that is not known. The time taken is linear in the text.

    Raises Unscannable for unbalanced text and for what hides commands from a reader:
    here-documents, ``alias``, ``coproc``, and a server inside a substitution. What ``eval`` runs is
    not read.
    """
    grammar = _Grammar(text)
    nul = text.find("\0")
    if nul >= 0:
        grammar.cursor.refuse("a NUL character", nul)
    if split := _SPLIT_OPERATOR.search(text):
        grammar.cursor.refuse("an operator split over two lines", split.start())
    return grammar.program()


class _Grammar:
    __slots__ = (
        "_blocks", "_compounds", "_defining", "_flags", "_found", "_functions", "_loops", "_words",
        "cursor",
    )  # fmt: skip

    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self._words = WordReader(self.cursor, self._substitution)
        self._compounds = CompoundReader(self.cursor, self._words, self._block, self)
        self._found: list[SimpleCommand] = []
        self._flags = bytearray()  # beside _found
        self._blocks: list[Block] = []
        self._functions: list[Span] = []
        self._loops: list[int] = []
        self._defining: str | None = None  # the function whose body comes next

    def program(self) -> Program:
        self._commands(())
        for command in self._found:
            self._refuse_alias(command)
        return Program(
            commands=tuple(map(flagged, self._found, self._flags)),
            functions=tuple(self._functions),
            comments=tuple(self.cursor.comments),
            quoted=tuple(self.cursor.quoted),
            over_parameters=tuple(self._loops),
        )

    def function(self, name: str) -> None:
        self._defining = name

    def loop_over_parameters(self, at: int) -> None:
        self._loops.append(at)

    def _commands(self, closers: tuple[str, ...]) -> str:
        """Read up to the first closer, or to the end of the text when there is none to come."""
        cursor = self.cursor
        line = CommandList(start=len(self._found), pipeline=len(self._found))
        while True:
            cursor.skip_blanks()
            at, before = cursor.offset, len(self._found)
            operator = cursor.take(_OPERATOR)
            if not operator:
                if cursor.is_done():
                    return "" if not closers else cursor.refuse_here()
                if closer := self._command(closers):
                    return closer
            elif operator in closers:
                return operator
            else:
                self._operator(operator, at)
            line.go_on(operator, self._flags, before)

    def _operator(self, operator: str, at: int) -> None:
        match operator:
            case "(" | "((":
                self._compound(operator, at)
            case ")" | ";;" | ";&" | ";;&":
                self.cursor.refuse(f"an unexpected {operator!r}", at)
            case _:
                pass

    def _command(self, closers: tuple[str, ...]) -> str:
        """Read one command that is no subshell; return the closer when that stands here."""
        cursor = self.cursor
        at = cursor.offset
        keyword = cursor.take(_RESERVED)
        if keyword in closers:
            return keyword
        if keyword and keyword != "!":
            self._compound(keyword, at)
        elif not keyword and not cursor.take(_TIME_OF_COMPOUND):
            self._simple_command()
        return ""

    def _compound(self, keyword: str, at: int) -> None:
        name = self._enter_body(at)
        self._compounds.read(keyword, at)
        self._leave_body(name, at)

    def _simple_command(self) -> None:
        at = self.cursor.offset
        name = self._enter_body(at)
        command = read_simple_command(self.cursor, self._words)
        if self.cursor.at("("):
            # The name of a function: its body follows, and is read like any other command.
            is_name = command and len(command.words) == 1 and not command.assignments
            if command is None or not is_name or not self.cursor.take(PARENTHESES):
                self.cursor.refuse_here()
            self._leave_body(name, at)
            self._defining = command.words[0].raw
            return
        if command is not None:
            self._found.append(replace(command, blocks=tuple(self._blocks)))
            self._flags.append(0)
        self._leave_body(name, at)

    def _enter_body(self, at: int) -> str | None:
        name, self._defining = self._defining, None
        if name is not None:
            self._blocks.append(Block(kind=Kind.FUNCTION, at=at, name=name))
        return name

    def _leave_body(self, name: str | None, at: int) -> None:
        if name is not None:
            self._blocks.pop()
            self._functions.append(Span(start=at, end=self.cursor.offset, name=name))

    def _block(
        self, opening: str, at: int, *closers: str, branch: int = 0, rounds: int | None = None
    ) -> str:
        self.cursor.enter(opening, at)
        kind = _KINDS.get(opening)
        if kind is not None:
            self._blocks.append(Block(kind=kind, at=at, branch=branch, rounds=rounds))
        closer = self._commands(closers)
        if kind is not None:
            self._blocks.pop()
        self.cursor.leave()
        return closer

    def _substitution(self, opening: str) -> None:
        cursor, before = self.cursor, len(self._found)
        cursor.enter_substitution(opening, cursor.offset)
        cursor.offset += len(opening)
        self._commands((")",))
        cursor.leave_substitution()
        del self._found[before:]
        del self._flags[before:]

    def _refuse_alias(self, command: SimpleCommand) -> None:
        for word in command.words:
            if word.value == "alias":
                self.cursor.refuse(repr(word.value), word.start)
            if word.value not in _BEFORE_ALIAS:
                return
