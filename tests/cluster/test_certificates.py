"""The certificate process against a real API server: its permissions, its writes, its rotations."""

import json

import pytest

from tests.cluster.certificate_installation import (
    CA_SECRET,
    SERVING_SECRET,
    Installation,
)
from tests.cluster.certificate_process import FIRST_TIME, Process
from tests.cluster.certificate_trials import KILLED

pytestmark = pytest.mark.cluster


def test_get_and_patch_by_name_suffice(process: Process) -> None:
    installation = process.installation

    assert process.once() == FIRST_TIME
    assert process.once() == ["keep"]
    ca = installation.data(CA_SECRET)["ca.crt"]
    assert installation.bundles() == {ca}
    assert installation.data(SERVING_SECRET)["ca.crt"] == ca
    assert "up to date in 2 of 2 webhooks" in process.inspect()


def test_nothing_else_is_permitted(process: Process) -> None:
    met = json.loads(process.trial("beyond").stdout)

    assert met == {"secret": "forbidden", "configuration": "forbidden"}


def test_a_write_with_an_old_reading_is_a_conflict(process: Process) -> None:
    met = json.loads(process.trial("stale").stdout)

    assert met == {
        CA_SECRET: "conflict",
        SERVING_SECRET: "conflict",
        "MutatingWebhookConfiguration": "conflict",
        "ValidatingWebhookConfiguration": "conflict",
    }


@pytest.mark.parametrize("writes", range(1, len(FIRST_TIME)))
def test_killed_after_any_write_the_next_process_goes_on(writes: int, process: Process) -> None:
    killed = process.trial("killed", str(writes), check=False)

    assert killed.returncode == KILLED
    assert process.once() == FIRST_TIME[writes:]
    ca = process.installation.data(CA_SECRET)["ca.crt"]
    assert process.installation.bundles() == {ca}


@pytest.mark.parametrize("loss", ["caBundle", "serving"])
def test_what_is_lost_is_repaired(loss: str, process: Process) -> None:
    process.once()
    match loss:
        case "caBundle":
            target = ("validatingwebhookconfiguration", process.installation.namespace)
            patch = '[{"op": "remove", "path": "/webhooks/1/clientConfig/caBundle"}]'
            expected = "publish-ca-bundle"
        case _:
            target = ("secret", SERVING_SECRET)
            patch = '[{"op": "replace", "path": "/data/tls.crt", "value": ""}]'
            expected = "issue-serving-certificate"
    namespace = f"--namespace={process.installation.namespace}"
    process.installation.cluster.kubectl(
        "patch", *target, namespace, "--type=json", f"--patch={patch}"
    )

    assert process.once() == [expected, "keep"]


def test_no_admission_is_lost_to_rotations(installation: Installation) -> None:
    as_administrator = Process(
        installation=installation, kubeconfig=installation.cluster.kubeconfig
    )

    result = json.loads(as_administrator.trial("rotate", "4").stdout)

    assert result["refused"] == []
    # One mutating and two validating webhooks are called for each.
    assert result["webhook_calls"] >= 3 * result["admitted"]
    assert result["admitted"] >= 100
    assert result["cas"] >= 4
    assert result["leaves"] >= result["cas"]
