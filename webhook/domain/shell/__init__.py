"""Reads the text of ``sh -c TEXT``: its simple commands, and where words can be added."""

from webhook.domain.shell.command import SimpleCommand, Unscannable, Word
from webhook.domain.shell.grammar import scan

__all__ = ["SimpleCommand", "Unscannable", "Word", "scan"]
