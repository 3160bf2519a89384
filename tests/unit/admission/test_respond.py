"""One evaluation, rendered by the operator's mode."""

import json

import pytest

from tests.harness.builders import FULL_TEXT, MEBI, a_container, a_pod, evaluated
from tests.unit.admission.said import AUDIT, LIMIT_DENIAL, SNAPSHOTS, UNREACHED
from webhook.admission.patch import pod_patch
from webhook.admission.respond import advice, respond, respond_to_violations
from webhook.admission.review import AdmissionResponse
from webhook.domain.policy.settings import (
    ExplicitCeiling,
    NamespaceSettings,
    Policy,
)


class TestEnforce:
    def test_an_injection(self):
        evaluation = evaluated(a_pod())

        assert respond(evaluation) == AdmissionResponse(
            allowed=True,
            warnings=(f'container "redis": {SNAPSHOTS}',),
            audit_annotations={
                "decision": "inject",
                "reason": "redis=ceiling-injected",
                "limit": "redis=536870912",
                "maxmemory": "redis=419430400",
            },
            patch=pod_patch(evaluation),
        )

    def test_a_refusal(self):
        evaluation = evaluated(a_pod(a_container(limit=None)))

        assert respond(evaluation) == AdmissionResponse(
            allowed=False,
            message=LIMIT_DENIAL,
            audit_annotations={"decision": "deny", "reason": "redis=no-memory-limit"},
        )

    def test_a_refusal_of_one_container_changes_no_other_and_keeps_its_warnings(self):
        response = respond(evaluated(a_pod(a_container(limit=None), a_container(name="cache"))))

        assert (response.allowed, response.message, response.patch) == (False, LIMIT_DENIAL, ())
        assert response.warnings == (f'container "cache": {SNAPSHOTS}',)
        assert response.audit_annotations["reason"] == (
            "redis=no-memory-limit,cache=ceiling-injected"
        )

    def test_a_lowered_ceiling_is_warned_of_first(self):
        response = respond(evaluated(a_pod(a_container(args=["--maxmemory", "512mb"]))))

        assert response.warnings == (
            'container "redis": maxmemory 512mb is lowered to 400Mi of 512Mi (cache)',
            f'container "redis": {SNAPSHOTS}',
        )

    def test_what_cannot_be_reached_is_admitted_with_the_remedy(self):
        response = respond(evaluated(a_pod(a_container(image="redislabs/redismod"))))

        assert response == AdmissionResponse(
            allowed=True,
            warnings=UNREACHED,
            audit_annotations={"decision": "allow", "reason": "redis=image-ignores-options"},
        )

    def test_a_pod_without_redis_is_told_nothing(self):
        response = respond(evaluated(a_pod(a_container(image="app"))))

        assert response == AdmissionResponse(allowed=True)

    def test_a_refused_annotation_is_warned_of(self):
        response = respond(evaluated(a_pod(annotations={"snapshots": "no"})))

        assert response.warnings[-1] == (
            "the annotation redis-memory-guard.dev/snapshots must be keep or auto"
        )


class TestAudit:
    """Changes and refuses nothing, and tells the exact patch or denial."""

    def test_an_injection(self):
        enforced = respond(evaluated(a_pod()))

        response = respond(evaluated(a_pod(), AUDIT))

        assert (response.allowed, response.patch) == (True, ())
        assert response.warnings == (
            f'audit: container "redis" would start with {FULL_TEXT}',
            f'audit: container "redis": {SNAPSHOTS}',
        )
        patch = response.audit_annotations["patch"]
        assert json.loads(patch) == list(enforced.patch)
        assert response.audit_annotations == {
            **enforced.audit_annotations,
            "decision": "would-inject",
            "patch": patch,
        }

    def test_a_refusal(self):
        response = respond(evaluated(a_pod(a_container(limit=None)), AUDIT))

        assert response == AdmissionResponse(
            allowed=True,
            warnings=(
                'audit: container "redis" would be refused: it runs a Redis server without a '
                "memory limit",
            ),
            audit_annotations={
                "decision": "would-deny",
                "reason": "redis=no-memory-limit",
                "denial": LIMIT_DENIAL,
            },
        )

    def test_of_a_pod_that_would_be_refused_no_injection_is_told(self):
        pod = a_pod(a_container(limit=None), a_container(name="cache"))

        assert respond(evaluated(pod, AUDIT)).warnings == (
            'audit: container "redis" would be refused: it runs a Redis server without a memory '
            "limit",
            f'audit: container "cache": {SNAPSHOTS}',
        )

    def test_a_pod_that_stays_as_it_is(self):
        pod = a_pod(a_container(image="redislabs/redismod"))

        response = respond(evaluated(pod, AUDIT))

        assert response == AdmissionResponse(
            allowed=True,
            warnings=tuple(f"audit: {each}" for each in UNREACHED),
            audit_annotations={"decision": "would-allow", "reason": "redis=image-ignores-options"},
        )


class TestViolations:
    """The final state of a Pod, in which servers run unguarded."""

    def test_none(self):
        assert respond_to_violations(evaluated(a_pod()), ()).allowed

    def test_an_injection_that_was_undone(self):
        evaluation = evaluated(a_pod())

        response = respond_to_violations(evaluation, evaluation.outcomes)

        assert (response.allowed, response.patch, response.warnings) == (False, (), ())
        assert response.message == (
            'container "redis": it would run without a working memory ceiling below its limit of '
            "512Mi (ceiling-undone). Create the Pod anew, so that its ceiling is computed anew, "
            f"or keep the limit.\nIt needs {FULL_TEXT}"
        )
        assert response.audit_annotations["decision"] == "deny"

    def test_a_missing_limit_is_refused_as_ever(self):
        evaluation = evaluated(a_pod(a_container(limit=None)))

        assert respond_to_violations(evaluation, evaluation.outcomes).message == LIMIT_DENIAL

    def test_in_audit_mode_a_changed_pod_would_be_refused(self):
        evaluation = evaluated(a_pod(), AUDIT)

        response = respond_to_violations(evaluation, evaluation.outcomes)

        assert response.allowed
        assert response.warnings == (
            'audit: container "redis" would be refused: it would run without a working memory '
            "ceiling below its limit of 512Mi",
        )
        assert response.audit_annotations["decision"] == "would-deny"
        assert "ceiling-undone" in response.audit_annotations["denial"]

    def test_in_audit_mode_a_new_pod_only_starts_without_what_was_not_injected(self):
        pod = a_pod(a_container(name="a"), a_container(name="b", limit=None))
        limited, both = evaluated(a_pod(), AUDIT), evaluated(pod, AUDIT)

        of_one, of_two = (
            respond_to_violations(each, each.outcomes, is_new=True) for each in (limited, both)
        )

        assert (of_one.allowed, of_one.audit_annotations["decision"]) == (True, "allow")
        assert of_one.warnings == (
            'audit: container "redis" starts without a working memory ceiling',
        )
        assert (of_two.allowed, of_two.audit_annotations["decision"]) == (True, "would-deny")
        assert of_two.warnings == (
            'audit: container "b" would be refused: it runs a Redis server without a memory limit',
            'audit: container "a" starts without a working memory ceiling',
        )


class TestAdvice:
    @pytest.mark.parametrize(
        ("policy", "warning"),
        [
            (
                Policy(),
                'container "redis": it runs a Redis server without a memory limit; its Pods are '
                "refused, unless a LimitRange gives them one",
            ),
            (
                AUDIT,
                'audit: container "redis": it runs a Redis server without a memory limit; its '
                "Pods would be refused, unless a LimitRange gives them one",
            ),
        ],
    )
    def test_a_missing_limit(self, policy: Policy, warning: str):
        assert advice(evaluated(a_pod(a_container(limit=None)), policy)) == (warning,)

    def test_another_refusal(self):
        policy = Policy(defaults=NamespaceSettings(explicit_ceiling=ExplicitCeiling.DENY))
        pod = a_pod(a_container(args=["--maxmemory", "1gb"]))

        assert advice(evaluated(pod, policy)) == (
            'container "redis": maxmemory is too close to the memory limit: 1gb of 512Mi; its '
            "Pods are refused",
        )

    def test_the_rest_is_told_as_at_admission(self):
        assert advice(evaluated(a_pod())) == (f'container "redis": {SNAPSHOTS}',)

    def test_in_audit_mode_each_ceiling_and_policy_is_named(self):
        pod = a_pod(a_container(name="a"), a_container(name="b", limit="1Gi"))

        assert advice(evaluated(pod, AUDIT))[:2] == (
            f'audit: container "a" would start with {FULL_TEXT}',
            'audit: container "b" would start with '
            f'--maxmemory {816 * MEBI} --maxmemory-policy allkeys-lru --save ""',
        )

    def test_in_audit_mode_a_pod_that_would_be_refused_starts_with_nothing(self):
        pod = a_pod(a_container(name="a"), a_container(name="b", limit=None))

        told = advice(evaluated(pod, AUDIT))

        assert not [each for each in told if "would start" in each]
