"""Reads the text of ``sh -c TEXT``: its simple commands, and where words can be added."""

from webhook.domain.shell.command import (
    Block,
    Kind,
    Program,
    SimpleCommand,
    Span,
    Unscannable,
    Word,
)
from webhook.domain.shell.grammar import read_program, scan

__all__ = [
    "Block",
    "Kind",
    "Program",
    "SimpleCommand",
    "Span",
    "Unscannable",
    "Word",
    "read_program",
    "scan",
]
