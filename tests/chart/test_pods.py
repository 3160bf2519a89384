"""How our Pods run: with whose rights, on which nodes, in which network."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.chart.rendering import NAMESPACE, Rendered, certs_options, render

LINUX = {"kubernetes.io/os": "linux"}
RESTRICTED_POD = {
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "runAsGroup": 65532,
    "fsGroup": 65532,
    "seccompProfile": {"type": "RuntimeDefault"},
}
RESTRICTED_CONTAINER = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}


def pod_specs(rendered: Rendered) -> Mapping[str, Any]:
    """The specs of our Pods by their names: the webhook's, the certs process's, the test's."""
    templates = {
        each["metadata"]["name"]: each["spec"]["template"] for each in rendered.of("Deployment")
    }
    templates |= {each["metadata"]["name"]: each for each in rendered.of("Pod")}
    assert templates.keys() == {"guard", "guard-certs", "guard-test"}
    return {name: template["spec"] for name, template in templates.items()}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, RESTRICTED_POD),
        ({"runAsUser": 1000}, {**RESTRICTED_POD, "runAsUser": 1000}),
        (
            {"runAsUser": None, "runAsGroup": None, "fsGroup": None},
            {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        ),
        (None, None),
    ],
)
def test_the_security_context_of_pods_can_be_changed_and_emptied(
    given: Mapping[str, Any] | None, expected: Mapping[str, Any] | None
) -> None:
    specs = pod_specs(render({"podSecurityContext": given}))

    assert [spec.get("securityContext") for spec in specs.values()] == [expected] * 3


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, RESTRICTED_CONTAINER),
        ({"privileged": False}, {**RESTRICTED_CONTAINER, "privileged": False}),
        (None, None),
    ],
)
def test_the_security_context_of_containers_can_be_changed_and_emptied(
    given: Mapping[str, Any] | None, expected: Mapping[str, Any] | None
) -> None:
    specs = pod_specs(render({"securityContext": given}))

    contexts = [spec["containers"][0].get("securityContext") for spec in specs.values()]
    assert contexts == [expected] * 3


@pytest.mark.parametrize(
    ("pod_security_context", "mode"),
    [({}, 0o440), ({"fsGroup": None}, 0o444), (None, 0o444)],
)
def test_the_certificate_can_be_read_without_a_group_of_ours(
    pod_security_context: Any, mode: int
) -> None:
    webhook = pod_specs(render({"podSecurityContext": pod_security_context}))["guard"]

    (secret,) = (volume["secret"] for volume in webhook["volumes"] if "secret" in volume)
    assert secret["defaultMode"] == mode


def test_every_pod_runs_on_linux_unless_told_otherwise() -> None:
    windows = {"kubernetes.io/os": "windows"}
    zone = {"zone": "a"}

    default = pod_specs(render())
    changed = pod_specs(
        render(
            {
                "webhook": {"nodeSelector": zone},
                "certificates": {"self": {"nodeSelector": windows}},
                "tests": {"nodeSelector": {"kubernetes.io/os": None}},
            }
        )
    )

    assert {name: spec["nodeSelector"] for name, spec in default.items()} == {
        "guard": LINUX,
        "guard-certs": LINUX,
        "guard-test": LINUX,
    }
    assert {name: spec.get("nodeSelector") for name, spec in changed.items()} == {
        "guard": {**LINUX, **zone},
        "guard-certs": windows,
        "guard-test": None,
    }


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (("webhook",), "guard"),
        (("certificates", "self"), "guard-certs"),
        (("tests",), "guard-test"),
    ],
)
def test_each_component_is_scheduled_by_itself(path: tuple[str, ...], name: str) -> None:
    scheduling = {
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
        "affinity": {"podAffinity": {}},
    }
    values: Any = scheduling
    for key in reversed(path):
        values = {key: values}

    specs = pod_specs(render(values))

    scheduled = {
        name: {key: spec[key] for key in scheduling if key in spec} for name, spec in specs.items()
    }
    assert scheduled == {**{each: {} for each in specs}, name: scheduling}


def test_the_webhook_alone_is_critical_and_a_quota_lets_it_in() -> None:
    rendered = render()

    classes = {name: spec.get("priorityClassName") for name, spec in pod_specs(rendered).items()}
    assert classes == {
        "guard": "system-cluster-critical",
        "guard-certs": None,
        "guard-test": None,
    }
    assert _quota(rendered) == {
        "hard": {"pods": "100"},
        "scopeSelector": {
            "matchExpressions": [
                {
                    "scopeName": "PriorityClass",
                    "operator": "In",
                    "values": ["system-cluster-critical"],
                }
            ]
        },
    }


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ({"webhook": {"priorityClassName": ""}}, None),
        ({"webhook": {"priorityClassName": "system-cluster"}}, None),
        ({"webhook": {"priorityClassName": "platform-critical"}}, None),
        ({"resourceQuota": {"enabled": False}}, None),
        (
            {"certificates": {"self": {"priorityClassName": "system-node-critical"}}},
            ["system-cluster-critical", "system-node-critical"],
        ),
        (
            {
                "webhook": {"priorityClassName": ""},
                "certificates": {
                    "mode": "certManager",
                    "self": {"priorityClassName": "system-node-critical"},
                },
            },
            None,
        ),
    ],
)
def test_a_quota_is_there_for_critical_classes_only(
    values: Mapping[str, Any], classes: list[str] | None
) -> None:
    quota = _quota(render(values))

    found = quota and quota["scopeSelector"]["matchExpressions"][0]["values"]
    assert found == classes


@pytest.mark.parametrize(
    ("webhook", "dns_policy", "strategy"),
    [
        ({}, None, {"maxSurge": 1, "maxUnavailable": 0}),
        ({"dnsPolicy": "Default"}, "Default", {"maxSurge": 1, "maxUnavailable": 0}),
        (
            {"hostNetwork": True},
            "ClusterFirstWithHostNet",
            {"maxSurge": 0, "maxUnavailable": 1},
        ),
        (
            {"hostNetwork": True, "dnsPolicy": "Default"},
            "Default",
            {"maxSurge": 0, "maxUnavailable": 1},
        ),
    ],
)
def test_the_webhook_can_use_the_nodes_network(
    webhook: Mapping[str, Any], dns_policy: str | None, strategy: Mapping[str, int]
) -> None:
    rendered = render({"webhook": webhook})

    networks = {name: spec.get("hostNetwork") for name, spec in pod_specs(rendered).items()}
    assert networks == {
        "guard": webhook.get("hostNetwork"),
        "guard-certs": None,
        "guard-test": None,
    }
    assert pod_specs(rendered)["guard"].get("dnsPolicy") == dns_policy
    assert rendered.one("Deployment")["spec"]["strategy"] == {"rollingUpdate": strategy}


def test_annotations_of_a_component_come_before_those_of_all() -> None:
    annotations = {"a": "all", "b": "all"}
    component = {"podAnnotations": {"b": "own", "c": "own"}}

    rendered = render(
        {
            "podAnnotations": {**annotations, "checksum/policy": "theirs"},
            "webhook": component,
            "certificates": {"self": component},
        }
    )

    found = {
        each["metadata"]["name"]: each["spec"]["template"]["metadata"]["annotations"]
        for each in rendered.of("Deployment")
    }
    assert len(found["guard"].pop("checksum/policy")) == 64
    assert found["guard-certs"].pop("checksum/policy") == "theirs"
    assert list(found.values()) == [{"a": "all", "b": "own", "c": "own"}] * 2


def test_labels_of_pods_and_of_the_monitor_come_before_those_of_all_objects() -> None:
    rendered = render(
        {
            "commonLabels": {"a": "all", "b": "all"},
            "podLabels": {"b": "pods"},
            "serviceMonitor": {"enabled": True, "labels": {"b": "monitor"}},
        }
    )

    deployment = rendered.one("Deployment")
    of_pods = deployment["spec"]["template"]["metadata"]
    monitor = rendered.one("ServiceMonitor")["metadata"]
    found = [
        (each["labels"]["a"], each["labels"]["b"])
        for each in (deployment["metadata"], of_pods, monitor)
    ]
    assert found == [("all", "all"), ("all", "pods"), ("all", "monitor")]


def test_secrets_to_pull_with_are_those_of_this_chart_and_of_the_one_above() -> None:
    specs = pod_specs(
        render(
            {
                "imagePullSecrets": [{"name": "ours"}, {"name": "both"}],
                "global": {"imagePullSecrets": ["theirs", {"name": "both"}]},
            }
        )
    )

    names = [{"name": name} for name in ("ours", "both", "theirs")]
    assert [spec["imagePullSecrets"] for spec in specs.values()] == [names] * 3


@pytest.mark.parametrize("limit", [0, 3])
def test_old_replica_sets_are_kept_as_many_as_wanted(limit: int) -> None:
    rendered = render({"revisionHistoryLimit": limit})

    assert [d["spec"]["revisionHistoryLimit"] for d in rendered.of("Deployment")] == [limit] * 2


def test_all_stands_in_the_namespace_that_takes_the_releases_place() -> None:
    rendered = render({"namespaceOverride": "platform", "tests": {"namespace": NAMESPACE}})

    elsewhere = [
        (each["kind"], each["metadata"]["name"])
        for each in rendered.manifests
        if each["metadata"].get("namespace", "platform") != "platform"
    ]
    assert elsewhere == [("Role", "guard-test"), ("RoleBinding", "guard-test")]
    subjects = [
        subject
        for kind in ("RoleBinding", "ClusterRoleBinding")
        for binding in rendered.of(kind)
        for subject in binding["subjects"]
    ]
    assert {subject["namespace"] for subject in subjects} == {"platform"}
    (certs,) = rendered.one("Deployment", "-certs")["spec"]["template"]["spec"]["containers"]
    assert certs_options(certs)[0] == "--namespace=platform"
    webhooks = rendered.webhooks().values()
    assert {w["clientConfig"]["service"]["namespace"] for w in webhooks} == {"platform"}
    (exempt,) = {tuple(w["namespaceSelector"]["matchExpressions"][0]["values"]) for w in webhooks}
    assert exempt == ("kube-system", "platform")


def _quota(rendered: Rendered) -> Any:
    return next((each["spec"] for each in rendered.of("ResourceQuota")), None)
