"""What each process may do: read and change by name, and look around nowhere."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.chart.rendering import NAMESPACE, Rendered, render

READ_AND_CHANGE = ["get", "patch"]


def rules(rendered: Rendered, account: str) -> list[Mapping[str, Any]]:
    """Every rule that is bound to a ServiceAccount of the release."""
    subject = {"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}
    bindings = (*rendered.of("RoleBinding"), *rendered.of("ClusterRoleBinding"))
    roles = {
        (role["kind"], role["metadata"]["name"]): role
        for kind in ("Role", "ClusterRole")
        for role in rendered.of(kind)
    }
    return [
        rule
        for binding in bindings
        if subject in binding["subjects"]
        for rule in roles[binding["roleRef"]["kind"], binding["roleRef"]["name"]]["rules"]
    ]


def test_the_certificate_process_reads_and_changes_its_own_objects() -> None:
    assert rules(render(), "guard-certs") == [
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["guard-ca", "guard-tls"],
            "verbs": READ_AND_CHANGE,
        },
        {
            "apiGroups": ["admissionregistration.k8s.io"],
            "resources": ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
            "resourceNames": ["guard"],
            "verbs": READ_AND_CHANGE,
        },
    ]


def test_the_webhook_reads_config_maps_by_name() -> None:
    rendered = render()

    assert rules(rendered, "guard") == [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
    ]
    assert _mounts_token(rendered) is True


def test_without_config_maps_the_webhook_has_neither_permission_nor_token() -> None:
    rendered = render({"configMaps": {"read": False}})

    assert rules(rendered, "guard") == []
    assert _mounts_token(rendered) is False
    assert rendered.one("NetworkPolicy", "-webhook")["spec"]["egress"] == []


@pytest.mark.parametrize("mode", ["certManager", "existing"])
def test_where_others_issue_nothing_of_the_certificate_process_is_left(mode: str) -> None:
    existing = {"secretName": "theirs", "caBundle": "-----BEGIN CERTIFICATE-----\n"}

    rendered = render({"certificates": {"mode": mode, "existing": existing}})

    assert rules(rendered, "guard-certs") == []
    assert rendered.of("Secret") == ()
    assert [deployment["metadata"]["name"] for deployment in rendered.of("Deployment")] == ["guard"]


def test_only_the_test_may_create_pods_and_only_where_it_tries() -> None:
    rendered = render({"tests": {"namespace": "sandbox"}})

    (creating,) = (role for role in rendered.of("Role") if "create" in str(role["rules"]))
    assert creating["metadata"]["namespace"] == "sandbox"
    assert creating["metadata"]["annotations"]["helm.sh/hook"] == "test"
    assert creating["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}]


@pytest.mark.parametrize(
    ("account", "name", "made"),
    [
        ({}, "guard", {"guard", "guard-certs"}),
        ({"name": "theirs"}, "theirs", {"theirs", "theirs-certs"}),
        ({"name": "theirs", "create": False}, "theirs", set()),
    ],
)
def test_each_process_has_the_permissions_of_the_account_that_it_runs_as(
    account: Mapping[str, Any], name: str, made: set[str]
) -> None:
    rendered = render({"serviceAccount": {**account, "annotations": {"role": "a"}}})

    accounts = {
        each["metadata"]["name"]: each["metadata"].get("annotations")
        for each in rendered.of("ServiceAccount")
    }
    accounts.pop("guard-test")
    assert accounts == {each: {"role": "a"} for each in made}
    used = [d["spec"]["template"]["spec"]["serviceAccountName"] for d in rendered.of("Deployment")]
    assert sorted(used) == [name, f"{name}-certs"]
    assert rules(rendered, name) == rules(render(), "guard")
    assert rules(rendered, f"{name}-certs") == rules(render(), "guard-certs")


def _mounts_token(rendered: Rendered) -> bool:
    spec = rendered.one("Deployment")["spec"]["template"]["spec"]
    mounted: bool = spec["automountServiceAccountToken"]
    return mounted
