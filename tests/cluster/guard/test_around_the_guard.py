"""Ways around the guard itself: none of them lets a Redis in without a ceiling."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.guard.bystanders import bystanders
from tests.cluster.guard.meddler import PORT, meddling
from tests.harness.cluster import Cluster
from tests.harness.manifests import Json, args_of, container, create_dry, pod
from tests.harness.namespace import NODE_ADDRESS
from tests.harness.release import CONFIGURATIONS, NAME, NAMESPACE, Guard
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

UNANSWERED = 'failed calling webhook "validate.redis-memory-guard.dev"'
NOT_ITS_NAME = "x509: certificate is valid for localhost, not redis-memory-guard."
NOT_TRUSTED = "x509: certificate signed by unknown authority"

TENANT = "kim"
"""May do anything that an administrator of a namespace may, in the namespace of the test."""
OWN = {("create", "pods", ""), ("update", "services", "")}
FORBIDDEN = {
    *(
        (verb, kind, "admissionregistration.k8s.io")
        for verb in ("create", "update", "patch", "delete")
        for kind in ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")
    ),
    *(
        (verb, kind, group)
        for verb in ("create", "update", "patch", "delete")
        for kind, group in (
            ("services", ""),
            ("endpoints", ""),
            ("endpointslices", "discovery.k8s.io"),
            ("pods", ""),
            ("configmaps", ""),
            ("secrets", ""),
            ("deployments", "apps"),
        )
    ),
    ("get", "secrets", ""),
    ("patch", "namespaces", ""),
}


def test_namespaces_are_exempt_by_the_administrators_list_and_no_other(
    guard: Guard, namespace: str
) -> None:
    with guard.changed(f"--set=exemptNamespaces={{{namespace}}}"):
        listed = create_dry(guard.cluster, namespace, pod("cart"))
        others = {
            each: args_of(create_dry(guard.cluster, each, pod("cart")))
            for each in ("default", "kube-public", "kube-system", NAMESPACE)
        }

    assert args_of(listed) == []
    assert {name for name, args in others.items() if "--maxmemory" in args} == {
        "default",
        "kube-public",
    }


def test_who_administers_a_namespace_may_not_touch_the_guard(guard: Guard, namespace: str) -> None:
    cluster = guard.cluster
    bind = ("create", "rolebinding", "kim", "--clusterrole=admin", f"--user={TENANT}")
    cluster.kubectl(*bind, f"--namespace={namespace}")

    eventually(lambda: _allowed(cluster, namespace, OWN) == OWN, what="the tenant's permissions")

    assert _allowed(cluster, NAMESPACE, FORBIDDEN) == set()


def test_nobody_else_is_believed_in_place_of_the_webhook(
    guard: Guard, namespace: str, tmp_path: Path
) -> None:
    cluster = guard.cluster
    if cluster.audit_log is None:
        pytest.skip("the impostor serves on the node: needs the one of `make cluster-up`")

    with meddling(cluster, tmp_path), _without_webhook(guard), _endpoint(cluster):
        refusal = eventually(
            lambda: _refusal(cluster, namespace, NOT_ITS_NAME), what="the impostor's answer"
        )

    assert UNANSWERED in refusal


def test_a_foreign_ca_in_the_bundle_stops_redis_alone_until_it_is_repaired(
    guard: Guard, namespace: str, tmp_path: Path
) -> None:
    cluster, before = guard.cluster, guard.bundles()
    with meddling(cluster, tmp_path) as foreign, _without_certificate_process(guard):
        _publish(guard, foreign)
        refusal = _refusal(cluster, namespace, NOT_TRUSTED)
        others = [create_dry(cluster, namespace, each).returncode for each in bystanders()]

    eventually(lambda: guard.bundles() == before, what="the repair")
    assert UNANSWERED in refusal
    assert set(others) == {0}
    assert "--maxmemory" in args_of(create_dry(cluster, namespace, pod("cart")))


def test_what_a_tenant_writes_is_told_in_printable_lines(guard: Guard, namespace: str) -> None:
    hostile = pod("cart", container(args=["--maxmemory", "1\x1b[2Jgb\n\u202e"]))
    hostile["metadata"]["annotations"] = {"redis-memory-guard.dev/headroom": "\x1b[31mx\r\ny"}

    told = create_dry(guard.cluster, namespace, hostile).stderr.splitlines()

    assert [line.startswith("Warning: ") for line in told] == [True] * len(told)
    assert any("redis-memory-guard.dev/headroom" in line for line in told)
    assert any("maxmemory" in line for line in told)
    assert not any("[2Jgb" in line for line in told)
    assert all(line.isprintable() for line in told)


@contextmanager
def _without_webhook(guard: Guard) -> Iterator[None]:
    guard.scale(0)
    try:
        yield
    finally:
        guard.scale(2)


@contextmanager
def _without_certificate_process(guard: Guard) -> Iterator[None]:
    scale = ("scale", "deployment", f"{NAME}-certs", f"--namespace={NAMESPACE}")
    guard.cluster.kubectl(*scale, "--replicas=0")
    guard.settle()
    try:
        yield
    finally:
        guard.cluster.kubectl(*scale, "--replicas=1")


@contextmanager
def _endpoint(cluster: Cluster) -> Iterator[None]:
    """Send what is for the webhook's Service to the meddler."""
    where = ("--namespace", NAMESPACE, "--filename=-")
    document = json.dumps(_impostor())
    cluster.kubectl("create", *where, stdin=document)
    try:
        yield
    finally:
        cluster.kubectl("delete", *where, stdin=document)


def _impostor() -> Json:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "impostor", "labels": {"kubernetes.io/service-name": NAME}},
        "addressType": "IPv4",
        "ports": [{"name": "https", "port": PORT, "protocol": "TCP"}],
        "endpoints": [{"addresses": [NODE_ADDRESS], "conditions": {"ready": True}}],
    }


def _publish(guard: Guard, bundle: bytes) -> None:
    """Put another CA into every webhook."""
    encoded = base64.b64encode(bundle).decode()
    for configuration in guard.get(CONFIGURATIONS):
        kind, name = configuration["kind"], configuration["metadata"]["name"]
        if name != NAME:
            continue
        patch = [
            {"op": "add", "path": f"/webhooks/{n}/clientConfig/caBundle", "value": encoded}
            for n in range(len(configuration["webhooks"]))
        ]
        guard.cluster.kubectl("patch", kind, name, "--type=json", f"--patch={json.dumps(patch)}")


def _refusal(cluster: Cluster, namespace: str, reason: str) -> str:
    """What a Redis Pod is refused with, if it is so for this reason; it is never let in."""
    created = create_dry(cluster, namespace, pod("cart"))
    assert created.returncode != 0, created.stdout
    return created.stderr if reason in created.stderr else ""


def _allowed(
    cluster: Cluster, namespace: str, wishes: set[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Which of (verb, resource, group) the API server would let the tenant do."""
    asked = sorted(wishes)
    reviews = [_access_review(namespace, *wish) for wish in asked]
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": reviews})
    show = '--output=jsonpath={.status.allowed}{"\\n"}'
    answers = cluster.kubectl("create", "--filename=-", show, stdin=document).stdout.split()
    return {wish for wish, allowed in zip(asked, answers, strict=True) if allowed == "true"}


def _access_review(namespace: str, verb: str, resource: str, group: str) -> Json:
    attributes = {"namespace": namespace, "verb": verb, "resource": resource, "group": group}
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": TENANT, "resourceAttributes": attributes},
    }
