"""The chart on a real cluster: accepted, upgraded, tried, removed."""

import json
from typing import Any

import pytest

from tests.harness.manifests import create_dry, pod
from tests.harness.release import CHART, CONFIGURATIONS, NAME, NAMESPACE, Guard
from tests.harness.waiting import eventually

pytestmark = pytest.mark.cluster

EVERYTHING = (
    "configmaps,deployments,networkpolicies,pods,poddisruptionbudgets,roles,rolebindings,secrets,"
    "serviceaccounts,services"
)
POLICIES = "validatingadmissionpolicies,validatingadmissionpolicybindings"
CLUSTER_WIDE = f"clusterroles,clusterrolebindings,{POLICIES},{CONFIGURATIONS}"


def test_what_helm_tests(guard: Guard) -> None:
    tested = guard.test()

    said = tested.stdout + tested.stderr
    assert "Phase:          Succeeded" in said
    assert "enforce mode in the namespace default" in said
    assert "A Redis with a memory limit: as expected" in said
    assert "--maxmemory 419430400 --maxmemory-policy allkeys-lru --save" in said
    assert "A Redis without a memory limit: as expected" in said
    assert 'refused: admission webhook "inject.redis-memory-guard.dev" denied the request' in said
    assert _names(guard, "pods", "-test") == []


def test_an_upgrade_leaves_secrets_and_bundles_alone(guard: Guard) -> None:
    secrets, bundles = guard.secrets(), guard.bundles()

    with guard.changed("--set=mode=audit", "--set=webhook.replicas=1"):
        secrets_after, bundles_after = guard.secrets(), guard.bundles()

    assert secrets.keys() == {f"{NAME}-ca", f"{NAME}-tls"}
    assert all(data for _, data in secrets.values())
    assert secrets_after == secrets
    assert len(set(bundles.values())) == 1
    assert bundles_after == bundles
    assert (guard.secrets(), guard.bundles()) == (secrets, bundles)


def test_a_lost_bundle_is_published_again(guard: Guard) -> None:
    before = guard.bundles()
    empty = [{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]
    patch = ("patch", "mutatingwebhookconfiguration", NAME, "--type=json")

    guard.cluster.kubectl(*patch, f"--patch={json.dumps(empty)}")

    assert eventually(lambda: guard.bundles() == before, what="the bundle")


def test_the_certificate_process_tells_in_its_pod_what_is_there(guard: Guard) -> None:
    pod_of = (f"deployment/{NAME}-certs", f"--namespace={NAMESPACE}", "--")

    shown = guard.cluster.kubectl("exec", *pod_of, "redis-memory-guard-certs", "inspect").stdout

    assert f"CA             Secret/{NAME}-ca\n" in shown
    assert f"  mutating     {NAME}: up to date in 1 of 1 webhooks\n" in shown
    assert "next           keep until " in shown


def test_the_metrics_of_both_processes_are_found_at_one_service(guard: Guard) -> None:
    slices = guard.get("endpointslices", f"--selector=kubernetes.io/service-name={NAME}-metrics")

    found = {
        (port["port"], target.removeprefix(f"{NAME}-").startswith("certs"))
        for each in slices
        for port in each["ports"]
        for target in (endpoint["targetRef"]["name"] for endpoint in each["endpoints"])
    }

    assert found == {(8080, False), (8081, True)}


def test_a_policy_with_a_mistake_stops_the_roll_out_and_the_old_pods_go_on(
    guard: Guard, namespace: str
) -> None:
    mistake = '--set-json=policy={"rules":[{"namespaces":["a"]},{"namespaces":["a"]}]}'
    options = (f"--namespace={NAMESPACE}", "--reuse-values", mistake, "--wait", "--timeout=20s")

    try:
        failed = guard.cluster.helm("upgrade", NAME, str(CHART), *options, check=False)
        created = create_dry(guard.cluster, namespace, pod("cart"))
    finally:
        guard.install()

    assert failed.returncode != 0
    assert "--maxmemory" in created.stdout


def test_uninstalling_leaves_nothing_and_blocks_nothing(guard: Guard, namespace: str) -> None:
    guard.uninstall()
    try:
        created = create_dry(guard.cluster, namespace, pod("cart"))
        # Pods take their time to drain.
        of_every_namespace = {"ConfigMap/kube-root-ca.crt", "ServiceAccount/default"}
        eventually(lambda: _left(guard) == of_every_namespace, what="an empty namespace")
    finally:
        guard.install()

    assert created.returncode == 0
    assert "--maxmemory" not in created.stdout


def _left(guard: Guard) -> set[str]:
    of_the_cluster = (each for each in guard.get(CLUSTER_WIDE) if NAME in each["metadata"]["name"])
    found = (*guard.get(EVERYTHING), *of_the_cluster)
    return {f"{each['kind']}/{each['metadata']['name']}" for each in found}


def _names(guard: Guard, kind: str, suffix: str) -> list[Any]:
    names = [each["metadata"]["name"] for each in guard.get(kind)]
    return [name for name in names if name.endswith(suffix)]
