"""What a launch can turn out to be."""

from dataclasses import dataclass

from webhook.domain.launch.injection_points import InjectionPoint
from webhook.domain.reasons import Reason
from webhook.domain.shell import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStart:
    """One start of a server: its program and the words behind it, UNKNOWN where not to be seen.

    `beside_others` tells that it does not end before the next command starts, `is_exec` that
    nothing comes after it. `copies` is how often it is started at most, None where that cannot be
    told, and `branches` are the alternatives that it stands in.
    """

    program: str
    words: tuple[str, ...]
    beside_others: bool = False
    is_exec: bool = False
    copies: int | None = 1
    branches: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachableServer:
    """A server whose options can be reached.

    `description` says in words how it is started. `changes_directory` tells that it may start
    elsewhere than in the image's working directory. `is_alone` tells that its container runs
    nothing but the server, as far as the Pod has a say: no other command of a text or script.
    `may_be_outdone` tells that words which cannot be seen may follow on what is injected.
    """

    starts: tuple[ServerStart, ...]
    injection_point: InjectionPoint
    description: str
    changes_directory: bool = False
    is_alone: bool = False
    may_be_outdone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreachableServer:
    """A server whose options cannot be reached, and why.

    `is_certain` is False where a script that cannot be read may just as well run something else.
    """

    reason: Reason
    detail: str
    is_certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAlone:
    """A server of another make, which takes care of its memory itself."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoServer:
    """A container that runs no server."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegatesTo:
    """What was read runs the command line from element `start` on, like an entrypoint or itself.

    `is_alone` tells that it does nothing else, as far as the Pod has a say, `is_closed` that it
    would look at elements added there.
    """

    start: int
    by_entrypoint: bool = False
    is_alone: bool = False
    is_closed: bool = False


Launch = ReachableServer | UnreachableServer | LeftAlone | NoServer
