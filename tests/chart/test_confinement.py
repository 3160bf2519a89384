"""The policy that holds the certificate process down to caBundles."""

from pathlib import Path

import pytest
from kubernetes import client

from tests.chart.rendering import CI_VALUES, NAMESPACE, Rendered, render

KINDS = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
# What the process may change, and what identifies a webhook; no webhook of either kind has more.
OWN = {"name", "client_config"}


def expression(rendered: Rendered) -> str:
    (validation,) = rendered.one("ValidatingAdmissionPolicy", "-certs")["spec"]["validations"]
    text: str = validation["expression"]
    return text


def test_it_is_for_the_process_alone() -> None:
    policy = render().one("ValidatingAdmissionPolicy", "-certs")["spec"]

    (condition,) = policy["matchConditions"]
    account = f"system:serviceaccount:{NAMESPACE}:guard-certs"
    assert condition["expression"] == f'request.userInfo.username == "{account}"'
    assert policy["failurePolicy"] == "Fail"


def test_it_denies() -> None:
    binding = render().one("ValidatingAdmissionPolicyBinding", "-certs")["spec"]

    assert binding == {"policyName": "guard-certs", "validationActions": ["Deny"]}


@pytest.mark.parametrize("kind", [client.V1MutatingWebhook, client.V1ValidatingWebhook])
def test_no_field_of_a_webhook_is_forgotten(kind: type) -> None:
    compared = expression(render())

    fields = {json for name, json in kind.attribute_map.items() if name not in OWN}
    assert {
        field for field in fields if f"now.?{field} == before.?{field}" not in compared
    } == set()


def test_no_field_of_a_webhooks_address_is_forgotten_but_the_ca_bundle() -> None:
    compared = expression(render())

    fields = set(client.AdmissionregistrationV1WebhookClientConfig.attribute_map.values())
    path = "clientConfig.?"
    assert {
        field for field in fields if f"now.{path}{field} == before.{path}{field}" not in compared
    } == {"caBundle"}


@pytest.mark.parametrize("values", CI_VALUES, ids=lambda path: path.stem)
def test_without_the_process_there_is_none(values: Path) -> None:
    rendered = render(values)

    policies = [each for kind in KINDS for each in rendered.of(kind)]
    processes = [d for d in rendered.of("Deployment") if d["metadata"]["name"] == "guard-certs"]
    assert len(policies) == 2 * len(processes)
