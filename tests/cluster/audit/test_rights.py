"""What an audit makes of what it may not read, and of an interruption; no Pod has to run."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.cluster.audit.commands import PROGRAM, by_name, guard_command
from tests.cluster.audit.zoo import documents
from tests.harness.cluster import Cluster
from tests.harness.manifests import container, deployment
from tests.harness.scratch import scratch_namespace

pytestmark = pytest.mark.cluster

_RULES = (
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("", "limitranges"),
    ("apps", "deployments"),
    ("apps", "statefulsets"),
    ("apps", "daemonsets"),
    ("apps", "replicasets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("autoscaling.k8s.io", "verticalpodautoscalers"),
)


@pytest.fixture
def restricted(api_server: Cluster, tmp_path: Path) -> tuple[Path, str, str]:
    """The kubeconfig of somebody who may look at the first of two namespaces."""
    with scratch_namespace(api_server) as own, scratch_namespace(api_server) as foreign:
        for namespace in (own, foreign):
            manifest = documents([deployment("cart", container())])
            where = f"--namespace={namespace}"
            api_server.kubectl("create", where, "--filename=-", stdin=manifest)
        _grant(api_server, own)
        token = api_server.kubectl("create", "token", "auditor", f"--namespace={own}").stdout
        content = yaml.safe_load(api_server.kubeconfig.read_text())
        content["users"] = [
            {"name": each["name"], "user": {"token": token.strip()}} for each in content["users"]
        ]
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(content))
        path.chmod(0o600)
        yield path, own, foreign


def _grant(cluster: Cluster, namespace: str) -> None:
    where = f"--namespace={namespace}"
    rules = [
        {"apiGroups": [group], "resources": [resource], "verbs": ["get", "list"]}
        for group, resource in _RULES
    ]
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "auditor"},
        "rules": rules,
    }
    cluster.kubectl("create", where, "--filename=-", stdin=json.dumps(role))
    cluster.kubectl("create", "serviceaccount", "auditor", where)
    account = f"--serviceaccount={namespace}:auditor"
    cluster.kubectl("create", "rolebinding", "auditor", where, "--role=auditor", account)


def test_a_role_in_one_namespace_is_enough(
    api_server: Cluster, restricted: tuple[Path, str, str]
) -> None:
    path, own, _ = restricted

    done = guard_command(
        api_server, "audit", f"--kubeconfig={path}", f"--namespace={own}", "--output=json"
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert set(by_name(json.loads(done.stdout))) == {"cart"}


def test_what_is_forbidden_is_said_and_the_rest_is_told(
    api_server: Cluster, restricted: tuple[Path, str, str]
) -> None:
    path, own, foreign = restricted

    done = guard_command(
        api_server,
        "audit",
        f"--kubeconfig={path}",
        f"--namespace={own}",
        f"--namespace={foreign}",
        "--output=json",
    )

    assert done.returncode == 3
    output = json.loads(done.stdout)
    assert [each["namespace"] for each in output["findings"]] == [own]
    assert {each["namespace"] for each in output["incomplete"]} == {foreign}
    assert "forbidden" in output["incomplete"][0]["why"]


def test_all_namespaces_take_a_right_of_the_whole_cluster(
    api_server: Cluster, restricted: tuple[Path, str, str]
) -> None:
    path, _, _ = restricted

    done = guard_command(api_server, "audit", f"--kubeconfig={path}", "-A")

    assert (done.returncode, done.stdout) == (2, "")
    assert "-n NAMESPACE needs no right of the whole cluster" in done.stderr


def test_the_rights_are_told(api_server: Cluster, restricted: tuple[Path, str, str]) -> None:
    path, own, foreign = restricted

    done = guard_command(
        *(api_server, "audit", f"--kubeconfig={path}", "--check-access"),
        *(f"--namespace={own}", f"--namespace={foreign}"),
    )

    lines = done.stdout.splitlines()
    assert lines[:2] == [f"{own}:", "  yes  list pods"]
    assert "  no   create pods/exec (only for --live exec and apply)" in lines
    assert lines[lines.index(f"{foreign}:") + 1] == "  no   list pods"


@pytest.mark.parametrize("command", ["audit", "apply"])
def test_a_namespace_that_is_not_there_is_bad_input(api_server: Cluster, command: str) -> None:
    done = guard_command(api_server, command, "--namespace=default", "--namespace=typo")

    assert (done.returncode, done.stdout) == (2, "")
    assert "no namespace is called typo" in done.stderr


def test_no_cluster_is_bad_input(api_server: Cluster, tmp_path: Path) -> None:
    done = guard_command(api_server, "audit", f"--kubeconfig={tmp_path / 'none'}")

    assert (done.returncode, done.stdout) == (2, "")
    assert "no usable kubeconfig" in done.stderr


def test_an_interruption_reports_nothing(api_server: Cluster) -> None:
    # One object a request: it is under way for long enough.
    audit = subprocess.Popen(
        [*api_server.enter, PROGRAM, "audit", "-A", "--page-size=1", "--check-access"],
        env={**os.environ, **api_server.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    audit.send_signal(signal.SIGINT)

    out, _ = audit.communicate(timeout=120)

    assert (audit.returncode in (130, -signal.SIGINT), out) == (True, "")


def test_a_baseline_counts_only_what_is_new(
    api_server: Cluster, restricted: tuple[Path, str, str], tmp_path: Path
) -> None:
    path, own, _ = restricted
    where = f"--namespace={own}"
    manifest = documents([deployment("old", container(limit=None))])
    api_server.kubectl("create", where, "--filename=-", stdin=manifest)
    options = ("audit", f"--kubeconfig={path}", where, "--fail-on=refused")
    baseline = tmp_path / "audit.json"

    first = guard_command(api_server, *options, f"--output-file={baseline}")
    again = guard_command(api_server, *options, f"--baseline={baseline}", "--fail-on-new")
    manifest = documents([deployment("new", container(limit=None))])
    api_server.kubectl("create", where, "--filename=-", stdin=manifest)
    later = guard_command(api_server, *options, f"--baseline={baseline}", "--fail-on-new")

    assert (first.returncode, again.returncode, later.returncode) == (1, 0, 1)
