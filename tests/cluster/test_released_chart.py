"""What was released, installed as users install it: chart and image come out of an OCI registry."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.harness.build import registry_programs
from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster
from tests.harness.guard_image import guard_archive
from tests.harness.manifests import apply, execute, pod, wait_ready
from tests.harness.release import NAME, NAMESPACE, Guard
from tests.harness.waiting import eventually
from webhook import __version__

pytestmark = [pytest.mark.cluster, pytest.mark.release]

PORT = 5000
REGISTRY = f"127.0.0.1:{PORT}"
"""In the network of the node: its runtime pulls from there as helm does."""

IMAGE = f"{REGISTRY}/{NAME}"
CHARTS = f"oci://{REGISTRY}/charts"


@pytest.fixture(scope="module")
def registry(cluster: Cluster) -> Iterator[None]:
    """A registry that has what the release's own commands push."""
    if cluster.audit_log is None:
        pytest.skip("needs the node of `make cluster-up`")
    programs = registry_programs()
    crane = str(programs / "crane")
    serve = (*cluster.enter, str(programs / "registry"), f"-port={PORT}")  # of localhost
    with subprocess.Popen(serve, stderr=subprocess.DEVNULL) as process:
        try:
            catalog = (crane, "catalog", "--insecure", REGISTRY)
            eventually(
                lambda: cluster.client(*catalog, check=False).returncode == 0, what="a registry"
            )
            image = f"{IMAGE}:{__version__}"
            cluster.client(crane, "push", "--insecure", str(guard_archive()), image)
            yield
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def released(
    cluster: Cluster, registry: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guard]:
    """The guard out of that registry, and of nothing else."""
    dist = tmp_path_factory.mktemp("dist")
    make = ("make", f"--directory={REPOSITORY}", "release-chart", f"DIST={dist}")
    cluster.client(*make, f"CHARTS={CHARTS}", "PUSH=--plain-http")
    chart = (f"{CHARTS}/{NAME}", f"--version={__version__}", "--plain-http")
    guard = Guard(cluster=cluster, chart=chart)
    guard.install(f"--set=image.repository={IMAGE},image.tag=")
    try:
        yield guard
    finally:
        guard.uninstall()
        cluster.kubectl("delete", "namespace", NAMESPACE)


def test_it_runs_what_was_pushed(released: Guard) -> None:
    pods = released.get("pods")

    images = {each["image"] for pod in pods for each in pod["spec"]["containers"]}
    assert images == {f"{IMAGE}:{__version__}"}
    pulled = {each["imageID"] for pod in pods for each in pod["status"]["containerStatuses"]}
    assert {each.partition("@")[0] for each in pulled} == {IMAGE}


def test_a_redis_is_bounded_by_it(released: Guard, namespace: str, redis_image: str) -> None:
    apply(released.cluster, namespace, pod("cart"))
    wait_ready(released.cluster, namespace, "cart")

    asked = execute(released.cluster, namespace, "cart", "redis-cli", "CONFIG", "GET", "maxmemory")
    assert asked.split() == ["maxmemory", "37748736"]
