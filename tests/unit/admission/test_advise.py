"""The advising webhook: warnings for workloads, never a denial."""

import json

import pytest

from tests.harness.builders import Json, a_container, a_pod, a_review
from webhook.admission.advise import advise
from webhook.admission.handling import handle, read_nothing
from webhook.admission.review import MalformedReviewError
from webhook.domain.kubernetes.budget import LIMITS, Work
from webhook.domain.policy.settings import Mode, NamespaceSettings, Policy

POLICY = Policy()
REFUSED = (
    'container "redis": it runs a Redis server without a memory limit; its Pods are refused, '
    "unless a LimitRange gives them one"
)


def a_deployment(*containers: Json) -> Json:
    return {
        "kind": "Deployment",
        "metadata": {"name": "cart"},
        "spec": {"template": a_pod(*containers)},
    }


def advised(
    workload: Json | None, kind: str = "Deployment", policy: Policy = POLICY, **request: object
) -> Json:
    body = a_review({}, **{"kind": {"kind": kind}, "object": workload, **request})
    result = handle(body, advise, policy=policy, read_config_maps=read_nothing)
    assert result.allowed
    answer: Json = json.loads(result.answer)["response"]
    return answer


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE"])
def test_a_missing_limit_is_warned_of_and_allowed(operation: str):
    answer = advised(a_deployment(a_container(limit=None)), operation=operation)

    assert (answer["allowed"], answer["warnings"], "patch" in answer) == (True, [REFUSED], False)


def test_every_kind_of_workload():
    job = {"spec": {"template": a_pod(a_container(limit=None))}}
    cron_job = {"spec": {"jobTemplate": job}}

    assert advised(cron_job, "CronJob")["warnings"] == [REFUSED]
    assert advised(job, "Rollout")["warnings"] == [REFUSED]


def test_in_a_review_that_is_too_large_nothing_is_read_and_nothing_told():
    large = a_deployment(a_container(args=["x" * LIMITS[Work.BYTES]]))

    assert list(advised(large)) == ["uid", "allowed"]


def test_in_audit_mode_it_says_so():
    policy = Policy(defaults=NamespaceSettings(mode=Mode.AUDIT))

    (warning,) = advised(a_deployment(a_container(limit=None)), policy=policy)["warnings"]

    assert warning.startswith("audit: ")


@pytest.mark.parametrize(
    ("workload", "request_"),
    [
        (None, {"operation": "DELETE"}),
        (a_deployment(a_container(limit=None)), {"subResource": "scale"}),
        ({"kind": "Deployment", "spec": {}}, {}),
        (a_deployment(a_container(image="app")), {}),
    ],
)
def test_what_makes_no_redis_pod_is_told_nothing(workload: Json | None, request_: Json):
    assert set(advised(workload, **request_)) == {"uid", "allowed"}


@pytest.mark.parametrize(
    ("workload", "message"),
    [
        (
            {"spec": {"template": []}},
            "request.object.spec.template: must be an object",
        ),
        (
            {"spec": {"template": {"spec": {"containers": {}}}}},
            "request.object: template: spec.containers: must be a list, not an object",
        ),
    ],
)
def test_what_is_no_workload_is_malformed(workload: Json, message: str):
    with pytest.raises(MalformedReviewError) as error:
        advised(workload)

    assert str(error.value) == message
