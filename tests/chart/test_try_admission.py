"""What `helm test` looks for is what the webhook does: its Pods, answered by the real core."""

import base64
import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import jsonpatch
import pytest

from tests.chart.rendering import CHART
from tests.harness.builders import a_review
from webhook.admission.handling import Decide, handle, read_nothing
from webhook.admission.mutate import mutate
from webhook.admission.validate import validate
from webhook.domain.policy.settings import Mode, NamespaceSettings, NoLimit, Policy

UNLIMITED: dict[str, str] = {}
LIMITED = {"memory": str(512 * 1024 * 1024)}
WEBHOOK = "inject.redis-memory-guard.dev"


def script() -> Any:
    """The script that the test's Pod runs."""
    name = "try_admission"
    spec = spec_from_file_location(name, CHART / "files" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = script()


def answer(settings: NamespaceSettings, limits: dict[str, str]) -> Any:
    """What the API server would answer, which asks the one webhook and then the other."""
    policy = Policy(defaults=settings)
    pod = SCRIPT.redis_pod(limits)
    mutated = _response(mutate, pod, policy)
    if not mutated["allowed"]:
        refusal = (
            f'admission webhook "{WEBHOOK}" denied the request: {mutated["status"]["message"]}'
        )
        return SCRIPT.Answer(refusal=refusal)
    if "patch" in mutated:
        pod = jsonpatch.apply_patch(pod, _decoded(mutated["patch"]))
    validated = _response(validate, pod, policy)
    assert validated["allowed"]
    (container,) = pod["spec"]["containers"]
    warnings = (*mutated.get("warnings", ()), *validated.get("warnings", ()))
    return SCRIPT.Answer(container=container, warnings=warnings)


@pytest.mark.parametrize("no_limit", NoLimit)
@pytest.mark.parametrize("mode", Mode)
def test_a_webhook_that_works_passes(mode: Mode, no_limit: NoLimit) -> None:
    settings = NamespaceSettings(mode=mode, no_limit=no_limit)

    limited, unlimited = answer(settings, LIMITED), answer(settings, UNLIMITED)

    assert SCRIPT.problem_with_limit(settings, limited) == ""
    assert ("--maxmemory" in limited.words) is (mode is Mode.ENFORCE)
    assert SCRIPT.problem_without_limit(settings, unlimited) == ""
    refuses = (mode, no_limit) == (Mode.ENFORCE, NoLimit.DENY)
    assert bool(unlimited.refusal) is refuses


@pytest.mark.parametrize("mode", Mode)
def test_a_webhook_that_nobody_calls_is_found_out(mode: Mode) -> None:
    settings = NamespaceSettings(mode=mode)
    limited = SCRIPT.Answer(container={"resources": {"limits": LIMITED}})
    unlimited = SCRIPT.Answer(container={"resources": {}})

    problems = (
        SCRIPT.problem_with_limit(settings, limited),
        SCRIPT.problem_without_limit(settings, unlimited),
    )

    assert (
        problems
        == {
            Mode.ENFORCE: (
                "expected --maxmemory below the limit of 536870912 bytes",
                "expected it to be refused by redis-memory-guard",
            ),
            Mode.AUDIT: (
                "expected in audit mode: a warning of /mutate that tells the ceiling",
                "expected a warning of its missing memory limit",
            ),
        }[mode]
    )


def test_in_audit_mode_each_webhook_is_missed() -> None:
    settings = NamespaceSettings(mode=Mode.AUDIT)
    both = answer(settings, LIMITED)
    without_mutate, without_validate = both.warnings[1:], both.warnings[:1]

    problems = [
        SCRIPT.problem_with_limit(
            settings, SCRIPT.Answer(container=both.container, warnings=warnings)
        )
        for warnings in (without_mutate, without_validate)
    ]

    assert problems == [
        "expected in audit mode: a warning of /mutate that tells the ceiling",
        "expected in audit mode: a warning of /validate",
    ]


@pytest.mark.parametrize("mode", Mode)
def test_a_refusal_by_others_is_no_success(mode: Mode) -> None:
    settings = NamespaceSettings(mode=mode)
    refused = SCRIPT.Answer(refusal='pods "redis" is forbidden: exceeded quota')

    assert SCRIPT.problem_with_limit(settings, refused) == "expected it to be admitted"
    assert SCRIPT.problem_without_limit(settings, refused).startswith("expected it to be")


def test_a_limit_by_a_limit_range_is_no_failure() -> None:
    settings = NamespaceSettings(mode=Mode.ENFORCE)
    given = SCRIPT.Answer(container={"resources": {"limits": {"memory": "128Mi"}}})

    assert SCRIPT.problem_without_limit(settings, given) == ""


def test_its_pods_may_be_created_in_a_restricted_namespace() -> None:
    (container,) = SCRIPT.redis_pod(LIMITED)["spec"]["containers"]

    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "runAsUser": 999,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def _response(decide: Decide, pod: dict[str, Any], policy: Policy) -> Any:
    handled = handle(a_review(pod), decide, policy=policy, read_config_maps=read_nothing)
    return json.loads(handled.answer)["response"]


def _decoded(patch: str) -> Any:
    return json.loads(base64.b64decode(patch))
