"""What the chart renders, whatever the values: nothing secret, nothing more than is needed."""

import base64
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.rendering import CHART, CI_VALUES, NAMESPACE, Rendered, helm, render

ALL_VALUES = [pytest.param(None, id="default")] + [
    pytest.param(path, id=path.name.removesuffix("-values.yaml")) for path in CI_VALUES
]
RESTRICTED = {
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "runAsGroup": 65532,
    "fsGroup": 65532,
    "seccompProfile": {"type": "RuntimeDefault"},
}
each_values = pytest.mark.parametrize("values", ALL_VALUES)


@each_values
def test_helm_finds_nothing_to_say(values: Path | None) -> None:
    given = ("--set=image.repository=guard",) if values is None else ("--values", str(values))

    said = helm("lint", "--strict", "--kube-version=1.37.0", *given, str(CHART))

    assert "1 chart(s) linted, 0 chart(s) failed" in said


@each_values
def test_every_object_says_whose_it_is_and_stands_in_the_release_namespace(
    values: Path | None,
) -> None:
    cluster_wide = {
        "ClusterRole",
        "ClusterRoleBinding",
        "MutatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    }

    for manifest in _without_hooks(render(values)):
        metadata = manifest["metadata"]
        namespace = None if manifest["kind"] in cluster_wide else NAMESPACE
        assert metadata.get("namespace") == namespace, manifest
        assert metadata["labels"]["app.kubernetes.io/instance"] == "guard", manifest


@each_values
def test_no_key_and_no_certificate_is_rendered(values: Path | None) -> None:
    rendered = render(values)

    assert [
        secret for secret in rendered.of("Secret") if secret.keys() & {"data", "stringData"}
    ] == []
    assert "PRIVATE KEY" not in yaml.safe_dump(list(rendered.manifests))
    given = values is not None and "caBundle" in values.read_text()
    bundles = [w["clientConfig"].get("caBundle") for w in rendered.webhooks().values()]
    assert all(bundles) if given else not any(bundles)


def test_the_given_ca_is_what_is_published() -> None:
    values = CHART / "ci" / "existing-certificate-values.yaml"
    given = yaml.safe_load(values.read_text())["certificates"]["existing"]["caBundle"]

    bundles = {w["clientConfig"]["caBundle"] for w in render(values).webhooks().values()}

    assert bundles == {base64.b64encode(given.encode()).decode()}


@each_values
def test_every_pod_is_restricted_and_its_root_read_only(values: Path | None) -> None:
    for spec in _pod_specs(render(values)):
        # OpenShift gives users and groups of its own.
        assert spec["securityContext"].items() <= RESTRICTED.items()
        assert spec["securityContext"].keys() >= {"runAsNonRoot", "seccompProfile"}
        assert not spec.keys() & {"hostPID", "hostIPC", "initContainers"}
        (container,) = spec["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }
        assert container["resources"]["limits"].keys() == {"memory"}
        assert all("hostPath" not in volume for volume in spec.get("volumes", ()))


@each_values
def test_no_key_is_rendered_twice(values: Path | None) -> None:
    text = render(values).text

    assert list(yaml.load_all(text, _EachKeyOnce))


@each_values
def test_services_and_budgets_select_pods_that_are_there(values: Path | None) -> None:
    rendered = render(values)
    pods = [d["spec"]["template"]["metadata"]["labels"] for d in rendered.of("Deployment")]
    tests = [pod["metadata"].get("labels", {}) for pod in rendered.of("Pod")]
    selectors = [
        *(service["spec"]["selector"] for service in rendered.of("Service")),
        *(each["spec"]["selector"]["matchLabels"] for each in rendered.of("PodDisruptionBudget")),
        *(each["spec"]["podSelector"]["matchLabels"] for each in rendered.of("NetworkPolicy")),
    ]

    assert selectors
    for selector in selectors:
        assert any(selector.items() <= labels.items() for labels in pods)
        assert not any(selector.items() <= labels.items() for labels in tests)


def test_a_long_release_name_makes_names_that_are_legal() -> None:
    options = (f"--namespace={NAMESPACE}", "--set=image.repository=guard")
    text = helm("template", "a" * 53, str(CHART), "--kube-version=1.37.0", *options)

    names = [m["metadata"]["name"] for m in yaml.safe_load_all(text) if m]
    assert max(map(len, names)) <= 63
    assert not any(name.startswith("-") or name.endswith("-") for name in names)


def _without_hooks(rendered: Rendered) -> Iterator[Any]:
    return itertools.filterfalse(
        lambda manifest: "helm.sh/hook" in manifest["metadata"].get("annotations", {}),
        rendered.manifests,
    )


def _pod_specs(rendered: Rendered) -> tuple[Any, ...]:
    deployed = (each["spec"]["template"]["spec"] for each in rendered.of("Deployment"))
    return (*deployed, *(pod["spec"] for pod in rendered.of("Pod")))


class _EachKeyOnce(yaml.SafeLoader):
    """YAML in which a key that is there twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: {keys}"
        return super().construct_mapping(node, deep)
