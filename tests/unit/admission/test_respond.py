"""One evaluation, rendered by the operator's mode."""

import json

import pytest

from tests.harness.builders import FULL_TEXT, MEBI, Json, a_container, a_pod, evaluated
from webhook.admission.audit_annotations import AUDIT_LENGTH
from webhook.admission.denial import denial
from webhook.admission.patch import pod_patch
from webhook.admission.respond import advice, respond, respond_to_violations
from webhook.admission.review import AdmissionResponse
from webhook.domain.policy.settings import (
    ExplicitCeiling,
    Mode,
    NamespaceSettings,
    Policy,
    Unenforceable,
)
from webhook.domain.reasons import EXPLANATIONS, Reason

AUDIT = Policy(defaults=NamespaceSettings(mode=Mode.AUDIT))
SNAPSHOTS = "default snapshots, which no volume could bring back, are turned off"
UNREACHED = (
    'container "redis": no memory ceiling could be injected: the image starts its server itself',
    'container "redis": Start the server yourself (command: [redis-server, …]), or set maxmemory '
    "and maxmemory-policy in the configuration file that the image reads.",
)
SURVIVED = """\
The cache profile survived every cache workload measured, on Redis 7 and Valkey 8 under limits of \
32Mi to 4Gi: values of 10 B to 1 MB, hashes, lists, sets, streams, sessions, slow readers. \
Spot checks under cgroup v2 agree, on Redis 7 and 8 and Valkey 9 under 64Mi to 512Mi.
No headroom covers values whose sizes shift, one huge reply (KEYS *), replicas that stall or \
synchronise, Redis 6.2 with values of random sizes: docs/headroom.md."""
LIMIT_DENIAL = f"""\
container "redis": it runs a Redis server without a memory limit (no-memory-limit). \
Set resources.limits.memory on the container.
spec:
  containers:
  - name: redis
    resources:
      limits:
        memory: 512Mi
With that limit, maxmemory 400Mi of 512Mi (cache) is injected.
{SURVIVED}"""
EVENT = 'Error creating: admission webhook "inject.redis-memory-guard.dev" denied the request: '
"""What stands before a denial in a ReplicaSet's event, which is cut at 1024 bytes."""


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


class TestDenials:
    def message(self, container: Json, **settings: object) -> str:
        policy = Policy(defaults=NamespaceSettings(**settings))  # type: ignore[arg-type]
        return respond(evaluated(a_pod(container), policy)).message

    def test_several_containers(self):
        pod = a_pod(
            a_container(name="a", limit=None),
            initContainers=[a_container(name="b", limit=None, restartPolicy="Always")],
        )

        assert denial(evaluated(pod).denied) == (
            'container "a": it runs a Redis server without a memory limit (no-memory-limit). '
            "Set resources.limits.memory on the container.\n"
            "spec:\n  containers:\n  - name: a\n    resources:\n      limits:\n"
            "        memory: 512Mi\n"
            "With that limit, maxmemory 400Mi of 512Mi (cache) is injected.\n"
            'container "b": it runs a Redis server without a memory limit (no-memory-limit). '
            "Set resources.limits.memory on the container.\n"
            "spec:\n  initContainers:\n  - name: b\n    resources:\n      limits:\n"
            "        memory: 512Mi\n"
            "With that limit, maxmemory 400Mi of 512Mi (cache) is injected.\n"
            f"{SURVIVED}"
        )

    @pytest.mark.parametrize(
        ("container", "given"),
        [
            (a_container(args=["--appendonly", "yes"]), "maxmemory 200Mi of 512Mi (persistent)"),
            (
                a_container(args=["--maxmemory", "2gb", "--save", ""]),
                "maxmemory 2gb is lowered to 400Mi of 512Mi (cache).\nThe cache profile survived",
            ),
            (
                a_container(args=["--maxmemory", "1gb", "--maxmemory", "300mb", "--save", ""]),
                "its own maxmemory of 300Mi fits the memory limit of 512Mi.\nIts own 300Mi is",
            ),
        ],
    )
    def test_what_the_limit_would_give_is_what_this_server_gets(self, container: Json, given: str):
        unlimited = {key: value for key, value in container.items() if key != "resources"}

        assert f"\nWith that limit, {given} " in self.message(unlimited)

    def test_where_a_limit_alone_gives_no_ceiling_that_is_said(self):
        message = self.message(a_container(image="redislabs/redismod", limit=None))

        assert message.splitlines()[-1] == (
            "With that limit, no memory ceiling could be injected: the image starts its server "
            "itself."
        )

    def test_it_fits_an_event_whole_under_the_longest_name(self):
        container = a_container(name="n" * 63, limit=None, args=["--appendonly", "yes"])

        assert len(f"{EVENT}{self.message(container)}".encode()) <= 1024

    def test_an_unreachable_server_says_its_remedy_once(self):
        message = self.message(
            a_container(image="redislabs/redismod"), unenforceable=Unenforceable.DENY
        )

        assert message == (
            'container "redis": no memory ceiling could be injected: the image starts its server '
            "itself (image-ignores-options). Start the server yourself (command: [redis-server, "
            "…]), or set maxmemory and maxmemory-policy in the configuration file that the image "
            "reads."
        )

    def test_a_tiny_limit(self):
        message = self.message(a_container(limit="16Mi"), unenforceable=Unenforceable.DENY)

        assert message == (
            'container "redis": no sensible ceiling fits 16Mi; the least is 32Mi '
            "(limit-too-small). Raise resources.limits.memory to at least 32Mi; 64Mi is the least "
            "that serves well.\n"
            "spec:\n  containers:\n  - name: redis\n    resources:\n      limits:\n"
            "        memory: 64Mi"
        )

    def test_an_explicit_ceiling(self):
        message = self.message(
            a_container(args=["--maxmemory", "0", "--save", ""]),
            explicit_ceiling=ExplicitCeiling.DENY,
        )

        assert message == (
            'container "redis": maxmemory is 0, which is no ceiling: 0 of 512Mi '
            "(ceiling-too-high). Lower maxmemory, or raise resources.limits.memory.\n"
            "--maxmemory 419430400"
        )

    @pytest.mark.parametrize("text", ["red\x1b[31mis", "a\nb", "a\u202eb"])
    def test_nothing_that_a_terminal_obeys(self, text: str):
        pod = a_pod(a_container(name=text, limit=None, args=["--maxmemory", f"1gb{text}"]))

        message = respond(evaluated(pod)).message

        assert all(line.isprintable() for line in message.split("\n"))


class TestWarnings:
    @pytest.mark.parametrize(("length", "is_cut"), [(0, False), (1, True)])
    def test_each_is_cut_to_255_characters(self, length: int, *, is_cut: bool):
        fixed = f'container "": {SNAPSHOTS}'
        name = "x" * (255 - len(fixed) + length)

        (warning,) = respond(evaluated(a_pod(a_container(name=name)))).warnings

        assert len(warning) == 255
        assert warning.endswith("…") == is_cut

    def test_they_are_of_one_line_and_printable(self):
        name = "a\n\x1b[31mb"

        warnings = respond(evaluated(a_pod(a_container(name=name)))).warnings

        assert warnings == (f'container "a\ufffd\ufffd[31mb": {SNAPSHOTS}',)

    @pytest.mark.parametrize("reason", Reason)
    def test_no_remedy_is_cut_under_the_longest_name(self, reason: Reason):
        name = "n" * 63

        warning = f'audit: container "{name}": {EXPLANATIONS[reason].remedy}'

        assert len(warning) <= 255

    @pytest.mark.parametrize(
        "container",
        [
            a_container(limit="64Mi"),
            a_container(limit=None),
            a_container(limit="16Mi"),
            a_container(args=["--maxmemory", "512mb"]),
            a_container(args=["--maxmemory", "$(C)"]),
            a_container(args=["--appendonly", "yes", "--maxmemory", "400mb"]),
            a_container(args=["/etc/redis/redis.conf"]),
            a_container(args=["redis-server", "-"]),
            a_container(image="bitnami/redis", command=["/start.sh"]),
            a_container(command=["sh", "-c", "cat <<E\nE\nredis-server"]),
            a_container(image="quay.io/opstree/redis"),
            a_container(image="corp/redis"),
        ],
    )
    def test_none_is_cut_under_the_longest_name(self, container: Json):
        pod = a_pod(container | {"name": "n" * 63})

        warnings = respond(evaluated(pod)).warnings

        assert [each for each in warnings if each.endswith("…")] == []


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


def test_the_numbers_of_the_audit_annotations_are_bytes():
    pod = a_pod(a_container(name="a", limit="1Gi"), a_container(name="b"))

    annotations = respond(evaluated(pod)).audit_annotations

    assert annotations["limit"] == f"a={1024 * MEBI},b={512 * MEBI}"
    assert annotations["maxmemory"] == f"a={816 * MEBI},b={400 * MEBI}"


@pytest.mark.parametrize("mode", Mode)
def test_audit_annotations_are_printable_and_bounded(mode: Mode):
    hostile = "x\r\n\x1b[2K\u202e\x00"
    pods = [
        a_pod(a_container(name=hostile * 10_000, limit=limit, args=[hostile]))
        for limit in ("512Mi", None)
    ]

    answers = [
        respond(evaluated(pod, policy=Policy(defaults=NamespaceSettings(mode=mode))))
        for pod in pods
    ]

    for answer in answers:
        for value in answer.audit_annotations.values():
            assert all(line.isprintable() for line in value.split("\n"))
            assert len(value) <= AUDIT_LENGTH


def test_a_patch_that_is_too_long_is_not_cut():
    name = "c" * 60
    pods = [
        a_pod(*(a_container(name=f"{name}{number}") for number in range(count)))
        for count in (1, 60)
    ]
    audit = Policy(defaults=NamespaceSettings(mode=Mode.AUDIT))

    short, long = (respond(evaluated(pod, policy=audit)).audit_annotations["patch"] for pod in pods)

    assert json.loads(short)
    assert long.startswith("too long to be shown: ")
