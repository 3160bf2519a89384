"""What contradicts itself is refused by helm, not by a Pod that does not start."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from certs.__main__ import main as certs_command
from certs.settings import Options, SettingsError, parse_settings
from tests.chart.rendering import (
    CHART,
    NAMESPACE,
    RefusedError,
    certs_options,
    helm,
    render,
)

LIFETIMES = "certificates.self."


def refusal(values: Mapping[str, Any]) -> str:
    """What Helm says of these values, without what it says of where it stopped."""
    with pytest.raises(RefusedError) as raised:
        render(values)
    return str(raised.value).partition("checks.yaml:2:4): ")[2].partition("\n\nUse --debug")[0]


@pytest.mark.parametrize("namespace", ["default", NAMESPACE])
def test_without_values_one_sentence_says_what_to_do(namespace: str) -> None:
    in_namespace = f"--namespace={namespace}"

    with pytest.raises(RefusedError) as raised:
        helm("template", "guard", str(CHART), "--kube-version=1.37.0", in_namespace)

    (said, *_) = str(raised.value).splitlines()
    assert said.partition("checks.yaml:2:4): ")[2] == (
        "image.repository is not set: build the image with the Dockerfile, push it to a registry "
        "that your nodes pull from, and say where it is, such as "
        "--set image.repository=registry.example.com/redis-memory-guard"
    )


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        pytest.param(
            {"policy": {"mode": "audit"}},
            "policy.mode: the mode is a value of its own, as the failure policies depend on it: "
            "mode: audit",
            id="mode-in-policy",
        ),
        pytest.param(
            {"global": {"imageRegistry": "mirror.example.com"}},
            "image.repository: registry.example.com is a registry, and so is global.imageRegistry: "
            "give it in image.registry, which global.imageRegistry takes the place of",
            id="global-registry",
        ),
        pytest.param(
            {"image": {"registry": "a.example.com", "repository": "localhost/guard"}},
            "image.repository: localhost is a registry, and so is image.registry: "
            "give it in image.registry, which global.imageRegistry takes the place of",
            id="two-registries",
        ),
        pytest.param(
            {"commonLabels": {"app.kubernetes.io/component": "mine"}},
            "commonLabels: app.kubernetes.io/component is a label that the chart itself sets",
            id="common-label",
        ),
        pytest.param(
            {"podLabels": {"helm.sh/chart": "mine"}},
            "podLabels: helm.sh/chart is a label that the chart itself sets",
            id="pod-label",
        ),
        pytest.param(
            {"serviceMonitor": {"labels": {"app.kubernetes.io/name": "mine"}}},
            "serviceMonitor.labels: app.kubernetes.io/name is a label that the chart itself sets",
            id="monitor-label",
        ),
        pytest.param(
            {"serviceAccount": {"create": False}},
            "serviceAccount.name: has to be given where serviceAccount.create is false",
            id="no-service-account",
        ),
        pytest.param(
            {"webhook": {"port": 8080}},
            "webhook.port, webhook.metricsPort: have to differ",
            id="one-port",
        ),
        pytest.param(
            {"webhook": {"hostNetwork": True, "port": 10250}},
            "webhook.hostNetwork: port 10250 of the node is the kubelet's",
            id="kubelets-port",
        ),
        pytest.param(
            {"resourceQuota": {"pods": 3}},
            "resourceQuota.pods: has to be at least 4: the replicas, one more in a roll-out, "
            "and the certs process",
            id="small-quota",
        ),
        pytest.param(
            {"tests": {"namespace": NAMESPACE}},
            f"tests.namespace: no webhook is called for {NAMESPACE}, as the release is there: "
            "install it into a namespace of its own",
            id="test-in-release-namespace",
        ),
        pytest.param(
            {"tests": {"namespace": "kube-system"}},
            "tests.namespace: no webhook is called for kube-system, which is exempt",
            id="test-in-kube-system",
        ),
        pytest.param(
            {"exemptNamespaces": ["default"]},
            "tests.namespace: no webhook is called for default, which is exempt",
            id="test-in-exempt-namespace",
        ),
        pytest.param(
            {"policy": {"rules": [{"namespaces": ["a", "[!e]e?au*"], "exempt": True}]}},
            "tests.namespace: policy.rules[0] exempts default",
            id="test-exempt-by-rule",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(values: Mapping[str, Any], problem: str) -> None:
    assert refusal(values) == problem


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"resourceQuota": {"pods": 4}}, id="just-enough-quota"),
        pytest.param({"resourceQuota": {"enabled": False, "pods": 1}}, id="no-quota"),
        pytest.param({"webhook": {"hostNetwork": True, "port": 10251}}, id="beside-the-kubelet"),
        pytest.param(
            {
                "policy": {
                    "rules": [
                        {"namespaces": ["defaul?"], "mode": "audit"},
                        {"namespaces": ["*"], "exempt": True},
                    ]
                }
            },
            id="the-first-rule-holds",
        ),
        pytest.param(
            {"policy": {"rules": [{"namespaces": ["d.fault", "efault"], "exempt": True}]}},
            id="a-glob-matches-whole-names",
        ),
    ],
)
def test_what_is_just_inside_is_rendered(values: Mapping[str, Any]) -> None:
    assert render(values).of("Deployment")


def test_all_problems_are_told_at_once() -> None:
    told = refusal({"policy": {"mode": "audit"}, "webhook": {"metricsPort": 8443}})

    assert [line.partition(":")[0] for line in told.splitlines()] == [
        "webhook.port, webhook.metricsPort",
        "policy.mode",
    ]


@pytest.mark.parametrize(
    ("replicas", "budget", "takes_all"),
    [
        (1, 1, False),  # a node's drain could else never end
        (2, 1, False),
        (2, 2, True),
        (2, "50%", False),
        (2, "51%", True),
        (3, "33%", False),
        (3, "66%", False),
        (3, "67%", True),
        (50, "98%", False),
        (50, "99%", True),
    ],
)
def test_a_budget_that_lets_all_replicas_go_is_refused(
    replicas: int, budget: int | str, *, takes_all: bool
) -> None:
    webhook = {"replicas": replicas, "disruptionBudget": {"maxUnavailable": budget}}

    if takes_all:
        assert refusal({"webhook": webhook}) == (
            f"webhook.disruptionBudget.maxUnavailable: {budget} of {replicas} replicas is all of "
            "them"
        )
    else:
        (rendered,) = render({"webhook": webhook}).of("PodDisruptionBudget")
        assert rendered["spec"]["maxUnavailable"] == budget


@pytest.mark.parametrize(
    "lifetimes",
    [
        {},
        {"caLifetime": "90d"},
        {"caLifetime": "89d23h59m59s"},
        {"servingLifetime": "72m", "servingPropagation": "10m", "bundlePropagation": "2m"},
        {"servingLifetime": "71m59s", "servingPropagation": "10m", "bundlePropagation": "2m"},
        {"servingLifetime": "59m59s"},
        {"bundlePropagation": "30s"},
        {"bundlePropagation": "29s"},
        {"servingPropagation": "3m"},
        {"servingPropagation": "2m59s"},
        {"servingPropagation": "08m"},
        {"caLifetime": "1s", "servingLifetime": "1s", "bundlePropagation": "1s"},
    ],
    ids=str,
)
def test_lifetimes_are_refused_by_the_chart_where_the_process_would_refuse_them(
    lifetimes: Mapping[str, str],
) -> None:
    try:
        rendered = render({"certificates": {"self": lifetimes}})
    except RefusedError as error:
        told = str(error).count(LIFETIMES)
    else:
        told = 0
        rendered.one("Deployment", "-certs")

    assert told == _problems_of_the_process(lifetimes)


def _problems_of_the_process(lifetimes: Mapping[str, str]) -> int:
    (container,) = render().one("Deployment", "-certs")["spec"]["template"]["spec"]["containers"]
    changed = [f"--{_kebab_case(name)}={value}" for name, value in lifetimes.items()]
    context = certs_command.make_context("certs", [*certs_options(container), *changed, "run"])
    try:
        parse_settings(Options(**context.params))
    except SettingsError as error:
        return len(str(error).splitlines())
    return 0


def _kebab_case(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name)
