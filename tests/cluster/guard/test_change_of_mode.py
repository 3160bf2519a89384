"""When a change of mode is in force."""

import json

import pytest

from tests.cluster.guard.stream import end_stream, start_stream
from tests.harness.manifests import container, pod
from tests.harness.release import CHART, NAME, NAMESPACE, Guard
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

_UPGRADE = (
    *("upgrade", NAME, str(CHART), f"--namespace={NAMESPACE}", "--wait", "--timeout=5m"),
    *("--reset-then-reuse-values", "--set=mode=enforce"),
)
_UNBOUNDED = pod("cart", container(limit=None))
_TIMES = 100
"""More than the connections that the API server keeps alive: 25."""


def test_replicas_that_drain_decide_no_more_over_connections_kept_alive(
    guard: Guard, namespace: str
) -> None:
    with guard.changed("--set=mode=audit,webhook.drainSeconds=90"):
        admitted = _create(guard, namespace)
        guard.cluster.helm(*_UPGRADE)
        # A new connection may reach a replica of before until the nodes have heard of it.
        eventually(lambda: _is_refused(guard, namespace), what="the mode in force")

        refused = _create(guard, namespace)
        draining = [each for each in guard.get("pods") if "deletionTimestamp" in each["metadata"]]

    assert set(admitted) == {"admitted without a ceiling"}
    assert draining != []
    assert len(refused) >= _TIMES
    assert [why for why in refused if "no-memory-limit" not in why] == []


def _create(guard: Guard, namespace: str) -> list[str]:
    """Create as fast as it goes, so that connections are made and kept; tell what became of it."""
    stream = start_stream(guard.cluster, namespace, _UNBOUNDED, rate=100, at_least=_TIMES)
    return [why for _, why in end_stream(stream).lost]


def _is_refused(guard: Guard, namespace: str) -> bool:
    create = ("create", f"--namespace={namespace}", "--dry-run=server", "--filename=-")
    said = guard.cluster.kubectl(*create, stdin=json.dumps(_UNBOUNDED), check=False)
    return "no-memory-limit" in said.stderr
