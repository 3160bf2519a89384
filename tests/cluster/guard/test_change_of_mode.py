"""When a change of mode is in force, and that no create is lost to it."""

import json
import time
from collections.abc import Sequence

import pytest

from tests.cluster.guard.creates import create_many
from tests.cluster.guard.stream import end_stream, start_stream
from tests.harness.manifests import container, pod
from tests.harness.release import NAMESPACE, Guard
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

_AUDIT = "--set=mode=audit,webhook.drainSeconds=120"
"""Its replicas drain for longer than the test looks at them."""
_UNBOUNDED = pod("cart", container(limit=None))
_TIMES = 100
"""More than the connections that the API server keeps alive: 25."""


def test_a_change_of_mode_loses_no_create_and_is_in_force_while_replicas_of_before_drain(
    guard: Guard, namespace: str
) -> None:
    stream = start_stream(guard.cluster, namespace, _UNBOUNDED, rate=20)
    try:
        with guard.changed(_AUDIT):
            audited = time.time()
            admitted = create_many(guard.cluster, namespace, [_UNBOUNDED], _TIMES)
            begun = time.time()
            guard.upgrade()
            returned = time.time()
            # A new connection may reach a replica of before until the nodes have heard of it.
            eventually(lambda: _is_refused(guard, namespace), what="the mode in force")
            in_force = time.time()
            refused = create_many(guard.cluster, namespace, [_UNBOUNDED], _TIMES)
            draining = _draining(guard)
            seen = end_stream(stream)
            assert draining != []
            _end(guard, draining)
    finally:
        stream.kill()
        stream.wait()

    last = max(at for at, why in seen.lost if _is_admitted(why)) - returned
    print(f"{len(seen.lost)} creates; the last one audited {last:+.1f} s after the upgrade")  # noqa: T201
    assert dict(admitted) == {"admitted": _TIMES}
    assert [why for why in refused if not _is_proper(why)] == []
    assert [why for _, why in seen.lost if not (_is_admitted(why) or _is_proper(why))] == []
    assert [why for at, why in seen.lost if audited <= at < begun and not _is_admitted(why)] == []
    assert [why for at, why in seen.lost if in_force <= at and not _is_proper(why)] == []


def _is_admitted(why: str) -> bool:
    return why == "admitted without a ceiling"


def _is_proper(why: str) -> bool:
    return "denied the request" in why and "no-memory-limit" in why


def _is_refused(guard: Guard, namespace: str) -> bool:
    create = ("create", f"--namespace={namespace}", "--dry-run=server", "--filename=-")
    said = guard.cluster.kubectl(*create, stdin=json.dumps(_UNBOUNDED), check=False)
    return "no-memory-limit" in said.stderr


def _draining(guard: Guard) -> Sequence[str]:
    pods = [each["metadata"] for each in guard.get("pods")]
    return [each["name"] for each in pods if "deletionTimestamp" in each]


def _end(guard: Guard, pods: Sequence[str]) -> None:
    now = ("--grace-period=0", "--force")
    guard.cluster.kubectl("delete", "pod", *pods, f"--namespace={NAMESPACE}", *now)
