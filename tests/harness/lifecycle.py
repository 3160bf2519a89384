"""Bringing a cluster up, finding it, taking it down."""

import os
import shutil
from pathlib import Path

from tests.harness.build import Programs
from tests.harness.certificates import create_authority
from tests.harness.cluster import Cluster
from tests.harness.containerd import CTR
from tests.harness.failure import ClusterError
from tests.harness.images import pause_archive
from tests.harness.namespace import Namespaces, create, destroy, first_process
from tests.harness.progress import step
from tests.harness.startup import ADMINISTRATOR, Startup, start_api_server, start_node


class NotRootError(ClusterError):
    """Namespaces, cgroups and mounts are root's."""


def up(namespaces: Namespaces, programs: Programs, *, with_node: bool) -> Cluster:
    """Start a cluster and return it when it is ready: a node too, or the API server alone.

    What an earlier one of the name left is removed first. When a part fails, the rest is ended,
    the logs are kept, and DaemonError quotes the part's own.
    """
    if os.geteuid() != 0:
        raise NotRootError('a cluster takes root: sudo env "PATH=$PATH" make cluster-up')
    pause = pause_archive(programs) if with_node else None
    down(namespaces)
    try:
        create(namespaces, pause=programs.pause / "pause")
        return _start(namespaces, programs, pause=pause)
    except BaseException:
        destroy(namespaces)
        raise


def down(namespaces: Namespaces) -> None:
    """End the cluster and remove all it made outside of the cache; idempotent."""
    destroy(namespaces)
    shutil.rmtree(namespaces.directory, ignore_errors=True)


def find(namespaces: Namespaces, programs: Programs) -> Cluster | None:
    """The cluster of this name if it is up and its API server ready, else None."""
    if first_process(namespaces) is None:
        return None
    cluster = _locate(namespaces, programs)
    ready = cluster.kubectl("get", "--raw=/readyz", check=False, timeout=30)
    return cluster if ready.returncode == 0 else None


def _start(namespaces: Namespaces, programs: Programs, *, pause: Path | None) -> Cluster:
    startup = Startup(
        namespaces=namespaces,
        authority=create_authority(namespaces.directory / "pki"),
        cluster=_locate(namespaces, programs),
    )
    with step("starting the API server"):
        control_plane = start_api_server(startup, serves_node=pause is not None)
    if pause is not None:
        with step("starting the node"):
            start_node(startup, needs=control_plane, pause=pause)
    return startup.cluster


def _locate(namespaces: Namespaces, programs: Programs) -> Cluster:
    return Cluster(
        kubeconfig=namespaces.directory / "pki" / f"{ADMINISTRATOR.name}.kubeconfig",
        enter=namespaces.enter_network,
        load_image=(*namespaces.enter(), *CTR, "images", "import"),
        audit_log=namespaces.directory / "audit.log",
        static_pods=namespaces.static_pods,
        search_path=programs.search_path,
    )
