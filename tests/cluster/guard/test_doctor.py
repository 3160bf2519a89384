"""`redis-memory-guard doctor` on a real installation: whole, and broken in six ways.

Each breakage is undone by `helm upgrade`, which the command's own lines say.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from certs.ca import create_ca, issue_leaf
from certs.stored import encode_serving
from tests.cluster.audit.commands import Told, diagnosis, guard_command
from tests.harness.cache import REPOSITORY
from tests.harness.release import CONFIGURATIONS, NAME, NAMESPACE, Guard
from tests.harness.waiting import eventually
from webhook.doctor.check import CheckName

pytestmark = pytest.mark.cluster

_HERE = f"--namespace={NAMESPACE}"
_ANOTHER_POLICY = "mode: enforce\nevictionPolicy: allkeys-lfu\n"


@pytest.fixture
def breakable(guard: Guard) -> Iterator[Guard]:
    """The guard, which is whole again afterwards."""
    yield guard
    guard.install()


def not_in_order(told: Told) -> Mapping[str, str]:
    return {name: message for name, (status, message) in told.items() if status != "ok"}


def test_a_healthy_installation_is_told_so(guard: Guard) -> None:
    done = guard_command(guard.cluster, "doctor")

    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[-1] == f"{len(CheckName)} checks: all in order"
    assert [line for line in lines if line.startswith("ok")] == lines[2:-2]
    assert "ok    replicas: 2 of 2 replicas are ready" in lines
    assert "ok    bounded-pod: a Redis with a memory limit in default gets a ceiling of" in (
        done.stdout
    )
    assert "ok    denied-pod: a Redis without a memory limit in default is refused" in lines


def _scale_to_none(guard: Guard) -> None:
    guard.cluster.kubectl("scale", f"deployment/{NAME}", _HERE, "--replicas=0")
    eventually(lambda: all(map(_is_leaving, guard.get("pods", _webhook()))), what="they leave")
    # nobody waits here for what they answer to the end
    guard.cluster.kubectl("delete", "pods", _webhook(), _HERE, "--grace-period=0", "--force")


def _publish_another_authority(guard: Guard) -> None:
    _stop_certificate_process(guard)
    _set_bundles(guard, base64.b64encode(_authority().certificate.pem).decode())


def _let_the_certificate_expire(guard: Guard) -> None:
    _stop_certificate_process(guard)
    authority, name = _authority(), f"{NAME}.{NAMESPACE}.svc"
    a_year_ago = datetime.now(UTC) - timedelta(days=364)
    day = timedelta(days=1)
    leaf = issue_leaf(authority, dns_names=(name,), lifetime=day, now=a_year_ago)
    encoded = encode_serving(leaf, authority.certificate)
    data = {key: base64.b64encode(value).decode() for key, value in encoded.items()}
    patch = ("patch", "secret", f"{NAME}-tls", _HERE, "--type=merge")
    guard.cluster.kubectl(*patch, f"--patch={json.dumps({'data': data})}")


def _delete_configurations(guard: Guard) -> None:
    guard.cluster.kubectl("delete", CONFIGURATIONS, NAME)


def _change_policy_and_rights_by_hand(guard: Guard) -> None:
    guard.cluster.kubectl("delete", "clusterrolebinding", f"{NAME}-config-maps")
    _set_policy(guard, _ANOTHER_POLICY)


def _set_policy(guard: Guard, text: str) -> None:
    data = json.dumps({"data": {"policy.yaml": text}})
    patch = ("patch", "configmap", f"{NAME}-policy", _HERE, "--type=merge")
    guard.cluster.kubectl(*patch, f"--patch={data}")


def _lead_nowhere(guard: Guard) -> None:
    selector = json.dumps({"spec": {"selector": {"app.kubernetes.io/component": "nobody"}}})
    patch = ("patch", "service", NAME, _HERE, "--type=merge", f"--patch={selector}")
    guard.cluster.kubectl(*patch)
    slices = f"--selector=kubernetes.io/service-name={NAME}"
    eventually(
        lambda: not any(each["endpoints"] for each in guard.get("endpointslices", slices)),
        what="a Service without endpoints",
    )


def _roll_out_an_image_that_is_not_there(guard: Guard) -> None:
    image = f"webhook=127.0.0.1:1/{NAME}:none"  # where nobody listens: refused at once
    guard.cluster.kubectl("set", "image", f"deployment/{NAME}", _HERE, image)
    eventually(
        lambda: "ImagePull" in json.dumps(guard.get("pods", _webhook())), what="a failed pull"
    )


@pytest.mark.parametrize(
    ("break_it", "broken"),
    [
        (_scale_to_none, {"replicas": "scaled to 0", "endpoints": "0 ready replicas"}),
        (_publish_another_authority, {"ca-bundle": "does not trust the serving certificate"}),
        (_let_the_certificate_expire, {"certificate": "the certificate expired at"}),
        (
            _delete_configurations,
            {
                "mutating-configuration": "no Redis is looked at",
                "validating-configuration": "no Redis is looked at",
            },
        ),
        (
            _change_policy_and_rights_by_hand,
            {
                "policy": "is not the policy that was rolled out to",
                "config-maps": "may not read ConfigMaps",
            },
        ),
        (_roll_out_an_image_that_is_not_there, {"replicas": "ImagePull"}),
    ],
)
def test_a_broken_installation_is_told_by_the_line_that_is_broken(
    breakable: Guard, break_it: Callable[[Guard], None], broken: Mapping[str, str]
) -> None:
    break_it(breakable)

    code, told = diagnosis(breakable.cluster)

    assert code == 1
    for name, message in broken.items():
        status, said = told[name]
        assert (status, message in said) == ("failed", True), said


def test_a_service_that_leads_nowhere_is_told_with_what_to_do(breakable: Guard) -> None:
    _lead_nowhere(breakable)

    done = guard_command(breakable.cluster, "doctor")

    assert done.returncode == 1
    assert "FAIL  endpoints: the Service" in done.stdout
    assert "      The selector of the Service is not the chart's: helm upgrade" in done.stdout
    assert "/docs/troubleshooting.md#endpoints" in done.stdout


def test_a_policy_of_once_that_replicas_still_follow_is_told_with_what_to_do(
    guard: Guard,
) -> None:
    (policy,) = guard.get("configmaps", f"--field-selector=metadata.name={NAME}-policy")
    _scale_to_none(guard)
    _set_policy(guard, _ANOTHER_POLICY)
    guard.scale(2)
    _set_policy(guard, policy["data"]["policy.yaml"])

    code, told = diagnosis(guard.cluster)
    guard.cluster.kubectl("rollout", "restart", f"deployment/{NAME}", _HERE)
    guard.cluster.kubectl("rollout", "status", f"deployment/{NAME}", _HERE, "--timeout=120s")
    cured = diagnosis(guard.cluster)

    assert (code, list(not_in_order(told))) == (1, ["policy"])
    assert told["policy"][1].endswith("read at the start")
    assert (cured[0], not_in_order(cured[1])) == (0, {})
    assert cured[1]["policy"][1].startswith("every replica follows the policy")


def test_the_documented_rights_are_enough(guard: Guard, tmp_path: Path) -> None:
    told = (REPOSITORY / "docs" / "operations.md").read_text()
    _, _, behind = told.partition("## Is all in order?")
    (manifest,) = re.findall(r"```yaml\n(.*?)```", behind.partition("\n## ")[0], re.DOTALL)
    guard.cluster.kubectl("create", "serviceaccount", "doctor", _HERE)
    guard.cluster.kubectl("apply", "--filename=-", stdin=manifest)
    try:
        kubeconfig = _kubeconfig_of("doctor", guard, tmp_path)
        code, told_to_them = diagnosis(guard.cluster, f"--kubeconfig={kubeconfig}", _HERE)
        unlisted = guard_command(guard.cluster, "doctor", f"--kubeconfig={kubeconfig}")
    finally:
        guard.cluster.kubectl("delete", "--filename=-", stdin=manifest)
        guard.cluster.kubectl("delete", "serviceaccount", "doctor", _HERE)

    assert (code, not_in_order(told_to_them)) == (0, {})
    assert (unlisted.returncode, unlisted.stdout) == (2, "")
    assert 'cannot list resource "deployments"' in unlisted.stderr
    assert "--namespace" in unlisted.stderr


def test_where_nothing_is_installed_there_is_nothing_to_check(guard: Guard) -> None:
    done = guard_command(guard.cluster, "doctor", "--namespace=default")

    assert (done.returncode, done.stdout) == (2, "")
    assert "no release of the chart in the namespace default" in done.stderr


def _authority() -> Any:
    return create_ca(lifetime=timedelta(days=365), now=datetime.now(UTC) - timedelta(days=364))


def _stop_certificate_process(guard: Guard) -> None:
    """Or it would mend what is broken for the test."""
    guard.cluster.kubectl("scale", f"deployment/{NAME}-certs", _HERE, "--replicas=0")
    component = "--selector=app.kubernetes.io/component=certs"
    eventually(lambda: not guard.get("pods", component), what="no certificate process")


def _set_bundles(guard: Guard, bundle: str) -> None:
    for configuration in guard.get(CONFIGURATIONS, f"--field-selector=metadata.name={NAME}"):
        patch = [
            {"op": "replace", "path": f"/webhooks/{index}/clientConfig/caBundle", "value": bundle}
            for index, _ in enumerate(configuration["webhooks"])
        ]
        what = (configuration["kind"].lower(), NAME)
        guard.cluster.kubectl("patch", *what, "--type=json", f"--patch={json.dumps(patch)}")


def _is_leaving(pod: Any) -> bool:
    return "deletionTimestamp" in pod["metadata"]


def _webhook() -> str:
    return "--selector=app.kubernetes.io/component=webhook"


def _kubeconfig_of(account: str, guard: Guard, directory: Path) -> Path:
    token = guard.cluster.kubectl("create", "token", account, _HERE).stdout.strip()
    content = yaml.safe_load(guard.cluster.kubeconfig.read_text())
    content["users"] = [
        {"name": each["name"], "user": {"token": token}} for each in content["users"]
    ]
    path = directory / "kubeconfig"
    path.write_text(yaml.safe_dump(content))
    path.chmod(0o600)
    return path
