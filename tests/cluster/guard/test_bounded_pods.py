"""Pods that the API server admits without a call: the webhook would allow each of them."""

import json
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.chart.test_bounded_pods import random_pods
from tests.cluster.guard.calls import calls
from tests.harness.cache import REPOSITORY
from tests.harness.release import NAME, Guard

pytestmark = pytest.mark.cluster

COUNT = 500
SEED = 20261126


@pytest.fixture
def validating(guard: Guard) -> Iterator[Guard]:
    """The guard with its validating webhook alone, so that Pods come to it as they are."""
    guard.cluster.kubectl("delete", "mutatingwebhookconfiguration", NAME)
    yield guard
    guard.install()


def test_whatever_the_api_server_admits_the_webhook_would_allow(
    validating: Guard, namespace: str
) -> None:
    cluster = validating.cluster
    pods = [
        pod | {"metadata": {"name": f"pod-{at}", "namespace": namespace}}
        for at, pod in enumerate(random_pods(SEED, COUNT))
    ]
    script = (sys.executable, "-m", "tests.cluster.guard.validated", namespace)
    before = calls(cluster)

    done = cluster.client(
        "env", f"PYTHONPATH={REPOSITORY}", *script, stdin=json.dumps(pods), timeout=900
    )

    outcomes = Counter(map(tuple, json.loads(done.stdout)))
    asked = calls(cluster)["validate"] - before.get("validate", 0)
    admitted = outcomes[201, True]
    refused = outcomes[403, None]
    assert {*outcomes} <= {(201, True), (403, None), (422, None)}, outcomes
    assert admitted - (asked - refused) > COUNT // 10, (outcomes, asked)
    assert refused > COUNT // 10, (outcomes, asked)
