"""Read a server's configuration in its order: the files that its options name, and the options."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from posixpath import basename, isabs, join

from webhook.domain.configuration.hints import read_hints
from webhook.domain.configuration.redis_configuration import (
    HIDDEN_FILE,
    Obstacle,
    RedisConfiguration,
)
from webhook.domain.images.family import Family
from webhook.domain.kubernetes.budget import Work
from webhook.domain.kubernetes.config_maps import mount_over
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.launch.context import ContainerContext
from webhook.domain.launch.launch import ServerStart
from webhook.domain.reasons import Reason
from webhook.domain.redis.command_line import ServerOptions, parse_options
from webhook.domain.redis.directives import Directive, DirectiveError, parse_config
from webhook.domain.redis.version import read_release

_DEEPEST_INCLUDE = 16
_SWALLOWS_BEHIND_JOINED = ((7, 0, 1), (7, 0, 2))
"""Releases that take an option behind `"--requirepass pw"` for a further value, and do not start.

Source: redis/redis, issue 10865; mended in 7.0.3 by its pull request 10866."""


def read_configuration(
    context: ContainerContext, start: ServerStart, *, changes_directory: bool
) -> RedisConfiguration:
    """Read a start's options, the configuration file they name, and what these include.

    `changes_directory` tells that it is not known in which directory the server starts.
    """
    budget = context.files.budget
    budget.spend(Work.STARTS, 1)
    budget.spend(Work.CONFIGURATION, sum(len(word) + 1 for word in start.words))
    try:
        options = parse_options(start.words)
    except DirectiveError as error:
        obstacle = Obstacle(reason=Reason.LAUNCH_UNDECIDABLE, detail=str(error))
        return RedisConfiguration(program=start.program, directives=(), obstacle=obstacle)
    reader = _Reader(
        context=context, directory=UNKNOWN if changes_directory else _directory(context)
    )
    if options.config_file is not None:
        reader.read_file(options.config_file)
    if options.stdin:
        reader.hide("standard input")
    if options.opaque:
        reader.add_opaque(options.directives)
    else:
        reader.add(options.directives)
    return RedisConfiguration(
        program=start.program,
        directives=tuple(reader.directives),
        hidden=tuple(dict.fromkeys(reader.hidden)),
        has_file=reader.has_file,
        has_image_file=reader.has_image_file,
        obstacle=_obstacle(options, context),
        hints=read_hints(context, reader.hidden_paths, reader.texts) if reader.hidden else None,
    )


def _directory(context: ContainerContext) -> str:
    family = context.family
    image = None if family is None else family.data_directory
    return context.container.working_dir or image or UNKNOWN


def _obstacle(options: ServerOptions, context: ContainerContext) -> Obstacle | None:
    if options.stdin:
        detail = "it reads its configuration from standard input"
        return Obstacle(reason=Reason.CONFIG_FROM_STDIN, detail=detail)
    if options.waiting is not None:
        option = context.shown(options.waiting, otherwise="which cannot be seen")
        detail = f"its last option, {option}, has no value yet"
        return Obstacle(reason=Reason.OPTION_WAITS_FOR_VALUE, detail=detail)
    is_told = options.joined and context.version is not None
    release = read_release(context.container.image) if is_told else None
    if release in _SWALLOWS_BEHIND_JOINED:
        detail = "an option of its stands in one element with its value, behind which Redis "
        detail += f"{'.'.join(map(str, release))} takes no other"
        return Obstacle(reason=Reason.JOINED_OPTION, detail=detail)
    return None


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Follows files and includes, in the order in which the server would."""

    context: ContainerContext
    directory: str
    directives: list[Directive] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    has_file: bool = False
    has_image_file: bool = False
    hidden_paths: list[str] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    under_way: set[str] = field(default_factory=set)

    def add(self, directives: Iterable[Directive]) -> None:
        for directive in directives:
            self.context.files.budget.spend(Work.DIRECTIVES, 1)
            if directive.name == "include":
                for path in directive.values:
                    self.read_file(path or UNKNOWN)
            else:
                self.directives.append(directive)

    def add_opaque(self, directives: Iterable[Directive]) -> None:
        """Add the directives of a command line in which whole options cannot be seen."""
        for directive in directives:
            self.add((directive,))
            if UNKNOWN in directive.name or None in directive.values[1:]:
                self.hide("words of its command line")

    def read_file(self, path: str) -> None:
        """Add a file's directives; one that includes itself would never be read to its end."""
        self.has_file = True
        shown = self._shown(path)
        path = path if isabs(path) else join(self.directory, path)
        if path in self.under_way or len(self.under_way) >= _DEEPEST_INCLUDE or UNKNOWN in path:
            self.hide(shown)
            self.hidden_paths.append(path)
            return
        self.context.files.budget.spend(Work.FILES, 1)
        self.under_way.add(path)
        texts = list(self._texts(path))
        if not texts and not self._is_stock(path):
            self.hide(shown)
            self.hidden_paths.append(path)
        for text in texts:
            self._read_text(text, shown)
        self.under_way.remove(path)

    def _shown(self, path: str) -> str:
        """Name a file by its whole path, if the Pod itself says it."""
        family = self.context.family
        if family is not None and path == family.config_file:
            return f"the file {path}"
        if UNKNOWN in path or self.context.shown(path, otherwise="") == "":
            return "a file"
        return f"the file {path if isabs(path) else join(self.directory, path)}"

    def _read_text(self, text: str, source: str) -> None:
        self.context.files.budget.spend(Work.CONFIGURATION, len(text))
        self.texts.add(text)
        try:
            self.add(parse_config(text, source))
        except DirectiveError as error:
            self.hidden.append(str(error))

    def hide(self, what: str) -> None:
        """Note that something is configured here which cannot be seen."""
        self.hidden.append(what)
        self.directives.append(Directive(name=HIDDEN_FILE, values=(), source=what))

    def _texts(self, path: str) -> Iterator[str]:
        """Give the file's text; a Bitnami image copies its own from where a chart mounts it.

        That is beside it, as redis-default.conf, or in mounted-etc (bitnami/containers, libredis.sh
        and librediscluster.sh: redis_initialize, redis_cluster_initialize).
        """
        container, files = self.context.container, self.context.files
        text = files.read(container, path)
        if text is not None:
            yield text
            return
        stem, _, ending = path.rpartition(".")
        text = files.read(container, f"{stem}-default.{ending}") if self._is_copied(path) else None
        if text is not None:
            self.has_image_file = True
            yield text
        for directory in self._copied_from(path):
            for name in (basename(path), "overrides.conf"):
                text = files.read(container, join(directory, name))
                if text is not None:
                    self.has_image_file = True
                    yield text

    def _is_copied(self, path: str) -> bool:
        family = self.context.family
        return family is not None and any(path.startswith(f"{at}/") for at in family.config_mounts)

    def _copied_from(self, path: str) -> tuple[str, ...]:
        family = self.context.family
        if family is None or not self._is_copied(path):
            return ()
        return tuple(at for at in family.config_mounts if at.endswith("/mounted-etc"))

    def _is_stock(self, path: str) -> bool:
        family = self.context.family
        if family is None or path != family.config_file or self._is_covered(family, path):
            return False
        self.has_image_file = True
        self.add(
            Directive(name=name, values=(value,), source=path)
            for name, value in family.default_directives
        )
        self.add(
            Directive(name=name, values=(None if UNKNOWN in value else value,), source=path)
            for name, variable in family.directive_variables
            if (value := self.context.environment.get(variable))
        )
        return True

    def _is_covered(self, family: Family, path: str) -> bool:
        container = self.context.container
        return any(mount_over(container, at) for at in (path, *family.config_mounts))
