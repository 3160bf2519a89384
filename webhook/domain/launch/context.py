"""What a launch can turn out to be, and the places where options can be put."""

from dataclasses import dataclass

from webhook.domain.images.family import Family, OutOfReach
from webhook.domain.kubernetes.config_maps import Files
from webhook.domain.kubernetes.environment import Environment
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.kubernetes.pod import Container
from webhook.domain.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A container with what surrounds its launch: its image's family, environment and files.

    `ends` tells that its Pod runs to completion, which no server does.
    """

    container: Container
    family: Family | None
    environment: Environment
    files: Files
    ends: bool = False

    @property
    def knows_image(self) -> bool:
        """Tell whether it is known what the image starts, not only what it is called."""
        unlisted = OutOfReach(reason=Reason.UNKNOWN_IMAGE)
        return self.family is not None and self.family.start != unlisted

    def sets(self, variable: str) -> bool:
        """Tell whether a literal value in `env` wins for a variable."""
        entries = [entry for entry in self.container.env if entry.name == variable]
        return bool(entries) and entries[-1].value is not None

    def no_server(self, detail: str) -> "NoServer":
        """Judge that another program runs here."""
        reason = Reason.NOT_REDIS if self.family is None else Reason.OTHER_PROGRAM
        return NoServer(reason=reason, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """Options go behind the container's args; where it has none, `prefix` goes before them."""

    prefix: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """Options go behind the words of an environment variable, which the image's script adds."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellText:
    """Options go into the shell text that is element `element` of command and args together.

    `offsets` are where, one for each site and ascending.
    """

    element: int
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartScript:
    """Options go through a wrapper that runs a script with its server's line extended.

    The launch becomes `before`, the wrapper's text, `after`; the first `in_command` elements of
    that are the command, the rest are args. `shell` interprets the script, `program` is its server.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    in_command: int
    shell: str
    program: str


Place = Arguments | Variable | ShellText | StartScript


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One start of a server: its program and the words behind it, UNKNOWN where not to be seen.

    `beside_others` tells that it does not end before the next command starts.
    """

    program: str
    words: tuple[str, ...]
    beside_others: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server whose options can be reached.

    `seen` says in words how it is started. `moves` tells that it may start elsewhere than in the
    image's working directory.
    """

    sites: tuple[Site, ...]
    place: Place
    seen: str
    moves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """A server whose options cannot be reached, and why.

    `certain` is False where a script that cannot be read may just as well run something else.
    """

    reason: Reason
    detail: str
    certain: bool = True


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
class CommandLine:
    """A container's command and args together: raw, and as words after Kubernetes' expansion.

    A reference that nothing visible defines is UNKNOWN in the words. The first `in_command`
    elements stand in `command`.
    """

    raw: tuple[str, ...]
    words: tuple[str, ...]
    in_command: int

    def known(self, start: int) -> tuple[str | None, ...]:
        """Give the words from `start` on, None for those that hold unknown text."""
        return tuple(None if UNKNOWN in word else word for word in self.words[start:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """What was read runs the command line from element `start` on, like an entrypoint or itself."""

    start: int
    by_entrypoint: bool = False


Launch = Server | Unreachable | LeftAlone | NoServer
