"""What `helm install` says at its end: what holds now, what to do next, and what to beware of."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.chart.rendering import CHART, IMAGE, NAMESPACE, helm

RULE = ["mode=audit", "policy.rules[0].mode=enforce", "policy.rules[0].namespaces={shop}"]
Notes = Callable[..., str]

_CONFIG_MAP = 'notes: {{ include "notes" . | toJson }}'

REFUSED = "Until a webhook answers for the first time, every Redis Pod of an enforced namespace"
ONE_REPLICA = "WARNING: with one replica and the failure policy Fail, no Redis Pod can be created"


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart with its notes in a ConfigMap: `helm template` shows none, and needs no cluster."""
    copy = tmp_path_factory.mktemp("chart") / CHART.name
    shutil.copytree(CHART, copy)
    notes = copy / "templates" / "NOTES.txt"
    defined = f'{{{{ define "notes" }}}}{notes.read_text()}{{{{ end }}}}'
    (notes.parent / "_notes.tpl").write_text(defined)
    notes.unlink()
    (notes.parent / "notes.yaml").write_text(_CONFIG_MAP)
    return copy


@pytest.fixture
def notes(chart: Path) -> Callable[..., str]:
    """The notes of an installation with these settings, or with `is_upgrade` of an upgrade."""

    def render(*settings: str, is_upgrade: bool = False) -> str:
        text = helm(
            *("template", "guard", str(chart), "--kube-version=1.37.0", "--skip-schema-validation"),
            *(f"--namespace={NAMESPACE}", f"--set=image.repository={IMAGE}"),
            *(f"--set={setting}" for setting in settings),
            *(("--is-upgrade",) if is_upgrade else ()),
            "--show-only=templates/notes.yaml",
        )
        said: str = yaml.safe_load(text)["notes"]
        return said

    return render


def test_as_installed_it_refuses_nothing_and_says_how_to_enforce(notes: Notes) -> None:
    said = notes()

    assert "in audit mode: it changes and refuses nothing.\n" in said
    assert f"helm upgrade --namespace {NAMESPACE} guard CHART" in said
    assert "--reset-then-reuse-values --set mode=enforce" in said
    assert f"helm test --namespace {NAMESPACE} guard" in said
    assert REFUSED not in said


@pytest.mark.parametrize(
    ("settings", "is_upgrade", "is_told"),
    [
        (["mode=audit"], False, False),
        (["mode=enforce"], False, True),
        (["mode=enforce"], True, False),
        (RULE, False, True),
        (
            ["mode=audit", "policy.rules[0].mode=audit", "policy.rules[0].namespaces={a}"],
            False,
            False,
        ),
        (["mode=enforce", "webhooks.validating.failurePolicy=Ignore"], False, False),
    ],
)
def test_who_begins_in_enforce_mode_is_told_what_waits(
    notes: Notes, settings: list[str], *, is_upgrade: bool, is_told: bool
) -> None:
    assert (REFUSED in notes(*settings, is_upgrade=is_upgrade)) is is_told


@pytest.mark.parametrize(
    ("settings", "is_warned"),
    [
        (["mode=enforce", "webhook.replicas=1"], True),
        (["mode=enforce", "webhook.replicas=2"], False),
        (["mode=audit", "webhook.replicas=1"], False),
        ([*RULE, "webhook.replicas=1"], True),
        (
            ["mode=enforce", "webhook.replicas=1", "webhooks.validating.failurePolicy=Ignore"],
            False,
        ),
    ],
)
def test_one_replica_that_all_depends_on_is_warned_of(
    notes: Notes, settings: list[str], *, is_warned: bool
) -> None:
    assert (ONE_REPLICA in notes(*settings)) is is_warned


def test_audit_mode_has_the_exceptions_that_rules_make(notes: Notes) -> None:
    said = notes(*RULE)

    assert (
        "it changes and refuses nothing, but in the namespaces that a rule of the policy enforces."
        in said
    )


def test_commands_name_the_namespace_that_takes_the_releases_place(notes: Notes) -> None:
    said = notes("namespaceOverride=platform")

    assert "kubectl logs --namespace platform" in said
    assert f"helm test --namespace {NAMESPACE} guard" in said
