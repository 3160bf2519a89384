"""Servers that a text names, where it cannot be scanned: by the looks of it, line by line."""

import re
from dataclasses import replace
from itertools import islice
from posixpath import basename

from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.launch.launch import ServerStart
from webhook.domain.redis.command_line import is_sentinel, special_of
from webhook.domain.starts.unscanned import AT_COMMAND

_MOST = 16
"""How many commands are looked at: each costs as much as its text is long."""

# Each repetition is bounded: a text of a megabyte must not take quadratic time.
_INCLUDE = re.compile(r"""--include["'\s]{1,8}(/[^\s"'$]{1,256})""")
_REPEATS = re.compile(r"\b(?:for|while|until|select|function|xargs|parallel)\b|\(\)")
"""What may run a command more than once."""

_WORDS = re.compile(r"""(?P<words>[^\n;|&<>#()"'`\\]*)(?P<end>["'`\\]?)""")


def named_starts(text: str) -> tuple[ServerStart, ...]:
    """Give the servers that a text seems to start, UNKNOWN for words that cannot be told.

    None where there are too many to look at. `CMD="exec redis-server /r.conf"` names one with
    `/r.conf`, and with whatever is put behind it later: that are files which the text includes.
    One that does not take the shell's place may run beside the others.
    """
    commands = list(islice(AT_COMMAND.finditer(text), _MOST + 1))
    if len(commands) > _MOST:
        return ()
    repeats = _REPEATS.search(text) is not None
    found = [start for each in commands if (start := _start(text, each, repeats=repeats))]
    included = tuple(
        word for path in dict.fromkeys(_INCLUDE.findall(text)) for word in ("--include", path)
    )
    return tuple(
        replace(start, words=start.words + included) if UNKNOWN in start.words else start
        for start in found
    )


def _start(text: str, command: re.Match[str], *, repeats: bool) -> ServerStart | None:
    line = text[text.rfind("\n", 0, command.end()) + 1 : command.end()]
    behind = _WORDS.match(text, command.end())
    if line.lstrip().startswith("#") or behind is None:
        return None
    words = tuple(UNKNOWN if "$" in word else word for word in behind["words"].split())
    if is_sentinel(words) or special_of(words) is not None:
        return None
    more = (UNKNOWN,) if behind["end"] else ()
    *before, program = command[0].split()
    is_exec = "exec" in before
    return ServerStart(
        program=basename(program),
        words=(*words, *more),
        beside_others=not is_exec,
        is_exec=is_exec,
        copies=None if repeats and not is_exec else 1,
    )
