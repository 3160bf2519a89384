"""The kubelet and kube-proxy: their configuration files and how they are started."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.harness.certificates import Authority, Identity
from tests.harness.containerd import POD_NETWORK, SOCKET
from tests.harness.control_plane import client_kubeconfig
from tests.harness.daemon import Daemon
from tests.harness.namespace import NODE_ADDRESS, Namespaces

NODE = "node"


def kubelet(namespaces: Namespaces, authority: Authority) -> Daemon:
    identity = Identity(name=f"system:node:{NODE}", group="system:nodes")
    serving = authority.issue("kubelet", Identity(name=NODE, hosts=(NODE, NODE_ADDRESS)))
    configuration = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_ADDRESS,
        "authentication": {"x509": {"clientCAFile": str(authority.path)}},
        "tlsCertFile": str(serving[0]),
        "tlsPrivateKeyFile": str(serving[1]),
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "resolvConf": "",  # no Pod shall ask the machine's name server
        "staticPodPath": str(namespaces.static_pods),
        **_cgroups(namespaces),
        **_of_a_shared_machine(),
    }
    namespaces.static_pods.mkdir()
    file = _write(namespaces.directory / "kubelet.yaml", configuration)
    return Daemon(
        program="kubelet",
        flags=(
            f"--config={file}",
            f"--kubeconfig={client_kubeconfig(authority, identity)}",
            f"--hostname-override={NODE}",
            f"--node-ip={NODE_ADDRESS}",
        ),
    )


def kube_proxy(namespaces: Namespaces, authority: Authority) -> Daemon:
    kubeconfig = client_kubeconfig(authority, Identity(name="system:kube-proxy"))
    configuration = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "clusterCIDR": POD_NETWORK,
        "hostnameOverride": NODE,
        # The sizes of the connection table belong to the machine.
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpCloseWaitTimeout": "0s",
            "tcpEstablishedTimeout": "0s",
            "udpStreamTimeout": "0s",
            "udpTimeout": "0s",
        },
    }
    file = _write(namespaces.directory / "kube-proxy.yaml", configuration)
    return Daemon(program="kube-proxy", flags=(f"--config={file}",))


def _cgroups(namespaces: Namespaces) -> Mapping[str, object]:
    return {
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{namespaces.name}",
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
    }


def _of_a_shared_machine() -> Mapping[str, object]:
    """What the kubelet must not expect of, or do to, a machine that is not its alone."""
    return {
        "featureGates": {"KubeletInUserNamespace": True},  # for root without CAP_SYS_RESOURCE
        "failSwapOn": False,
        "makeIPTablesUtilChains": False,
        # A full disk is somebody else's: it neither evicts Pods nor deletes images.
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "0%"},
        "imageGCHighThresholdPercent": 100,
    }


def _write(file: Path, document: Mapping[str, object]) -> Path:
    file.write_text(yaml.safe_dump(dict(document)))
    return file
