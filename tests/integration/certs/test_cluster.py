"""certs.cluster over HTTP: what it asks for, and what becomes of every answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from certs.cluster import KubernetesCluster, connect
from certs.objects import (
    ClusterError,
    ConflictError,
    ForbiddenError,
    MalformedError,
    MissingError,
    UnreachableError,
    Webhook,
)
from certs.state import ConfigurationKind, ConfigurationName
from tests.integration.certs.api_server import CORE, REGISTRATION, ApiServer, running

MUTATING = ConfigurationName(kind=ConfigurationKind.MUTATING, name="guard")
VALIDATING = ConfigurationName(kind=ConfigurationKind.VALIDATING, name="guard")


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with running() as server:
        yield server


@pytest.fixture
def cluster(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> KubernetesCluster:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("KUBECONFIG", str(server.write_kubeconfig(tmp_path)))
    # The client reads the variable when it is imported; the file is named here as it would be.
    monkeypatch.setattr(
        "kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION",
        str(server.write_kubeconfig(tmp_path)),
    )
    return connect("system")


def test_a_secret_is_read_and_written(cluster: KubernetesCluster, server: ApiServer) -> None:
    secret = cluster.read_secret("guard-tls")

    cluster.write_secret(secret, {"tls.crt": b"new"})

    assert secret.data == {"tls.crt": b"", "tls.key": b""}
    assert server.data("guard-tls") == {"tls.crt": b"new", "tls.key": b""}
    assert server.requests == [
        ("GET", f"{CORE}/guard-tls"),
        ("PATCH", f"{CORE}/guard-tls"),
    ]


def test_a_secret_without_data(cluster: KubernetesCluster, server: ApiServer) -> None:
    secret = cluster.read_secret("guard-ca")

    cluster.write_secret(secret, {"ca.crt": b"new"})

    assert secret.data == {}
    assert server.data("guard-ca") == {"ca.crt": b"new"}


@pytest.mark.parametrize("name", [MUTATING, VALIDATING], ids=str)
def test_a_bundle_is_published_to_every_webhook(
    name: ConfigurationName, cluster: KubernetesCluster
) -> None:
    configuration = cluster.read_configuration(name)

    cluster.write_bundle(configuration, b"bundle")

    assert configuration.webhooks == (
        Webhook(name="pods.guard", ca_bundle=b""),
        Webhook(name="advice.guard", ca_bundle=b""),
    )
    assert cluster.read_configuration(name).webhooks == (
        Webhook(name="pods.guard", ca_bundle=b"bundle"),
        Webhook(name="advice.guard", ca_bundle=b"bundle"),
    )


def test_a_configuration_without_webhooks(cluster: KubernetesCluster, server: ApiServer) -> None:
    server.put(f"{REGISTRATION}/mutatingwebhookconfigurations/guard")

    assert cluster.read_configuration(MUTATING).webhooks == ()


def test_a_write_after_another_is_a_conflict(cluster: KubernetesCluster) -> None:
    secret = cluster.read_secret("guard-ca")
    configuration = cluster.read_configuration(MUTATING)
    cluster.write_secret(secret, {"ca.crt": b"first"})
    cluster.write_bundle(configuration, b"first")

    with pytest.raises(ConflictError, match=r"^Secret/guard-ca was changed since it was read$"):
        cluster.write_secret(secret, {"ca.crt": b"second"})
    with pytest.raises(ConflictError, match=r"^MutatingWebhookConfiguration/guard was changed"):
        cluster.write_bundle(configuration, b"second")
    assert cluster.read_secret("guard-ca").data == {"ca.crt": b"first"}


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        pytest.param(
            (404, b""),
            MissingError,
            "Secret/guard-ca does not exist; the Helm chart renders it",
            id="404",
        ),
        pytest.param(
            (403, b'{"message": "secrets \\"guard-ca\\" is forbidden"}'),
            ForbiddenError,
            'Secret/guard-ca: secrets "guard-ca" is forbidden',
            id="403",
        ),
        pytest.param((401, b""), ForbiddenError, "Secret/guard-ca: 401 Unauthorized", id="401"),
        pytest.param(
            (409, b""), ConflictError, "Secret/guard-ca was changed since it was read", id="409"
        ),
        pytest.param(
            (503, b""), UnreachableError, "Secret/guard-ca: 503 Service Unavailable", id="503"
        ),
        pytest.param(
            (200, b"<html>"),
            MalformedError,
            "Secret/guard-ca: the answer is no such object",
            id="no JSON",
        ),
        pytest.param(
            (200, b"[]"), MalformedError, "Secret/guard-ca: the answer is not an object", id="list"
        ),
        pytest.param(
            (200, b"{}"),
            MalformedError,
            "Secret/guard-ca: the answer is no such object",
            id="empty",
        ),
        pytest.param(
            (200, b'{"metadata": {"resourceVersion": "1"}, "data": {"ca.key": "PRIVATE"}}'),
            MalformedError,
            "Secret/guard-ca: the answer is no such object",
            id="not base64",
        ),
    ],
)
def test_every_answer_becomes_an_error_of_ours(
    answer: tuple[int, bytes],
    error: type[ClusterError],
    message: str,
    cluster: KubernetesCluster,
    server: ApiServer,
) -> None:
    server.answers["GET", f"{CORE}/guard-ca"] = answer

    with pytest.raises(error) as caught:
        cluster.read_secret("guard-ca")
    assert str(caught.value) == message


def test_nobody_answers(cluster: KubernetesCluster, server: ApiServer) -> None:
    server.shutdown()
    server.server_close()

    with pytest.raises(
        UnreachableError, match=r"^Secret/guard-ca: MaxRetryError: .*Connection refused"
    ):
        cluster.read_secret("guard-ca")


def test_neither_service_account_nor_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setattr(
        "kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none")
    )

    with pytest.raises(UnreachableError, match=r"^no service account and no kubeconfig: "):
        connect("system")


def test_a_pod_without_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")

    with pytest.raises(UnreachableError, match=r"token file does not exist"):
        connect("system")
