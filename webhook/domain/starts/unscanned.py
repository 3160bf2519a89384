"""Whether a text names a server, where it cannot be scanned: by the looks of it."""

import re

# Each repetition is bounded: a text of a megabyte must not take quadratic time.
AT_COMMAND = re.compile(
    r"(?:^|[;&|(\n]|\b(?:exec|then|do|else|nohup|(?:gosu|su-exec)\s{1,8}\S{1,64})\s)\s{0,64}"
    r"(?:[^\s;&|]{0,128}/)?(?:redis|valkey|keydb)-server(?![\w.:-])"
)
"""A server's program where a command begins."""

_MENTION = re.compile(
    r"(?<![\w.@:-])(?<!-h )(?<!host[ =])(?:redis|valkey|keydb)-server(?![\w.:-]|\s+[0-9])",
    re.ASCII,
)


def names_server_command(text: str) -> bool:
    """Tell whether a text that cannot be scanned seems to start a server as a command."""
    return AT_COMMAND.search(text) is not None


def mentions_server(text: str) -> bool:
    """Tell whether a text that cannot be read names a server anywhere, other than as a host."""
    lines = (line for line in text.split("\n") if not line.lstrip().startswith("#"))
    return any(_MENTION.search(line) for line in lines)
