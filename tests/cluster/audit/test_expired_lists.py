"""Lists that a real API server cannot go on with, as etcd has forgotten them; no Pod has to run."""

from collections.abc import Iterator

import pytest

from tests.cluster.audit.compacted import look_while_compacting
from tests.cluster.audit.zoo import documents
from tests.harness.cluster import Cluster
from tests.harness.manifests import pod
from tests.harness.scratch import scratch_namespace

pytestmark = pytest.mark.cluster

NAMES = [f"cache-{number}" for number in range(7)]
SERVERS = ["api_server", pytest.param("oldest_api_server", marks=pytest.mark.oldest)]


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Cluster:
    """The newest API server goes on with lists from copies of its own, the oldest from etcd."""
    cluster: Cluster = request.getfixturevalue(request.param)
    return cluster


@pytest.fixture(scope="module")
def home(server: Cluster) -> Iterator[str]:
    with scratch_namespace(server) as namespace:
        manifests = documents([pod(name) for name in NAMES])
        server.kubectl("create", f"--namespace={namespace}", "--filename=-", stdin=manifests)
        yield namespace


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_list_that_expires_is_begun_again_and_whole(
    server: Cluster, home: str, times: int
) -> None:
    told = look_while_compacting(server, home, times=times)

    assert told == {"begun": times + 1, "pods": len(NAMES), "workloads": NAMES, "gaps": []}


def test_a_list_that_expires_each_time_is_told_to_be_missing(server: Cluster, home: str) -> None:
    told = look_while_compacting(server, home, times=3)

    (gap,) = told.pop("gaps")
    assert told == {"begun": 3, "pods": 0, "workloads": []}
    assert gap.startswith(f"{home}: Pods: the API server answers 410: The provided continue")
