"""A running cluster, as tests and people use it."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.harness.command import Output, run
from tests.harness.failure import ClusterError


class AuditLogMissingError(ClusterError):
    """This cluster's API server keeps no audit log that can be read from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Where a cluster is and what to reach it with: the node of these tests, or the user's own.

    `enter` stands before the command of every client. `load_image` is the command that makes the
    archive of an image, its last argument, known to the nodes. `audit_log` and `static_pods` are
    files of the node of these tests; nobody else's can be reached.
    """

    kubeconfig: Path
    enter: tuple[str, ...] = ()
    load_image: tuple[str, ...]
    audit_log: Path | None = None
    static_pods: Path | None = None
    search_path: str

    @property
    def environment(self) -> Mapping[str, str]:
        """What a client needs in its environment to find the cluster and the programs."""
        return {"KUBECONFIG": str(self.kubeconfig), "PATH": self.search_path}

    def kubectl(
        self, *arguments: str, stdin: str | None = None, timeout: float = 300, check: bool = True
    ) -> Output:
        """Run kubectl. Raises CommandError when it fails, unless `check` is off."""
        return self.client("kubectl", *arguments, stdin=stdin, timeout=timeout, check=check)

    def helm(self, *arguments: str, timeout: float = 600, check: bool = True) -> Output:
        """Run helm. Raises CommandError when it fails, unless `check` is off."""
        return self.client("helm", *arguments, timeout=timeout, check=check)

    def client(
        self, *argv: str, stdin: str | None = None, timeout: float = 600, check: bool = True
    ) -> Output:
        """Run any program that speaks to the cluster, to its end."""
        return run(
            *(*self.enter, *argv),
            stdin=stdin,
            environment=self.environment,
            timeout=timeout,
            check=check,
        )

    def import_image(self, archive: Path) -> None:
        """Make the image in a docker-archive known to the nodes, under the tag that it holds.

        Raises ClusterError when the user's own cluster came without a command for that.
        """
        if not self.load_image:
            raise ClusterError("REDIS_MEMORY_GUARD_LOAD_IMAGE: no command that loads an archive")
        run(*self.load_image, str(archive), environment=self.environment)

    def audit_events(self) -> tuple[Mapping[str, Any], ...]:
        """Every event of the API server's audit log, oldest first. Raises AuditLogMissingError."""
        if self.audit_log is None:
            raise AuditLogMissingError("not the node of `make cluster-up`")
        return tuple(json.loads(line) for line in self.audit_log.read_text().splitlines())


def users_own(kubeconfig: str, *, load_image: str, search_path: str) -> Cluster:
    """A cluster that the user brought; `load_image` is a command line for a shell."""
    return Cluster(
        kubeconfig=Path(kubeconfig),
        load_image=tuple(shlex.split(load_image)),
        search_path=search_path,
    )
