"""The command line of a server: what follows its program.

Source: Redis 7, src/server.c, main and checkForSentinelMode; tried on 7.0.15. The server turns its
options into lines of configuration and reads them behind the config file's; so does this module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.redis.arguments import quote_argument, split_arguments
from webhook.domain.redis.directives import Directive, parse_config

Special = Literal["version", "help", "test-memory", "check-system"]
"""What the program does instead of serving, when its first argument says so."""

_SPECIAL: Mapping[str, Special] = {
    "-v": "version",
    "--version": "version",
    "-h": "help",
    "--help": "help",
    "--test-memory": "test-memory",
    "--check-system": "check-system",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """What a command line says.

    `config_file` is the first argument when that is no option; it may hold UNKNOWN. `stdin` tells
    that configuration comes from standard input too. `waiting` names a last option that has no
    value yet and would swallow what is appended; a bare `--` waits as `--`. `opaque` tells that an
    argument which cannot be seen, perhaps the config file, may carry any option at all, and
    `joined` that an option stands in one element with its value.
    """

    config_file: str | None = None
    stdin: bool = False
    directives: tuple[Directive, ...] = ()
    waiting: str | None = None
    special: Special | None = None
    opaque: bool = False
    joined: bool = False


def parse_options(tokens: Sequence[str], source: str = "args") -> ServerOptions:
    """Read what follows the program; in the tokens, UNKNOWN stands for text that cannot be seen.

    `("/etc/redis.conf", "--maxmemory", "100mb")` has the config file and one directive;
    `("--requirepass",)` is `waiting` for its value.

    Raises DirectiveError on an unbalanced quote, as parse_config does.
    """
    special = special_of(tokens)
    if special is not None:
        return ServerOptions(special=special)
    line = _CommandLine()
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        line.read(token, following=following, is_first=index == 0)
    directives = parse_config("".join(line.text), source)
    return ServerOptions(
        config_file=line.config_file,
        stdin=line.stdin,
        directives=directives,
        waiting=line.waiting,
        opaque=line.opaque or any(UNKNOWN in directive.name for directive in directives),
        joined=line.joined,
    )


def special_of(tokens: Sequence[str]) -> Special | None:
    """Tell what the program does instead of serving."""
    return _SPECIAL.get(tokens[0]) if tokens else None


def is_sentinel(tokens: Sequence[str]) -> bool:
    """Tell whether it runs as a Sentinel.

    The server looks for this very word anywhere, also where it is another option's value.
    """
    return "--sentinel" in tokens


def render_options(options: tuple[str, ...]) -> str:
    """Write options as they stand in shell text and in variables."""
    return " ".join(option or '""' for option in options)


@dataclass(slots=True)
class _CommandLine:
    """The server's loop over its arguments; `text` are the pieces of configuration they make."""

    config_file: str | None = None
    stdin: bool = False
    opaque: bool = False
    waiting: str | None = None
    joined: bool = False
    text: list[str] = field(default_factory=list)

    def read(self, token: str, *, following: str | None, is_first: bool) -> None:
        if self.waiting is None and token.startswith((UNKNOWN, "-" + UNKNOWN)):
            self.opaque = True
        if is_first and not token.startswith(("-", UNKNOWN)):
            self.config_file = token
        elif token == "-" and (is_first or following is None):  # noqa: S105  # no password
            self.stdin = True
        elif self.waiting is None and token.startswith("--"):
            self._read_option(token, following)
        else:
            self.text.append(f"{quote_argument(token)} ")
            self.waiting = None

    def _read_option(self, token: str, following: str | None) -> None:
        self.text.append(f"\n{token[2:]} ")
        arguments = split_arguments(token)
        if arguments is None or len(arguments) != 1:
            self.joined = True
            return  # It brings its value along, as in `--maxmemory 100mb`, or is an error.
        if following is None or following.startswith("--"):
            # These two may stand without a value before another option and at the end.
            if token.lower() == "--save":
                self.text.append('""')
                return
            if token.lower() == "--sentinel":
                return
        self.waiting = arguments[0][2:].lower() or "--"
