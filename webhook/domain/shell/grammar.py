"""The shell's grammar, as far as it decides where simple commands begin and end.

The Shell Command Language of POSIX.1-2024 (2.9, 2.10), and what bash adds to it. Where dash and
bash read a text differently, the reading is one that is right for both, or the text is refused.
A text that every shell would reject may be read all the same.
"""

import re
from dataclasses import replace

from webhook.domain.shell.command import SimpleCommand
from webhook.domain.shell.compound import PARENTHESES, WORD_END, CompoundReader
from webhook.domain.shell.cursor import Cursor
from webhook.domain.shell.simple_command import read_simple_command
from webhook.domain.shell.words import WordReader

_OPERATOR = re.compile(r"\n|;;&|;;|;&|;|&&|&(?!>)|\|\||\|&|\||\(\(|\(|\)")
_JOINING = frozenset({"&&", "||", "|", "|&"})
_RESERVED = re.compile(
    r"(?:if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function|coproc|[{}!]|\[\[)"
    + WORD_END
)
# Before anything else "time" is a word like any other: dash has only the program of that name.
_TIME_OF_COMPOUND = re.compile(
    r"time(?:[ \t]+-p)?(?=[ \t]+(?:\(|(?:[{!]|\[\[|if|while|until|for|select|case)[ \t\n]))"
)
_SPLIT_OPERATOR = re.compile(r"([&|;<>(])(?:\\\n)+\1|[<>](?:\\\n)+[&|(]|[&|;](?:\\\n)+[&>]|\$\\\n")
_REWRITERS = frozenset({"eval", "alias"})
_BEFORE_REWRITERS = frozenset({"builtin", "command", "exec", "time"})


def scan(text: str) -> tuple[SimpleCommand, ...]:
    """Return every simple command in order of appearance, at any nesting.

    Commands inside ``$(…)``, backquotes and ``<(…)`` are not listed. U+E000 stands for a piece of
    text that is not known. The time taken is linear in the text.

    Raises Unscannable for unbalanced text and for what hides commands from a reader:
    here-documents, ``eval``, ``alias``, ``coproc``, and a server inside a substitution.
    """
    grammar = _Grammar(text)
    nul = text.find("\0")
    if nul >= 0:
        grammar.cursor.refuse("a NUL character", nul)
    if split := _SPLIT_OPERATOR.search(text):
        grammar.cursor.refuse("an operator split over two lines", split.start())
    return grammar.program()


class _Grammar:
    __slots__ = ("_background", "_compounds", "_found", "_words", "cursor")

    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self._words = WordReader(self.cursor, self._substitution)
        self._compounds = CompoundReader(self.cursor, self._words, self._block)
        self._found: list[SimpleCommand] = []
        self._background = bytearray()  # beside _found, a 1 for each command followed by "&"

    def program(self) -> tuple[SimpleCommand, ...]:
        self._commands(())
        for command in self._found:
            self._refuse_rewriting(command)
        return tuple(
            replace(command, background=True) if background else command
            for command, background in zip(self._found, self._background, strict=True)
        )

    def _commands(self, closers: tuple[str, ...]) -> str:
        """Read up to the first closer, or to the end of the text when there is none to come."""
        cursor = self.cursor
        list_start, joins = len(self._found), False
        while True:
            cursor.skip_blanks()
            at = cursor.offset
            operator = cursor.take(_OPERATOR)
            if not operator:
                if cursor.is_done():
                    return "" if not closers else cursor.refuse_here()
                if closer := self._command(closers):
                    return closer
            elif operator in closers:
                return operator
            else:
                self._operator(operator, at, list_start)
            if operator in ("&", ";") or (operator == "\n" and not joins):
                list_start = len(self._found)
            if operator != "\n":
                joins = operator in _JOINING

    def _operator(self, operator: str, at: int, list_start: int) -> None:
        match operator:
            case "&":
                self._background[list_start:] = b"\1" * (len(self._found) - list_start)
            case "(" | "((":
                self._compounds.read(operator, at)
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
            self._compounds.read(keyword, at)
        elif not keyword and not cursor.take(_TIME_OF_COMPOUND):
            self._simple_command()
        return ""

    def _simple_command(self) -> None:
        command = read_simple_command(self.cursor, self._words)
        if self.cursor.at("("):
            # The name of a function: its body follows, and is read like any other command.
            is_name = command and len(command.words) == 1 and not command.assignments
            if not is_name or not self.cursor.take(PARENTHESES):
                self.cursor.refuse_here()
        elif command is not None:
            self._found.append(command)
            self._background.append(0)

    def _block(self, opening: str, at: int, *closers: str) -> str:
        self.cursor.enter(opening, at)
        closer = self._commands(closers)
        self.cursor.leave()
        return closer

    def _substitution(self, opening: str) -> None:
        cursor, before = self.cursor, len(self._found)
        cursor.enter_substitution(opening, cursor.offset)
        cursor.offset += len(opening)
        self._commands((")",))
        cursor.leave_substitution()
        del self._found[before:]
        del self._background[before:]

    def _refuse_rewriting(self, command: SimpleCommand) -> None:
        for word in command.words:
            if word.value in _REWRITERS:
                self.cursor.refuse(repr(word.value), word.start)
            if word.value not in _BEFORE_REWRITERS:
                return
