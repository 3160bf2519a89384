from pathlib import Path

import pytest
import yaml

from webhook.cli.input.manifests import EvaluatedWorkload, evaluate_workloads, read_manifests
from webhook.cli.input.sources import InputProblem
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.policy.settings import NamespaceSettings, Policy, Rule

POD = {
    "containers": [
        {"name": "redis", "image": "redis:7", "resources": {"limits": {"memory": "512Mi"}}}
    ]
}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": POD}


def evaluated(
    tmp_path: Path, *objects: object, policy: Policy | None = None, namespace: str = "default"
):
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump_all(objects))
    return list(evaluate_workloads(read_manifests([str(path)]), policy or Policy(), namespace))


def workload(kind: str, spec: object, **metadata: str) -> dict[str, object]:
    return {"kind": kind, "metadata": {"name": "cache", **metadata}, "spec": spec}


@pytest.mark.parametrize(
    "manifest",
    [
        workload("Pod", POD),
        {"kind": "PodTemplate", "metadata": {"name": "cache"}, "template": TEMPLATE},
        workload("CronJob", {"jobTemplate": {"spec": {"template": TEMPLATE}}}),
        *(
            workload(kind, {"template": TEMPLATE})
            for kind in (
                "Deployment",
                "StatefulSet",
                "DaemonSet",
                "ReplicaSet",
                "ReplicationController",
                "Job",
                "DeploymentConfig",
                "Rollout",
                "SomethingOfYourOwn",
            )
        ),
    ],
    ids=lambda manifest: manifest["kind"],
)
def test_every_kind_of_workload_is_evaluated_by_its_template(tmp_path: Path, manifest: object):
    (only,) = evaluated(tmp_path, manifest)

    assert isinstance(only, EvaluatedWorkload)
    assert only.evaluation.pod.name == "cache"
    assert only.evaluation.pod.namespace == "default"
    assert [(o.verdict, o.sizing and o.sizing.maxmemory) for o in only.evaluation.outcomes] == [
        (Verdict.INJECT, 419430400)
    ]


@pytest.mark.parametrize(
    "manifest",
    [
        workload("Service", {"ports": []}),
        workload("Rollout", {"workloadRef": {"name": "other"}}),
        workload("SomethingOfYourOwn", {"template": "text"}),
        workload("SomethingOfYourOwn", {"template": {"spec": {"nodes": 3}}}),
        workload("ReplicationController", {"replicas": 1}),
        {"replicaCount": 3, "image": {"tag": "7"}},
        {"kind": 7},
    ],
)
def test_what_makes_no_pod_is_skipped(tmp_path: Path, manifest: object):
    assert evaluated(tmp_path, manifest) == []


def test_claims_of_a_stateful_set_are_volumes_of_its_pod(tmp_path: Path):
    container = {**POD["containers"][0], "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    spec = {
        "template": {
            "spec": {"containers": [container], "volumes": [{"name": "data", "emptyDir": {}}]}
        },
        "volumeClaimTemplates": [{"metadata": {"name": "data"}}, {"metadata": None}, 7],
    }

    (only,) = evaluated(tmp_path, workload("StatefulSet", spec))

    assert isinstance(only, EvaluatedWorkload)
    (outcome,) = only.evaluation.outcomes
    assert outcome.sizing is not None
    assert outcome.sizing.maxmemory == 209715200


CONFIG = {"redis.conf": "maxmemory 300mb\n", "other": 7}
READS_CONFIG = {
    "containers": [
        {
            **POD["containers"][0],
            "args": ["/etc/redis/redis.conf"],
            "volumeMounts": [{"name": "conf", "mountPath": "/etc/redis"}],
        }
    ],
    "volumes": [{"name": "conf", "configMap": {"name": "conf"}}],
}


@pytest.mark.parametrize(
    ("of_map", "of_pod", "verdict"),
    [
        ({}, {}, Verdict.RESPECT),
        ({"namespace": "default"}, {}, Verdict.RESPECT),
        ({}, {"namespace": "default"}, Verdict.RESPECT),
        ({"namespace": "shop"}, {"namespace": "shop"}, Verdict.RESPECT),
        ({"namespace": "shop"}, {}, Verdict.INJECT),
        ({}, {"namespace": "shop"}, Verdict.INJECT),
    ],
)
def test_config_maps_of_the_same_namespace_are_read(
    tmp_path: Path, of_map: dict[str, str], of_pod: dict[str, str], verdict: Verdict
):
    pod = workload("Pod", READS_CONFIG, **of_pod)
    config_map = {"kind": "ConfigMap", "metadata": {"name": "conf", **of_map}, "data": CONFIG}

    (only,) = evaluated(tmp_path, pod, config_map)

    assert isinstance(only, EvaluatedWorkload)
    assert [outcome.verdict for outcome in only.evaluation.outcomes] == [verdict]
    assert only.evaluation.wanted == (() if verdict is Verdict.RESPECT else ("conf",))


def test_rules_go_by_the_namespace_that_holds_for_the_manifest(tmp_path: Path):
    policy = Policy(defaults=NamespaceSettings(), rules=(Rule(namespaces=("shop",), exempt=True),))
    manifests = [workload("Pod", POD), workload("Pod", POD, namespace="other")]

    items = evaluated(tmp_path, *manifests, policy=policy, namespace="shop")

    verdicts = [
        outcome.verdict
        for item in items
        if isinstance(item, EvaluatedWorkload)
        for outcome in item.evaluation.outcomes
    ]
    assert verdicts == [Verdict.EXEMPT, Verdict.INJECT]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "kind: Job\nmetadata: {name: j}\nspec:\n  template:\n    spec:\n      containers:\n"
            "      - args:\n        - --appendonly\n        - yes\n",
            "document 0, line 9: Job j: spec.template.spec.containers[0].args[1]: "
            "must be a string, not a boolean (quote it)",
        ),
        (
            "kind: Deployment\nspec:\n  template: [text]\n",
            "document 0, line 3: Deployment: spec.template: must be an object",
        ),
        (
            "kind: Pod\nmetadata: {name: p}\nspec:\n  containers: {}\n",
            "document 0, line 4: Pod p: spec.containers: must be a list, not an object",
        ),
    ],
)
def test_what_the_api_would_refuse_is_named_with_its_line(tmp_path: Path, text: str, problem: str):
    path = tmp_path / "a.yaml"
    path.write_text(text)

    (only,) = evaluate_workloads(read_manifests([str(path)]), Policy())

    assert isinstance(only, InputProblem)
    assert str(only) == f"{path}: {problem}"
