"""The control plane: what each part is started with."""

from pathlib import Path

from tests.harness.certificates import Authority, Identity
from tests.harness.daemon import Daemon
from tests.harness.namespace import NODE_ADDRESS

SERVER = f"https://{NODE_ADDRESS}:6443"
SERVICE_NETWORK = "10.96.0.0/16"
AUDIT_POLICY = Path(__file__).parent / "audit-policy.yaml"
ETCD = "http://127.0.0.1:2379"
_SERVED_AS = (
    NODE_ADDRESS,
    "10.96.0.1",
    "127.0.0.1",
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)


def etcd() -> Daemon:
    return Daemon(
        program="etcd",
        flags=(
            "--data-dir=/var/lib/etcd",
            f"--listen-client-urls={ETCD}",
            f"--advertise-client-urls={ETCD}",
            "--listen-peer-urls=http://127.0.0.1:2380",
            "--unsafe-no-fsync",  # nothing here outlives its test
            "--log-level=warn",
        ),
    )


def api_server(authority: Authority, *, audit_log: Path, serves_node: bool) -> Daemon:
    """The API server. Without a node there is no controller either that makes ServiceAccounts,
    and Pods are admitted without one.
    """
    serving = authority.issue("apiserver", Identity(name="kube-apiserver", hosts=_SERVED_AS))
    # The group lets it read logs and run commands on the kubelet.
    client = authority.issue(
        "apiserver-kubelet-client", Identity(name="kube-apiserver", group="system:masters")
    )
    accounts = authority.issue("service-account", Identity(name="service-accounts"))
    plugins = () if serves_node else ("--disable-admission-plugins=ServiceAccount",)
    return Daemon(
        program="kube-apiserver",
        flags=(
            f"--etcd-servers={ETCD}",
            f"--advertise-address={NODE_ADDRESS}",
            f"--service-cluster-ip-range={SERVICE_NETWORK}",
            f"--tls-cert-file={serving[0]}",
            f"--tls-private-key-file={serving[1]}",
            f"--client-ca-file={authority.path}",
            f"--kubelet-certificate-authority={authority.path}",
            f"--kubelet-client-certificate={client[0]}",
            f"--kubelet-client-key={client[1]}",
            "--kubelet-preferred-address-types=InternalIP",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={accounts[0]}",
            f"--service-account-signing-key-file={accounts[1]}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged",
            f"--audit-policy-file={AUDIT_POLICY}",
            f"--audit-log-path={audit_log}",
            *plugins,
        ),
    )


def controller_manager(authority: Authority) -> Daemon:
    kubeconfig = client_kubeconfig(authority, Identity(name="system:kube-controller-manager"))
    return Daemon(
        program="kube-controller-manager",
        flags=(
            f"--kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            f"--root-ca-file={authority.path}",
            f"--service-account-private-key-file={authority.directory / 'service-account.key'}",
            "--use-service-account-credentials",
            "--leader-elect=false",
            # A machine that is busy with something else shall not lose its only node.
            "--node-monitor-grace-period=300s",
        ),
    )


def scheduler(authority: Authority) -> Daemon:
    kubeconfig = client_kubeconfig(authority, Identity(name="system:kube-scheduler"))
    return Daemon(
        program="kube-scheduler",
        flags=(
            f"--kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            "--leader-elect=false",
        ),
    )


def client_kubeconfig(authority: Authority, identity: Identity) -> Path:
    """Issue a certificate for `identity` and write a kubeconfig beside it; return its path."""
    stem = identity.name.replace(":", "-")
    file = authority.directory / f"{stem}.kubeconfig"
    authority.write_kubeconfig(file, server=SERVER, pair=authority.issue(stem, identity))
    return file
