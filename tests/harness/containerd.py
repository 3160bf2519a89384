"""The container runtime and the Pod network."""

import json

from tests.harness.daemon import Daemon
from tests.harness.namespace import Namespaces
from tests.harness.packages import CNI_PLUGINS

SOCKET = "/run/containerd/containerd.sock"
CTR = ("ctr", f"--address={SOCKET}", "--namespace=k8s.io")
POD_NETWORK = "10.244.0.0/16"
SANDBOX_IMAGE = "localhost/pause:node"

# restrict_oom_score_adj: a negative score takes CAP_SYS_RESOURCE, which not every root has.
# netns_mounts_under_state_dir: so that no file of a Pod stands in the machine's /run/netns.
_CONFIGURATION = """
version = 3
root = "/var/lib/containerd"
state = "/run/containerd"

[grpc]
address = "{socket}"

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "{sandbox}"

[plugins."io.containerd.cri.v1.runtime"]
disable_apparmor = true
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["{plugins}"]
conf_dir = "{networks}"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
SystemdCgroup = false
"""


def containerd(namespaces: Namespaces) -> Daemon:
    """Write its configuration and that of the Pod network; return the daemon."""
    networks = namespaces.directory / "cni"
    networks.mkdir()
    (networks / "10-pods.conflist").write_text(json.dumps(_pod_network()))
    file = namespaces.directory / "containerd.toml"
    file.write_text(
        _CONFIGURATION.format(
            socket=SOCKET, sandbox=SANDBOX_IMAGE, plugins=CNI_PLUGINS, networks=networks
        )
    )
    return Daemon(program="containerd", flags=(f"--config={file}",))


def _pod_network() -> dict[str, object]:
    # Point to point, not a bridge: what two Pods say to each other is then routed by the node,
    # and kube-proxy's translation sees the answers too, without the module br_netfilter.
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": POD_NETWORK}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    point_to_point = {"type": "ptp", "ipMasq": False, "ipam": addresses}
    return {"cniVersion": "1.0.0", "name": "pods", "plugins": [point_to_point]}
