"""The places of a launch where options can be put.

`code` is the name of each on the Pod: `source` in the status annotation.
"""

from dataclasses import dataclass
from typing import ClassVar

from webhook.domain.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """Options go behind the container's args; where it has none, `prefix` goes before them."""

    code: ClassVar[str] = "arguments"
    prefix: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """Options go behind the words of an environment variable, which the image's script adds."""

    code: ClassVar[str] = "variable"
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellText:
    """Options go into the shell text that is element `element` of command and args together.

    `offsets` are where, one for each start and ascending.
    """

    code: ClassVar[str] = "shell-text"
    element: int
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartScript:
    """Options go through a wrapper that runs a script with its server's line extended.

    The launch becomes `before`, the wrapper's text, `after`; the first `in_command` elements of
    that are the command, the rest are args. `shell` interprets the script, `program` is its server.
    """

    code: ClassVar[str] = "start-script"
    before: tuple[str, ...]
    after: tuple[str, ...]
    in_command: int
    shell: str
    program: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nowhere:
    """No option can be put: the server has what is seen of it, and `detail` says why no more.

    `is_certain` is False where it may just as well be no server.
    """

    code: ClassVar[str] = "nowhere"
    reason: Reason
    detail: str
    is_certain: bool = True


InjectionPoint = Arguments | Variable | ShellText | StartScript | Nowhere
