"""What holds the certificate process down, by a real API server's answers."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.cluster.certificate_installation import SERVING_SECRET, Installation
from tests.cluster.certificate_process import FIRST_TIME, Process
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

WEBHOOK = "/webhooks/0"
NOTHING_BUT = "the certificate process may change nothing but a caBundle"


def change(path: str, value: object, op: str = "add") -> Mapping[str, object]:
    return {"op": op, "path": path, "value": value}


# Everything in a webhook configuration that is none of the process's business.
BEYOND_A_BUNDLE = {
    "the URL": change(f"{WEBHOOK}/clientConfig/url", "https://elsewhere.example/"),
    "the service": change(
        f"{WEBHOOK}/clientConfig", {"service": {"name": "elsewhere", "namespace": "default"}}
    ),
    "the rules": change(f"{WEBHOOK}/rules/0/resources", ["secrets"]),
    "the operations": change(f"{WEBHOOK}/rules/0/operations", ["*"]),
    "the failure policy": change(f"{WEBHOOK}/failurePolicy", "Ignore"),
    "the namespaces": change(f"{WEBHOOK}/namespaceSelector", {}),
    "the objects": change(f"{WEBHOOK}/objectSelector", {"matchLabels": {"a": "b"}}),
    "the conditions": change(
        f"{WEBHOOK}/matchConditions", [{"name": "never", "expression": "false"}]
    ),
    "the match policy": change(f"{WEBHOOK}/matchPolicy", "Exact"),
    "the reinvocation": change(f"{WEBHOOK}/reinvocationPolicy", "IfNeeded"),
    "the time-out": change(f"{WEBHOOK}/timeoutSeconds", 30),
    "the side effects": change(f"{WEBHOOK}/sideEffects", "NoneOnDryRun"),
    "the name": change(f"{WEBHOOK}/name", "other.guard.example"),
    "no webhook": {"op": "remove", "path": WEBHOOK},
    "an owner": change(
        "/metadata/ownerReferences",
        [{"apiVersion": "v1", "kind": "Namespace", "name": "gone", "uid": "gone"}],
    ),
    "a finalizer": change("/metadata/finalizers", ["example.com/held"]),
    "a label": change("/metadata/labels", {"a": "b"}),
    "an annotation": change(
        "/metadata/annotations", {"cert-manager.io/inject-ca-from": "elsewhere/ca"}
    ),
}


def test_its_token_changes_nothing_but_a_ca_bundle(process: Process) -> None:
    label = BEYOND_A_BUNDLE["a label"]
    eventually(lambda: process.try_patch(label).returncode, what="the policy is in force")

    tries = {name: process.try_patch(operation) for name, operation in BEYOND_A_BUNDLE.items()}

    assert [name for name, tried in tries.items() if tried.returncode == 0] == []
    assert {
        name: tried.stderr for name, tried in tries.items() if NOTHING_BUT not in tried.stderr
    } == {}
    assert process.try_patch(change(f"{WEBHOOK}/clientConfig/caBundle", "Zm9v")).returncode == 0
    assert process.once() == FIRST_TIME


def test_a_policys_denial_is_told_as_such_and_holds_up_no_certificate(
    process: Process, installation: Installation
) -> None:
    with frozen(installation):
        bundle = change(f"{WEBHOOK}/clientConfig/caBundle", "Zm9v")
        eventually(lambda: process.try_patch(bundle).returncode, what="the policy is in force")
        done = process.try_once()

    codes = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert (done.returncode, codes) == (1, ["add-ca", "issue-serving-certificate"])
    assert done.stderr.startswith(
        f"Error: rejected: MutatingWebhookConfiguration/{installation.namespace}: "
    )
    assert "denied request: frozen by the administrator" in done.stderr
    assert installation.data(SERVING_SECRET)["tls.crt"]
    eventually(lambda: not process.try_patch(bundle).returncode, what="the policy is gone")
    assert process.once() == ["publish-ca-bundle", "publish-ca-bundle", "keep"]


def test_an_hour_of_fight_makes_a_bounded_number_of_writes_and_names_who_fights(
    process: Process,
) -> None:
    process.once()

    fought = json.loads(process.trial("fight", "argocd-controller").stdout)

    # One more than a process makes that published it itself: the first write is no repair yet.
    assert fought["writes"] == 12
    assert "was changed by argocd-controller, and what is written there" in fought["reason"]


@contextmanager
def frozen(installation: Installation) -> Iterator[None]:
    """An administrator freezes the webhook configurations by a policy."""
    name = f"frozen-{installation.namespace}"
    kind = "ValidatingAdmissionPolicy"
    version = "admissionregistration.k8s.io/v1"
    account = f"system:serviceaccount:{installation.namespace}:{installation.service_account}"
    policy = {
        "matchConstraints": {
            "resourceRules": [
                {
                    "apiGroups": ["admissionregistration.k8s.io"],
                    "apiVersions": ["*"],
                    "operations": ["UPDATE"],
                    "resources": ["*"],
                }
            ]
        },
        "matchConditions": [
            {"name": "certs", "expression": f"request.userInfo.username == '{account}'"}
        ],
        "validations": [{"expression": "false", "message": "frozen by the administrator"}],
    }
    binding = {"policyName": name, "validationActions": ["Deny"]}
    items = [
        {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": policy},
        {
            "apiVersion": version,
            "kind": f"{kind}Binding",
            "metadata": {"name": name},
            "spec": binding,
        },
    ]
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    installation.cluster.kubectl("create", "--filename=-", stdin=manifest)
    try:
        yield
    finally:
        installation.cluster.kubectl("delete", f"{kind},{kind}Binding", name)
