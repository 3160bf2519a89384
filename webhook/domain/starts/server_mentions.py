"""Words that mention a server, which something else than a command of its own may start."""

import re
from collections.abc import Sequence
from itertools import pairwise
from posixpath import basename

from webhook.domain.images.catalog import SERVER_PROGRAMS
from webhook.domain.shell import Word
from webhook.domain.starts.arguments import ArgumentReader
from webhook.domain.starts.unscanned import names_server_command

PARAMETER = re.compile(r"""^"?\$(?:[0-9@*]|\{[!#]?[0-9@*][^}]*\})"?$""")
"""A word that is one of a text's parameters, or all of them, or their number."""


def hands_on_server(words: Sequence[str]) -> bool:
    """Tell whether a program is given a server to run behind `--`: `wait-for db:5432 -- …`."""
    return any(
        first == "--" and basename(word) in SERVER_PROGRAMS for first, word in pairwise(words)
    )


def names_any_server(words: Sequence[Word], reader: ArgumentReader) -> bool:
    """Tell whether a word is a server's program, or a variable or parameter that holds one."""
    return any(_names_server(word, reader) for word in words)


def is_parameter_of_server(word: Word, reader: ArgumentReader) -> bool:
    """Tell whether a word is a parameter, of those that the text is given, and they name a server.

    A function's own may be any of them.
    """
    named = any(basename(each) in SERVER_PROGRAMS for each in reader.given)
    return named and PARAMETER.match(word.raw) is not None


def _names_server(word: Word, reader: ArgumentReader) -> bool:
    return (
        names_server_command(word.value or "")
        or reader.names_server(word)
        or is_parameter_of_server(word, reader)
    )
