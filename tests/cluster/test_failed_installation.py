"""A first installation whose image is not there, on a node: nothing is refused, and it is told."""

import json
from collections.abc import Iterator

import pytest

from tests.cluster.audit.commands import diagnosis
from tests.harness.cluster import Cluster
from tests.harness.manifests import apply, container, pod, wait_ready
from tests.harness.release import CHART, NAME, NAMESPACE, Guard
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster


@pytest.fixture
def failed(cluster: Cluster) -> Iterator[Guard]:
    """The chart with no other value than an image that no registry has."""
    image = "--set=image.repository=127.0.0.1:1/none"  # where nobody listens: refused at once
    where = (f"--namespace={NAMESPACE}", "--create-namespace")
    cluster.helm("install", NAME, str(CHART), *where, image)
    guard = Guard(cluster=cluster)
    try:
        eventually(lambda: _is_stuck(guard), what="failed pulls")
        yield guard
    finally:
        guard.uninstall()
        cluster.kubectl("delete", "namespace", NAMESPACE)


def test_no_redis_is_refused_and_doctor_names_the_image(
    failed: Guard, namespace: str, redis_image: str
) -> None:
    apply(failed.cluster, namespace, pod("cart", container(limit=None)))
    wait_ready(failed.cluster, namespace, "cart")

    code, told = diagnosis(failed.cluster)

    assert code == 1
    assert told["replicas"] == ("failed", "0 of 2 replicas are ready")
    status, said = told["certificate-process"]
    assert status == "failed"
    assert said.startswith("it does not start: ")
    assert "ImagePull" in said


def _is_stuck(guard: Guard) -> bool:
    # The webhook's own Pods wait for the certificate before they pull anything.
    pods = guard.get("pods", "--selector=app.kubernetes.io/component=certs")
    return bool(pods) and all("ImagePull" in json.dumps(pod["status"]) for pod in pods)
