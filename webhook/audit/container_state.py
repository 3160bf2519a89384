"""What the kubelet says about a container: restarts, and how it ended before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_KILLED = 137
"""128 + SIGKILL, which is what the kernel sends when memory is over."""

_OOM = "OOMKilled"
_STATUS_LISTS = ("containerStatuses", "initContainerStatuses")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerState:
    """A container's state by its Pod's status.

    `oom_killed_at` is when it was last killed for memory. `was_killed` tells of an exit code 137
    without that reason: the kernel killed a process of it, or somebody did. The kubelet remembers
    the last end only: how often it was for memory is not known.
    """

    is_running: bool = False
    restarts: int = 0
    oom_killed_at: datetime | None = None
    was_killed: bool = False


def container_states(status: Mapping[str, Any]) -> Mapping[str, ContainerState]:
    """Read a Pod's `status`: the states of its containers by name."""
    return {
        str(each.get("name", "")): _state(each)
        for name in _STATUS_LISTS
        for each in status.get(name) or ()
    }


def parse_time(text: object) -> datetime | None:
    """Parse a time of the Kubernetes API (RFC 3339); None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _state(status: Mapping[str, Any]) -> ContainerState:
    ends = tuple(_ends(status))
    kills = [parse_time(end.get("finishedAt")) for end in ends if end.get("reason") == _OOM]
    return ContainerState(
        is_running="running" in (status.get("state") or {}),
        restarts=int(status.get("restartCount") or 0),
        oom_killed_at=max((each for each in kills if each is not None), default=None),
        was_killed=any(
            end.get("exitCode") == _KILLED and end.get("reason") != _OOM for end in ends
        ),
    )


def _ends(status: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("state", "lastState"):
        end = (status.get(name) or {}).get("terminated")
        if end:
            yield end
