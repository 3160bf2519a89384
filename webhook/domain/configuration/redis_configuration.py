"""What is visible of a server's configuration: its options, and the files that these name."""

from dataclasses import dataclass

from webhook.domain.configuration.hints import Hints
from webhook.domain.reasons import Reason
from webhook.domain.redis.directives import Directive, last_directive

HIDDEN_FILE = "include"
"""The name of the directive that stands in for a file which cannot be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why nothing may be put behind a server's options, if that is certain to be a server."""

    reason: Reason
    detail: str
    is_certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisConfiguration:
    """One server's configuration.

    `directives` stand in the order in which the server reads them: the last of a name wins.
    `hidden` says in words what cannot be seen. `has_file` tells that a file takes part,
    `has_image_file` that one does which the image brings along. `hints` are what the Pod says
    elsewhere of what cannot be seen.
    """

    program: str
    directives: tuple[Directive, ...]
    hidden: tuple[str, ...] = ()
    has_file: bool = False
    has_image_file: bool = False
    obstacle: Obstacle | None = None
    hints: Hints | None = None

    @property
    def is_bare(self) -> bool:
        """Tell whether the server is started with nothing at all."""
        return not (self.directives or self.hidden or self.has_file)


def visible_directive(configuration: RedisConfiguration, name: str) -> Directive | None:
    """Find the directive that wins, None when there is none or a hidden file behind it may win."""
    for directive in reversed(configuration.directives):
        if directive.name == HIDDEN_FILE:
            return None
        if directive.name == name:
            return directive
    return None


def outdone_directive(configuration: RedisConfiguration, name: str) -> Directive | None:
    """Find the directive that would win if what is hidden behind it said nothing of it."""
    return last_directive(configuration.directives, name)
