"""Compound commands: what begins with a reserved word."""

import re
from typing import Protocol

from webhook.domain.shell.cursor import Cursor
from webhook.domain.shell.redirection import skip_redirections
from webhook.domain.shell.words import WordReader

# A reserved word is one only as a whole word; it may end in a continued line.
WORD_END = r"(?=(?:\\\n)*+(?:[ \t\n;&|()<>]|\Z))"
_ESAC = re.compile("esac" + WORD_END)
_IN = re.compile("in" + WORD_END)
PARENTHESES = re.compile(r"[ \t]*\([ \t]*\)")
_TEST_OPERATOR = re.compile(r"[()<>&|;]")


class ReadBlock(Protocol):
    """How the commands inside a compound command are read."""

    def __call__(
        self, opening: str, at: int, *closers: str, branch: int = 0, rounds: int | None = None
    ) -> str:
        """Read up to the first closer of this level, and return it.

        ``opening`` and its offset ``at`` name the block when it is not closed. ``branch`` and
        ``rounds`` are those of Block.
        """


class Declare(Protocol):
    """How what a compound command says of the text around it is noted."""

    def function(self, name: str) -> None:
        """Note that the next command is the body of a function."""

    def loop_over_parameters(self, at: int) -> None:
        """Note a loop over the positional parameters."""


class CompoundReader:
    """Reads the rest of a compound command whose reserved word is behind the cursor."""

    __slots__ = ("_block", "_cursor", "_declare", "_words")

    def __init__(
        self, cursor: Cursor, words: WordReader, read_block: ReadBlock, declare: Declare
    ) -> None:
        self._cursor = cursor
        self._words = words
        self._block = read_block
        self._declare = declare

    def read(self, keyword: str, at: int) -> None:
        """Read it with its redirections; raise Unscannable for a keyword out of place."""
        match keyword:
            case "{":
                self._block("{", at, "}")
            case "(":
                self._block("(", at, ")")
            case "((":
                self._arithmetic(at)
            case "if":
                self._if(at)
            case "while" | "until":
                self._block(keyword, at, "do")
                self._block(keyword, at, "done")
            case "for" | "select":
                self._for(at)
            case "case":
                self._case(at)
            case "[[":
                self._test(at)
            case "function":
                self._cursor.skip_blanks()
                self._declare.function(self._words.required().raw)
                self._cursor.take(PARENTHESES)
            case _:
                self._cursor.refuse(f"an unexpected {keyword!r}", at)
        skip_redirections(self._cursor, self._words)

    def _if(self, at: int) -> None:
        self._block("if", at, "then")
        branch = 1
        while (closer := self._block("if", at, "elif", "else", "fi", branch=branch)) != "fi":
            branch += 1
            if closer == "elif":
                self._block("if", at, "then")

    def _for(self, at: int) -> None:
        cursor = self._cursor
        rounds = self._rounds(at)
        cursor.take_literal(";")
        cursor.skip_lines()
        match self._words.keyword():
            case "do":
                self._block("for", at, "done", rounds=rounds)
            case "{":
                self._block("for", at, "}", rounds=rounds)
            case _:
                cursor.refuse("a 'for' without 'do'", at)

    def _rounds(self, at: int) -> int | None:
        """Read what a loop goes over; its number of words, None where that cannot be told."""
        cursor = self._cursor
        cursor.skip_blanks()
        if cursor.at("(("):
            cursor.offset += 2
            self._arithmetic(cursor.offset - 2)
            cursor.skip_lines()
            return None
        self._words.required()
        cursor.skip_lines()
        if not cursor.take(_IN):
            self._declare.loop_over_parameters(at)
            return None
        cursor.skip_blanks()
        values: list[str | None] = []
        while word := self._words.optional():
            values.append(word.value)
            cursor.skip_blanks()
        return None if None in values else len(values)

    def _case(self, at: int) -> None:
        cursor = self._cursor
        cursor.skip_blanks()
        self._words.required()
        cursor.skip_lines()
        if not cursor.take(_IN):
            cursor.refuse("a 'case' without 'in'", at)
        cursor.skip_lines()
        branch = 1
        while not cursor.take(_ESAC):
            self._patterns()
            closer = self._block("case", at, ";;", ";&", ";;&", "esac", branch=branch)
            if closer == "esac":
                return
            branch += closer == ";;"  # Behind any other the next part may run too.
            cursor.skip_lines()

    def _patterns(self) -> None:
        cursor = self._cursor
        cursor.take_literal("(")
        while True:
            cursor.skip_blanks()
            self._words.required()
            cursor.skip_blanks()
            if cursor.take_literal(")"):
                return
            if not cursor.take_literal("|"):
                cursor.refuse_here()

    def _arithmetic(self, at: int) -> None:
        self._words.skip_arithmetic("((", at)
        # dash has no such command: to it these are two subshells.
        self._cursor.refuse_server("inside '(('", at)

    def _test(self, at: int) -> None:
        """``[[ … ]]``, where ``<``, ``(`` or ``&&`` are operators of the test."""
        cursor = self._cursor
        cursor.enter("[[", at)
        cursor.skip_lines()
        while cursor.take(_TEST_OPERATOR) or self._words.required().raw != "]]":
            cursor.skip_lines()
        cursor.leave()
