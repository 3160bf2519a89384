"""The order in which the parts of a cluster are started, and what each waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.harness.certificates import Authority, Identity
from tests.harness.cluster import Cluster
from tests.harness.containerd import CTR, containerd
from tests.harness.control_plane import (
    api_server,
    client_kubeconfig,
    controller_manager,
    etcd,
    scheduler,
)
from tests.harness.daemon import Daemon, RunningDaemon, start, wait_until
from tests.harness.kubelet import NODE, kube_proxy, kubelet
from tests.harness.namespace import Namespaces

ADMINISTRATOR = Identity(name="kubernetes-admin", group="system:masters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """What the parts of one start share."""

    namespaces: Namespaces
    authority: Authority
    cluster: Cluster

    def start(self, *daemons: Daemon) -> tuple[RunningDaemon, ...]:
        return tuple(
            start(daemon, namespaces=self.namespaces, search_path=self.cluster.search_path)
            for daemon in daemons
        )

    def answers(self, *kubectl: str) -> bool:
        """Whether this kubectl command succeeds and prints anything."""
        output = self.cluster.kubectl(*kubectl, check=False, timeout=60)
        return output.returncode == 0 and bool(output.stdout.strip())


def start_api_server(startup: Startup, *, serves_node: bool) -> tuple[RunningDaemon, ...]:
    """Start etcd and the API server and wait until it is ready."""
    client_kubeconfig(startup.authority, ADMINISTRATOR)
    audit_log = startup.namespaces.directory / "audit.log"
    server = api_server(startup.authority, audit_log=audit_log, serves_node=serves_node)
    running = startup.start(etcd(), server)
    wait_until(
        lambda: startup.answers("get", "--raw=/readyz"), what="API server ready", needs=running
    )
    return running


def start_node(startup: Startup, *, needs: Sequence[RunningDaemon], pause: Path) -> None:
    """Start all other parts and wait until a Pod could be created and scheduled."""
    namespaces, authority = startup.namespaces, startup.authority
    runtime = startup.start(
        containerd(namespaces), controller_manager(authority), scheduler(authority)
    )
    ctr = (*namespaces.enter(), *CTR)
    wait_until(
        lambda: startup.cluster.client(*ctr, "version", check=False).returncode == 0,
        what="containerd answers",
        needs=(*needs, *runtime),
    )
    startup.cluster.import_image(pause)
    node = startup.start(kubelet(namespaces, authority), kube_proxy(namespaces, authority))
    everything = (*needs, *runtime, *node)
    wait_until(
        lambda: startup.answers("wait", "--for=condition=Ready", f"node/{NODE}", "--timeout=1s"),
        what="node Ready",
        needs=everything,
    )
    wait_until(
        lambda: startup.answers("get", "serviceaccount", "default", "--output=name"),
        what="ServiceAccount of the namespace default",
        needs=everything,
    )
