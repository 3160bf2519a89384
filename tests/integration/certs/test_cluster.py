"""certs.cluster over HTTP: what it asks for, and what becomes of every answer."""

from datetime import timedelta
from pathlib import Path

import pytest

from certs.cluster import KubernetesCluster, connect
from certs.objects import (
    ClusterError,
    ConflictError,
    ForbiddenError,
    MalformedError,
    MissingError,
    RejectedError,
    UnreachableError,
    Webhook,
)
from certs.state import ConfigurationKind, ConfigurationName
from tests.integration.certs.api_server import (
    CORE,
    PATCH_FAILED,
    REGISTRATION,
    Answer,
    ApiServer,
)

MUTATING = ConfigurationName(kind=ConfigurationKind.MUTATING, name="guard")
VALIDATING = ConfigurationName(kind=ConfigurationKind.VALIDATING, name="guard")


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


def entry(manager: str, time: str, *fields: str) -> dict[str, object]:
    return {
        "manager": manager,
        "time": time,
        "fieldsV1": {"f:webhooks": {key: {} for key in fields}},
    }


OURS = "redis-memory-guard-certs"
NOON, LATER = "2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z"


@pytest.mark.parametrize(
    ("managed", "rival"),
    [
        pytest.param([], None, id="nobody is named"),
        pytest.param([entry(OURS, NOON)], None, id="only ourselves"),
        pytest.param([entry("helm", NOON), entry(OURS, LATER)], None, id="older than our write"),
        pytest.param([entry("helm", NOON), entry(OURS, NOON)], "helm", id="within one second"),
        pytest.param([entry("helm", NOON), entry("argocd", LATER)], "argocd", id="the newest"),
        pytest.param(
            [entry("cainjector", NOON, "f:caBundle"), entry("helm", LATER)],
            "cainjector",
            id="the one that has the caBundle",
        ),
    ],
)
def test_who_wrote_last(
    managed: list[object], rival: str | None, cluster: KubernetesCluster, server: ApiServer
) -> None:
    path = f"{REGISTRATION}/mutatingwebhookconfigurations/guard"
    server.documents[path]["metadata"]["managedFields"] = managed

    assert cluster.read_configuration(MUTATING).rival == rival


def test_we_write_under_a_name_of_our_own(cluster: KubernetesCluster, server: ApiServer) -> None:
    cluster.write_secret(cluster.read_secret("guard-ca"), {"ca.crt": b"new"})

    (written,) = server.documents[f"{CORE}/guard-ca"]["metadata"]["managedFields"]
    assert written["manager"] == OURS
    assert cluster.read_secret("guard-ca").rival is None


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
            (404, b"", {}),
            MissingError,
            "Secret/guard-ca does not exist; the Helm chart renders it",
            id="404",
        ),
        pytest.param(
            (403, b'{"message": "secrets \\"guard-ca\\" is forbidden"}', {}),
            ForbiddenError,
            'Secret/guard-ca: secrets "guard-ca" is forbidden',
            id="403",
        ),
        pytest.param((401, b"", {}), ForbiddenError, "Secret/guard-ca: 401 Unauthorized", id="401"),
        pytest.param(
            (409, b"", {}), ConflictError, "Secret/guard-ca was changed since it was read", id="409"
        ),
        pytest.param(
            (503, b"", {}), UnreachableError, "Secret/guard-ca: 503 Service Unavailable", id="503"
        ),
        pytest.param(
            (200, b"<html>", {}),
            MalformedError,
            "Secret/guard-ca: the answer is no such object",
            id="no JSON",
        ),
        pytest.param(
            (200, b"[]", {}),
            MalformedError,
            "Secret/guard-ca: the answer is not an object",
            id="list",
        ),
        pytest.param(
            (200, b"{}", {}),
            MalformedError,
            "Secret/guard-ca: the answer is no such object",
            id="empty",
        ),
        pytest.param(
            (200, b'{"metadata": {"resourceVersion": "1"}, "data": {"ca.key": "PRIVATE"}}', {}),
            MalformedError,
            "Secret/guard-ca: the answer is no such object",
            id="not base64",
        ),
    ],
)
def test_every_answer_becomes_an_error_of_ours(
    answer: Answer,
    error: type[ClusterError],
    message: str,
    cluster: KubernetesCluster,
    server: ApiServer,
) -> None:
    server.answers["GET", f"{CORE}/guard-ca"] = answer

    with pytest.raises(error) as caught:
        cluster.read_secret("guard-ca")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        pytest.param(
            (422, PATCH_FAILED, {}),
            ConflictError,
            f"{MUTATING} was changed since it was read",
            id="a test of the patch failed",
        ),
        pytest.param(
            (
                422,
                b'{"reason": "Invalid", "details": {"causes": [{"message": "denied"}]}, "message":'
                b" \"policy 'frozen' with binding 'frozen' denied request: no\"}",
                {},
            ),
            RejectedError,
            f"{MUTATING}: policy 'frozen' with binding 'frozen' denied request: no",
            id="a policy",
        ),
        pytest.param(
            (422, b"<html>", {}),
            RejectedError,
            f"{MUTATING}: 422 Unprocessable Entity",
            id="a proxy",
        ),
        pytest.param(
            (400, b'{"message": "admission webhook x denied the request"}', {}),
            RejectedError,
            f"{MUTATING}: admission webhook x denied the request",
            id="a webhook",
        ),
    ],
)
def test_a_refused_write_is_no_conflict_unless_it_is_one(
    answer: Answer,
    error: type[ClusterError],
    message: str,
    cluster: KubernetesCluster,
    server: ApiServer,
) -> None:
    configuration = cluster.read_configuration(MUTATING)
    server.answers["PATCH", f"{REGISTRATION}/mutatingwebhookconfigurations/guard"] = answer

    with pytest.raises(error) as caught:
        cluster.write_bundle(configuration, b"bundle")
    assert str(caught.value) == message
    assert len(server.writes()) == 1


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        pytest.param("0", 0, id="none"),
        pytest.param("30", 30, id="seconds"),
        pytest.param("999999", 999999, id="for days"),
        pytest.param("9999999", 0, id="absurd"),
        pytest.param("-1", 0, id="negative"),
        pytest.param("Wed, 21 Oct 2065 07:28:00 GMT", 0, id="a date"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_client_itself_never_waits_for_as_long_as_it_is_asked_to(
    status: int, asked: str, seconds: int, cluster: KubernetesCluster, server: ApiServer
) -> None:
    server.answers["GET", f"{CORE}/guard-ca"] = (status, b"", {"Retry-After": asked})

    with pytest.raises(UnreachableError) as caught:
        cluster.read_secret("guard-ca")
    assert caught.value.retry_after == timedelta(seconds=seconds)
    assert len(server.requests) == 1


def test_an_answer_that_breaks_off(cluster: KubernetesCluster, server: ApiServer) -> None:
    server.answers["GET", f"{CORE}/guard-ca"] = (
        200,
        b'{"data": {"ca.key',
        {"Content-Length": "99"},
    )

    with pytest.raises(UnreachableError, match=r"^Secret/guard-ca: \w+Error: ") as caught:
        cluster.read_secret("guard-ca")
    assert "ca.key" not in str(caught.value)


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
