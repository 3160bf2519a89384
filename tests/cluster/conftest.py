"""The cluster that tests marked `cluster` run on."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.certificate_installation import Installation
from tests.cluster.certificate_process import Process
from tests.harness.build import located_programs
from tests.harness.cluster import Cluster, users_own
from tests.harness.images import bitnami_archive, redis_archive, valkey_archive
from tests.harness.lifecycle import find
from tests.harness.namespace import DEFAULT_NAME, Namespaces
from tests.harness.scratch import scratch_namespace
from tests.harness.temporary import remedy_for, temporary_cluster

_KUBECONFIG = "REDIS_MEMORY_GUARD_KUBECONFIG"
_LOAD_IMAGE = "REDIS_MEMORY_GUARD_LOAD_IMAGE"


@pytest.fixture(scope="session")
def root_and_go() -> None:
    """What a cluster of our own takes. Where it is missing, tests are skipped, but not in CI."""
    remedy = remedy_for("cluster-test")
    if remedy is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(remedy)
    pytest.skip(remedy)


@pytest.fixture(scope="session")
def cluster(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A real cluster with a node.

    The user's own, if REDIS_MEMORY_GUARD_KUBECONFIG and REDIS_MEMORY_GUARD_LOAD_IMAGE say so; else
    the one of `make cluster-up`, which stays up; else one that lasts as long as the tests.
    """
    if kubeconfig := os.environ.get(_KUBECONFIG):
        load_image = os.environ.get(_LOAD_IMAGE, "")
        yield users_own(kubeconfig, load_image=load_image, search_path=os.environ["PATH"])
        return
    request.getfixturevalue("root_and_go")
    namespaces = Namespaces(name=DEFAULT_NAME)
    if (running := find(namespaces, located_programs())) is not None:
        yield running
        return
    namespaces = Namespaces(name=f"{DEFAULT_NAME}-tests")
    with temporary_cluster(namespaces, shown=_shown(pytestconfig)) as started:
        yield started


@pytest.fixture(scope="session")
def api_server(pytestconfig: pytest.Config, root_and_go: None) -> Iterator[Cluster]:
    """A real API server without a node: for what needs no Pod to run. Never the user's own."""
    namespaces = Namespaces(name=f"{DEFAULT_NAME}-api-server")
    shown = _shown(pytestconfig)
    with temporary_cluster(namespaces, "--control-plane-only", shown=shown) as started:
        yield started


@pytest.fixture(scope="session")
def oldest_api_server(pytestconfig: pytest.Config, root_and_go: None) -> Iterator[Cluster]:
    """The API server of the oldest Kubernetes that the chart supports, without a node."""
    namespaces = Namespaces(name=f"{DEFAULT_NAME}-oldest")
    options = ("--control-plane-only", "--oldest")
    with temporary_cluster(namespaces, *options, shown=_shown(pytestconfig)) as started:
        yield started


@pytest.fixture
def installation(api_server: Cluster) -> Iterator[Installation]:
    """What the certificate process needs of a release, on an API server without a node."""
    namespace = f"certs-{secrets.token_hex(4)}"
    api_server.kubectl("create", "namespace", namespace)
    installation = Installation(cluster=api_server, namespace=namespace)
    installation.install()
    yield installation
    installation.uninstall()


@pytest.fixture
def process(installation: Installation, tmp_path: Path) -> Process:
    """The certificate process with the permissions of its ServiceAccount."""
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(installation.kubeconfig())
    return Process(installation=installation, kubeconfig=kubeconfig)


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """A Namespace of the test's own, with all in it deleted afterwards."""
    with scratch_namespace(cluster) as name:
        yield name


@pytest.fixture(scope="session")
def redis_image(cluster: Cluster) -> str:
    """The image of Redis 7, known to the nodes."""
    if cluster.audit_log is not None:
        cluster.import_image(redis_archive())
    return "redis:7"


@pytest.fixture(scope="session")
def valkey_image(cluster: Cluster) -> str:
    """The image of Valkey 8, known to the nodes."""
    if cluster.audit_log is not None:
        cluster.import_image(valkey_archive())
    return "valkey/valkey:8"


@pytest.fixture(scope="session")
def bitnami_image(cluster: Cluster) -> str:
    """The image of Bitnami's Redis, known to the nodes."""
    # The user's own too: its makers do not publish it under this name any more.
    cluster.import_image(bitnami_archive())
    return "bitnami/redis:7.0"


@contextmanager
def _shown(pytestconfig: pytest.Config) -> Iterator[None]:
    """Show the progress: the first time it takes minutes."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    if capture is None:
        yield
        return
    with capture.global_and_fixture_disabled():
        yield
