"""One create after another through the API server, each a dry run, checked and counted."""

from collections import Counter
from collections.abc import Mapping

from benchmarks.cluster.cases import CASES, Case, Created, Installed
from benchmarks.cluster.server import Server
from benchmarks.keepalive_client import Connection, body_of
from tests.harness.manifests import container, pod

_CEILING = b'"--maxmemory","419430400"'
"""13/16 of 512Mi less 16Mi."""
_PODS = {
    Created.REDIS: pod("cart", container(image="redis:7", limit="512Mi")),
    # Of the same size, and as close to a Redis as a Pod gets that is none.
    Created.OTHER: pod("cart", container(image="nginx:7", limit="512Mi")),
}


class Creating:
    """Requests of every case, written beforehand; `failures` are answers that were not expected."""

    def __init__(self, server: Server, namespaces: Mapping[Installed, str]) -> None:
        self.failures: Counter[str] = Counter()
        self._requests = {
            case: server.request(
                "POST",
                f"/api/v1/namespaces/{namespaces[case.installed]}/pods?dryRun=All",
                _PODS[case.created],
            )
            for case in CASES
        }

    def time_one(self, connection: Connection, case: Case) -> float:
        """Create one Pod: the seconds from the request to the end of the answer."""
        seconds, answer = connection.exchange(self._requests[case])
        if (failure := _failure(case, answer)) is not None:
            self.failures[failure] += 1
        return seconds


def _failure(case: Case, answer: bytes) -> str | None:
    body = body_of(answer)
    if not answer.startswith(b"HTTP/1.1 201 "):
        return f"{case.name}: {body[:500].decode(errors='replace').strip()}"
    if (_CEILING in body) is case.gets_ceiling:
        return None
    return f"{case.name}: created {'without' if case.gets_ceiling else 'with'} a ceiling"
