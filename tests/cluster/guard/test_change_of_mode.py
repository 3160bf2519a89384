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
_TIMES = 25
"""As many connections are kept alive by the API server at most."""


def test_replicas_that_drain_decide_no_more_over_connections_kept_alive(
    guard: Guard, namespace: str
) -> None:
    with guard.changed("--set=mode=audit,webhook.drainSeconds=120"):
        keep_alive = start_stream(guard.cluster, namespace, _UNBOUNDED, rate=30, at_least=100)
        admitted = end_stream(keep_alive)
        guard.cluster.helm(*_UPGRADE)
        # A new connection may reach a replica of before until the nodes have heard of it.
        eventually(lambda: _is_refused(guard, namespace), what="the mode in force")

        refused = [_is_refused(guard, namespace) for _ in range(_TIMES)]
        draining = [each for each in guard.get("pods") if "deletionTimestamp" in each["metadata"]]

    assert {why for _, why in admitted.lost} == {"admitted without a ceiling"}
    assert draining != []
    assert refused == [True] * _TIMES


def _is_refused(guard: Guard, namespace: str) -> bool:
    create = ("create", f"--namespace={namespace}", "--dry-run=server", "--filename=-")
    said = guard.cluster.kubectl(*create, stdin=json.dumps(_UNBOUNDED), check=False)
    return "no-memory-limit" in said.stderr
