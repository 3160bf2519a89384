"""The images that the workloads of the audit's tests run."""

import pytest

from tests.cluster.audit.zoo import UNKNOWN_IMAGE
from tests.harness.cluster import Cluster
from tests.harness.command import run
from tests.harness.guard_image import guard_archive


@pytest.fixture(scope="package")
def images(cluster: Cluster, redis_image: str, valkey_image: str, bitnami_image: str) -> None:
    """All of them, known to the node; one also under a name that no family has."""
    if cluster.audit_log is None:
        pytest.skip("needs the node of `make cluster-up`")
    cluster.import_image(guard_archive())
    run(
        *(*cluster.load_image[:-1], "tag", "--force", "docker.io/library/redis:7", UNKNOWN_IMAGE),
        environment=cluster.environment,
    )
