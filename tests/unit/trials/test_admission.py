"""What `helm test` looks for is what the webhook does: its Pods, answered by the real core."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import jsonpatch
import pytest

from tests.harness.builders import a_review
from webhook.admission.handling import Decide, handle, read_nothing
from webhook.admission.mutate import mutate
from webhook.admission.validate import validate
from webhook.domain.policy.settings import Mode, NamespaceSettings, NoLimit, Policy
from webhook.trials.admission import (
    DryRunAnswer,
    decode_created,
    limited_pod,
    problem_with_limit,
    problem_without_limit,
    unlimited_pod,
)

WEBHOOK = "inject.redis-memory-guard.dev"


def answer(settings: NamespaceSettings, pod: Mapping[str, Any]) -> DryRunAnswer:
    """What the API server would answer, which asks the one webhook and then the other."""
    policy = Policy(defaults=settings)
    mutated = _response(mutate, pod, policy)
    if not mutated["allowed"]:
        refusal = (
            f'admission webhook "{WEBHOOK}" denied the request: {mutated["status"]["message"]}'
        )
        return DryRunAnswer(refusal=refusal)
    if "patch" in mutated:
        pod = jsonpatch.apply_patch(pod, _decoded(mutated["patch"]))
    validated = _response(validate, pod, policy)
    assert validated["allowed"]
    warnings = (*mutated.get("warnings", ()), *validated.get("warnings", ()))
    return decode_created(json.dumps(pod).encode(), warnings)


@pytest.mark.parametrize("no_limit", NoLimit)
@pytest.mark.parametrize("mode", Mode)
def test_a_webhook_that_works_passes(mode: Mode, no_limit: NoLimit) -> None:
    settings = NamespaceSettings(mode=mode, no_limit=no_limit)

    limited, unlimited = answer(settings, limited_pod()), answer(settings, unlimited_pod())

    assert problem_with_limit(settings, limited) == ""
    assert ("--maxmemory" in limited.words) is (mode is Mode.ENFORCE)
    assert problem_without_limit(settings, unlimited) == ""
    refuses = (mode, no_limit) == (Mode.ENFORCE, NoLimit.DENY)
    assert bool(unlimited.refusal) is refuses


@pytest.mark.parametrize("mode", Mode)
def test_a_webhook_that_nobody_calls_is_found_out(mode: Mode) -> None:
    settings = NamespaceSettings(mode=mode)
    limited = DryRunAnswer(container={"resources": {"limits": {"memory": "512Mi"}}})
    unlimited = DryRunAnswer(container={"resources": {}})

    problems = (
        problem_with_limit(settings, limited),
        problem_without_limit(settings, unlimited),
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
    both = answer(settings, limited_pod())
    without_mutate, without_validate = both.warnings[1:], both.warnings[:1]

    problems = [
        problem_with_limit(settings, DryRunAnswer(container=both.container, warnings=warnings))
        for warnings in (without_mutate, without_validate)
    ]

    assert problems == [
        "expected in audit mode: a warning of /mutate that tells the ceiling",
        "expected in audit mode: a warning of /validate",
    ]


@pytest.mark.parametrize("mode", Mode)
def test_a_refusal_by_others_is_no_success(mode: Mode) -> None:
    settings = NamespaceSettings(mode=mode)
    refused = DryRunAnswer(refusal='pods "redis" is forbidden: exceeded quota')

    assert problem_with_limit(settings, refused) == "expected it to be admitted"
    assert problem_without_limit(settings, refused).startswith("expected it to be")


def test_a_limit_by_a_limit_range_is_no_failure() -> None:
    settings = NamespaceSettings(mode=Mode.ENFORCE)
    given = DryRunAnswer(container={"resources": {"limits": {"memory": "128Mi"}}})

    assert problem_without_limit(settings, given) == ""


def test_its_pods_may_be_created_in_a_restricted_namespace() -> None:
    (container,) = limited_pod()["spec"]["containers"]

    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "runAsUser": 999,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def test_a_container_that_others_inject_is_not_mistaken_for_the_server() -> None:
    sidecar, server = {"name": "istio-proxy"}, {"name": "redis", "command": ["redis-server"]}
    body = json.dumps({"spec": {"containers": [sidecar, server]}}).encode()

    assert decode_created(body, ("w",)) == DryRunAnswer(container=server, warnings=("w",))


def _response(decide: Decide, pod: Mapping[str, Any], policy: Policy) -> Any:
    handled = handle(a_review(pod), decide, policy=policy, read_config_maps=read_nothing)
    return json.loads(handled.answer)["response"]


def _decoded(patch: str) -> Any:
    return json.loads(base64.b64decode(patch))
