"""One look at a cluster, for the commands that begin with one: open, find the policy, go round."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from webhook.audit.gathering import Gap, Reader
from webhook.audit.look import AuditBasis, NamespaceLook, look_at
from webhook.audit.server import AuditedServer
from webhook.audit.side_by_side import side_by_side
from webhook.cli.commands.release_policy import ClusterPolicy, find_policy
from webhook.cli.terminal.printable import printable
from webhook.cluster.connection import ClusterError, OpenedCluster, open_cluster
from webhook.cluster.reading import ClusterReader
from webhook.cluster.whole import WholeClusterReader
from webhook.domain.policy.settings import Mode

_AT_ONCE = 4
"""Namespaces that are read side by side: each holds one page at a time."""

_GLOB = frozenset("*?[")
_SILENT = "the cluster did not answer any more"


class InputError(Exception):
    """What was asked for cannot be looked at: no cluster, no policy, no such namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRequest:
    """Where to look, as `cluster_options` say it."""

    namespaces: tuple[str, ...]
    all_namespaces: bool
    excluded: tuple[str, ...]
    selector: str
    context: str | None
    kubeconfig: Path | None
    policy: str
    page_size: int
    request_timeout: float
    quiet: bool
    no_progress: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found in the cluster, in the order of the namespaces."""

    cluster: OpenedCluster
    policy: ClusterPolicy
    names: tuple[str, ...]
    pods_seen: int
    servers: tuple[AuditedServer, ...]
    gaps: tuple[Gap, ...]

    @property
    def namespaces(self) -> int:
        """How many namespaces were looked at."""
        return len(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSession:
    """An opened cluster and the policy by which it is looked at."""

    request: ClusterRequest
    cluster: OpenedCluster
    reader: ClusterReader
    policy: ClusterPolicy

    def names(self) -> Sequence[str]:
        """Name the namespaces to look at. Raises InputError where one is not there, or none left.

        Only -A and globs ask for the list of namespaces: a Role in each is enough without.
        """
        request = self.request
        asked = request.namespaces or (self.cluster.namespace,)
        is_listed = request.all_namespaces or any(_GLOB & {*name} for name in asked)
        names = self._list() if is_listed else self._there(asked)
        chosen = [
            name
            for name in names
            if (request.all_namespaces or _matches(name, asked))
            and not _matches(name, request.excluded)
        ]
        if not chosen:
            raise InputError(f"no namespace is called {', '.join(asked)}")
        return list(dict.fromkeys(chosen))

    def look(self, assume: Mode) -> Looked:
        """Look at every namespace. What cannot be read is a gap. Raises InputError."""
        names = self.names()
        basis = AuditBasis(
            policy=self.policy.policy,
            floors=self.policy.floors,
            assume=assume,
            exempt_namespaces=self.policy.exempt_namespaces,
        )
        reader = WholeClusterReader(self.reader) if self.request.all_namespaces else self.reader
        take = _LooksWhileAnswered(reader=reader, basis=basis)
        looks: list[NamespaceLook] = []
        with progress(self.request, len(names)) as advance:
            for look in side_by_side(take, names, at_once=_AT_ONCE):
                looks.append(look)
                advance(look.namespace)
        return self._looked(looks)

    def _list(self) -> Sequence[str]:
        try:
            return self.reader.namespaces()
        except ClusterError as error:
            hint = "; -n NAMESPACE needs no right of the whole cluster"
            raise InputError(f"namespaces cannot be listed: {error}{hint}") from None

    def _there(self, asked: Sequence[str]) -> Sequence[str]:
        if lacking := [name for name in asked if self.reader.lacks_namespace(name)]:
            raise InputError(f"no namespace is called {', '.join(lacking)}")
        return asked

    def _looked(self, looks: Sequence[NamespaceLook]) -> Looked:
        return Looked(
            cluster=self.cluster,
            policy=self.policy,
            names=tuple(look.namespace for look in looks),
            pods_seen=sum(look.pods_seen for look in looks),
            servers=tuple(server for look in looks for server in look.servers),
            gaps=tuple(gap for look in looks for gap in look.gaps),
        )


def open_session(request: ClusterRequest) -> ClusterSession:
    """Open the cluster and find the policy. Raises InputError."""
    try:
        cluster = open_cluster(kubeconfig=request.kubeconfig, context=request.context)
    except ClusterError as error:
        raise InputError(str(error)) from None
    reader = ClusterReader(
        cluster.client(),
        page_size=request.page_size,
        seconds=request.request_timeout,
        selector=request.selector,
    )
    policy = find_policy(request.policy, reader, is_whole=request.all_namespaces)
    return ClusterSession(request=request, cluster=cluster, reader=reader, policy=policy)


@contextmanager
def progress(request: ClusterRequest, total: int) -> Iterator[Callable[[str], None]]:
    """Show on a terminal's standard error how far the look is."""
    is_shown = sys.stderr.isatty() and not (request.quiet or request.no_progress)
    columns = (BarColumn(), TextColumn("{task.completed}/{task.total} {task.description}"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not is_shown) as bar:
        task = bar.add_task("", total=total)
        yield lambda what: bar.update(task, advance=1, description=printable(what))


def say(request: ClusterRequest, text: str) -> None:
    """Say something on standard error, unless --quiet."""
    if not request.quiet:
        click.echo(printable(text), err=True)


def say_asking(request: ClusterRequest, servers: Iterable[AuditedServer]) -> None:
    """Say how many running servers are asked, before it is done."""
    pods = sum(len(server.pods) for server in servers)
    say(request, f"Asking {pods} running servers by pods/exec: INFO and CONFIG GET.")


@dataclass(slots=True, kw_only=True)
class _LooksWhileAnswered:
    """Looks at namespaces until the cluster falls silent: 500 of them would each time out."""

    reader: Reader
    basis: AuditBasis
    is_silent: bool = False

    def __call__(self, name: str) -> NamespaceLook:
        if self.is_silent:
            return _unread(name, _SILENT)
        try:
            return look_at(name, self.reader, self.basis)
        except ClusterError as error:
            self.is_silent = True
            return _unread(name, str(error))


def _unread(name: str, why: str) -> NamespaceLook:
    return NamespaceLook(namespace=name, gaps=(Gap(namespace=name, what="", why=why),))


def _matches(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
