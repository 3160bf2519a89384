"""Histories as logs and the kubelet make them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.unit.trials.loader_log import end, node, sample
from webhook.trials.history import History, with_log, with_status

BEGAN = 1_000
LIMIT = 512


def lived(*, evicted: int = 50, refused: int = 0, memory: int = 450) -> History:
    """A server that was up all the time."""
    lines = (
        node(began=BEGAN),
        sample(1, at=0),
        sample(2, at=100, used_memory_rss=memory, evicted_keys=evicted),
        end(refused=refused),
    )
    return with_log(History(limit=LIMIT), lines)


def killed(times: int = 1) -> History:
    """A server that the kernel ended so often, each time another container."""
    history = lived(evicted=0)
    for number in range(times):
        end_of = terminated(container=f"c{number}", at=BEGAN + number)
        history = with_status(history, pod(restarts=number + 1, last=end_of))
    return history


def terminated(
    *, container: str = "c1", reason: str = "OOMKilled", code: int = 137, at: int = BEGAN
) -> Mapping[str, Any]:
    finished = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "containerID": container,
        "reason": reason,
        "exitCode": code,
        "finishedAt": finished,
    }


def pod(
    *,
    restarts: int = 0,
    last: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    server = {
        "name": "redis",
        "restartCount": restarts,
        "state": state or {"running": {}},
        "lastState": {"terminated": last} if last else {},
    }
    return {"status": {"containerStatuses": [server]}}
