"""Who is called for what, and what becomes of a request when nobody answers."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.chart.rendering import NAMESPACE, render

INJECT = "inject.redis-memory-guard.dev"
VALIDATE = "validate.redis-memory-guard.dev"
ADVISE = "advise.redis-memory-guard.dev"
ADVISE_CRONJOBS = "advise-cronjobs.redis-memory-guard.dev"
CONFIGURATIONS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


@pytest.mark.parametrize(
    ("values", "inject", "validate"),
    [
        pytest.param({}, "Ignore", "Ignore", id="as-installed"),
        pytest.param({"mode": "enforce"}, "Ignore", "Fail", id="enforce"),
        pytest.param({"mode": "audit"}, "Ignore", "Ignore", id="audit"),
        pytest.param(
            {"mode": "enforce", "webhooks": {"validating": {"failurePolicy": "Ignore"}}},
            *("Ignore", "Ignore"),
            id="fail-open",
        ),
        pytest.param(
            {"mode": "enforce", "webhooks": {"mutating": {"failurePolicy": "Fail"}}},
            *("Fail", "Fail"),
            id="fail-closed",
        ),
        pytest.param(
            {"mode": "audit", "webhooks": {"mutating": {"failurePolicy": "Fail"}}},
            *("Ignore", "Ignore"),
            id="audit-wins",
        ),
    ],
)
def test_failure_policies(values: Mapping[str, Any], inject: str, validate: str) -> None:
    webhooks = render(values).webhooks()

    assert {name: webhook["failurePolicy"] for name, webhook in webhooks.items()} == {
        INJECT: inject,
        VALIDATE: validate,
        ADVISE: "Ignore",
        ADVISE_CRONJOBS: "Ignore",
    }


def test_what_each_is_called_for() -> None:
    called = {
        name: (
            webhook["clientConfig"]["service"]["path"],
            [
                (group, resource, rule["operations"])
                for rule in webhook["rules"]
                for group in rule["apiGroups"]
                for resource in rule["resources"]
            ],
        )
        for name, webhook in render().webhooks().items()
    }

    both = ["CREATE", "UPDATE"]
    assert called == {
        INJECT: ("/mutate", [("", "pods", ["CREATE"])]),
        VALIDATE: ("/validate", [("", "pods", both), ("", "pods/resize", ["UPDATE"])]),
        ADVISE: (
            "/advise",
            [
                ("apps", "daemonsets", both),
                ("apps", "deployments", both),
                ("apps", "statefulsets", both),
                ("batch", "jobs", both),
            ],
        ),
        ADVISE_CRONJOBS: ("/advise", [("batch", "cronjobs", both)]),
    }


def test_what_all_have_in_common() -> None:
    webhooks = render().webhooks()

    for name, webhook in webhooks.items():
        assert webhook["matchPolicy"] == "Equivalent", name
        assert webhook["sideEffects"] == "None", name
        assert webhook["admissionReviewVersions"] == ["v1"], name
        assert webhook["clientConfig"]["service"] == {
            "name": "guard",
            "namespace": NAMESPACE,
            "path": webhook["clientConfig"]["service"]["path"],
            "port": 443,
        }
        # A label that a tenant can set must not exempt anything.
        assert "objectSelector" not in webhook, name
    assert {name: webhook["timeoutSeconds"] for name, webhook in webhooks.items()} == {
        INJECT: 3,
        VALIDATE: 3,
        ADVISE: 2,
        ADVISE_CRONJOBS: 2,
    }
    assert webhooks[INJECT]["reinvocationPolicy"] == "IfNeeded"


@pytest.mark.parametrize(
    ("exempt", "names"),
    [
        ([], ["kube-system", NAMESPACE]),
        (["redis-operator"], ["kube-system", NAMESPACE, "redis-operator"]),
        (["kube-system", "a"], ["kube-system", NAMESPACE, "a"]),
    ],
)
def test_namespaces_are_exempt_by_name_alone(exempt: list[str], names: list[str]) -> None:
    webhooks = render({"exemptNamespaces": exempt}).webhooks()

    selectors = [webhook["namespaceSelector"] for webhook in webhooks.values()]
    expression = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": names}
    assert selectors == [{"matchExpressions": [expression]}] * 4


def test_advice_can_be_switched_off() -> None:
    webhooks = render({"webhooks": {"advising": {"enabled": False}}}).webhooks()

    assert webhooks.keys() == {INJECT, VALIDATE}


@pytest.mark.parametrize(
    ("values", "annotations"),
    [
        ({}, {"admissions.enforcer/disabled": "true"}),
        ({"webhookAnnotations": {"admissions.enforcer/disabled": None}}, None),
        (
            {"webhookAnnotations": {"team": "memory"}, "certificates": {"mode": "certManager"}},
            {
                "admissions.enforcer/disabled": "true",
                "cert-manager.io/inject-ca-from": f"{NAMESPACE}/guard-tls",
                "team": "memory",
            },
        ),
        (
            {
                "webhookAnnotations": {"cert-manager.io/inject-ca-from": "theirs"},
                "certificates": {"mode": "certManager"},
            },
            {
                "admissions.enforcer/disabled": "true",
                "cert-manager.io/inject-ca-from": f"{NAMESPACE}/guard-tls",
            },
        ),
    ],
)
def test_both_configurations_are_annotated_alike(
    values: Mapping[str, Any], annotations: Mapping[str, str] | None
) -> None:
    rendered = render(values)

    for kind in CONFIGURATIONS:
        assert rendered.one(kind)["metadata"].get("annotations") == annotations


def test_cert_manager_issues_for_the_service() -> None:
    rendered = render({"certificates": {"mode": "certManager"}})

    certificate = rendered.one("Certificate", "-tls")["spec"]
    assert certificate["secretName"] == "guard-tls"
    assert f"guard.{NAMESPACE}.svc" in certificate["dnsNames"]
    assert certificate["issuerRef"] == {"name": "guard-ca", "kind": "Issuer"}
