"""What durable servers were seen to hold, beside the policy: the floors of their next ceilings.

docs/decisions/0019-what-a-server-holds.md gives the reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from webhook.domain.kubernetes.pod import Container, Pod


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerName:
    """A server by the container that runs it and by what makes its Pods anew."""

    namespace: str
    kind: str
    name: str
    container: str


Floors = Mapping[ServerName, int]
"""The most bytes that each server was seen to hold."""

NO_FLOORS: Floors = {}


def server_name(pod: Pod, container: Container) -> ServerName | None:
    """Name the server of a container, None where nothing makes its Pod anew.

    A Pod may claim any owner, and gains by it what `headroom.explicitShare` allows it anyway.
    """
    if pod.owner is None:
        return None
    return ServerName(
        namespace=pod.namespace,
        kind=pod.owner.kind,
        name=pod.owner.name,
        container=container.name,
    )
