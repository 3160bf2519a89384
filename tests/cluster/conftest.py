"""The cluster that tests marked `cluster` run on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cluster.build import located_programs
from tests.cluster.cache import alone_with
from tests.cluster.cluster import Cluster, users_own
from tests.cluster.images import bitnami_archive, redis_archive, valkey_archive
from tests.cluster.lifecycle import down, find
from tests.cluster.namespace import DEFAULT_NAME, Namespaces
from tests.cluster.scratch import scratch_namespace

_KUBECONFIG = "REDIS_MEMORY_GUARD_KUBECONFIG"
_LOAD_IMAGE = "REDIS_MEMORY_GUARD_LOAD_IMAGE"


@pytest.fixture(scope="session")
def root_and_go() -> None:
    """What a cluster of our own takes. Where it is missing, tests are skipped, but not in CI."""
    if os.geteuid() == 0 and shutil.which("go"):
        return
    remedy = 'needs root and Go (https://go.dev/dl/): sudo env "PATH=$PATH" make cluster-test'
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
    with _started(pytestconfig, Namespaces(name=f"{DEFAULT_NAME}-tests")) as started:
        yield started


@pytest.fixture(scope="session")
def api_server(pytestconfig: pytest.Config, root_and_go: None) -> Iterator[Cluster]:
    """A real API server without a node: for what needs no Pod to run. Never the user's own."""
    namespaces = Namespaces(name=f"{DEFAULT_NAME}-api-server")
    with _started(pytestconfig, namespaces, "--control-plane-only") as started:
        yield started


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
def _started(
    pytestconfig: pytest.Config, namespaces: Namespaces, *options: str
) -> Iterator[Cluster]:
    # A process of its own, as from the shell: the daemons are not this one's children.
    up = (sys.executable, "-m", "tests.cluster", "up", "--name", namespaces.name, *options)
    with alone_with(namespaces.directory):  # another run of these tests may be under way
        down(namespaces)
        with _shown(pytestconfig):
            subprocess.run(up, check=True, cwd=pytestconfig.rootpath)
        try:
            running = find(namespaces, located_programs())
            assert running is not None
            yield running
        finally:
            down(namespaces)


@contextmanager
def _shown(pytestconfig: pytest.Config) -> Iterator[None]:
    """Show the progress: the first time it takes minutes."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    if capture is None:
        yield
        return
    with capture.global_and_fixture_disabled():
        yield
