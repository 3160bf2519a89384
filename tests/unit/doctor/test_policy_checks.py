"""The checks of what is decided."""

import hashlib
from dataclasses import replace

import pytest

from tests.unit.doctor.installations import (
    BOUNDED,
    IN_FORCE,
    REFUSED,
    a_release,
    a_replica,
    an_installation,
)
from tests.unit.doctor.told import check, told
from webhook.doctor.check import CheckName
from webhook.doctor.installation import Component, Trial
from webhook.trials.admission import DryRunAnswer

NO_HOOKS = {"mutating": None, "validating": None}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "the ConfigMap guard/redis-memory-guard-policy is not there, or has no policy.yaml"),
        (
            "mode: enforce\nsnapshots: keep\n",
            "the ConfigMap guard/redis-memory-guard-policy is not the policy that was rolled out "
            "to a, b",
        ),
    ],
)
def test_a_policy_that_is_not_the_replicas(text: str | None, message: str):
    assert told("policy", policy_text=text) == ("failed", message)


def test_a_policy_with_a_mistake_names_it():
    status, message = told("policy", policy_text="mode: maybe\n")

    assert status == "failed"
    assert "mode" in message


def test_the_line_end_of_the_policy_does_not_count_in_the_annotation():
    text = "mode: enforce"
    replica = a_replica(policy_in_force=hashlib.sha256(text.encode()).hexdigest())

    assert told("policy", policy_text=text, replicas=(replica,))[0] == "ok"


def test_a_replica_that_read_another_policy_is_named():
    replicas = (a_replica(), a_replica("b", policy_in_force="0"))

    found = check(CheckName.POLICY, an_installation(replicas=replicas))

    assert (found.status, found.message, found.remedy) == (
        "failed",
        "the ConfigMap guard/redis-memory-guard-policy is not the policy that b read at the start",
        "kubectl rollout restart deployment/redis-memory-guard --namespace=guard",
    )


@pytest.mark.parametrize(("in_force", "how"), [(IN_FORCE, "follows"), ("", "was rolled out with")])
def test_what_a_replica_does_not_tell_its_annotation_tells(in_force: str, how: str):
    replicas = (a_replica(), a_replica("b", policy_in_force=in_force))

    assert told("policy", replicas=replicas) == (
        "ok",
        f"every replica {how} the policy {IN_FORCE[:12]} (enforce, 0 rules)",
    )


@pytest.mark.parametrize(
    ("reads", "may", "expected"),
    [
        (True, True, ("ok", "the webhook may read ConfigMaps, by name")),
        (False, False, ("ok", "none is read (configMaps.read: false)")),
        (
            True,
            False,
            (
                "failed",
                "redis-memory-guard may not read ConfigMaps: what they say of a Redis is not "
                "followed",
            ),
        ),
    ],
)
def test_config_maps(reads: bool, may: bool, expected: tuple[str, str]):
    release = a_release(reads_config_maps=reads)

    assert told("config-maps", release=release, may_read_config_maps=may) == expected


@pytest.mark.parametrize(
    ("audit", "expected"),
    [
        (None, ("ok", "off (audit.enabled): nobody looks at what runs already")),
        (Component(ready=1, wanted=1), ("ok", "on, and ready")),
        (
            Component(ready=0, wanted=1),
            ("warning", "it is not ready: its metrics are old, or not there"),
        ),
    ],
)
def test_audit(audit: Component | None, expected: tuple[str, str]):
    assert told("audit", audit=audit) == expected


def test_exempt_namespaces_by_name_and_by_rule():
    policy = "mode: enforce\nrules:\n- {namespaces: [dev-*], exempt: true}\n"

    assert told("exempt-namespaces") == ("ok", "guard, kube-system")
    assert told("exempt-namespaces", policy_text=policy) == (
        "ok",
        "guard, kube-system; by a rule: dev-*",
    )
    assert told("exempt-namespaces", **NO_HOOKS)[0] == "unknown"


NOBODY = DryRunAnswer(
    refusal='the API server answers 500: failed calling webhook "v": no endpoints'
)


BARE = DryRunAnswer(container={"command": ["sh", "-c", "exec redis-server"]})


@pytest.mark.parametrize(
    ("limited", "unlimited", "bounded", "denied"),
    [
        (
            BOUNDED,
            REFUSED,
            ("ok", "a Redis with a memory limit in default gets a ceiling of 419430400 bytes"),
            ("ok", "a Redis without a memory limit in default is refused"),
        ),
        (
            NOBODY,
            NOBODY,
            (
                "failed",
                "a Redis with a memory limit in default: expected it to be admitted; "
                f"the API server said: {NOBODY.refusal}",
            ),
            (
                "failed",
                "a Redis without a memory limit in default: expected it to be refused by "
                f"redis-memory-guard; the API server said: {NOBODY.refusal}",
            ),
        ),
        (
            BARE,
            BARE,
            (
                "failed",
                "a Redis with a memory limit in default: expected --maxmemory below the limit of "
                "536870912 bytes",
            ),
            (
                "failed",
                "a Redis without a memory limit in default: expected it to be refused by "
                "redis-memory-guard",
            ),
        ),
    ],
)
def test_the_two_pods(
    limited: DryRunAnswer,
    unlimited: DryRunAnswer,
    bounded: tuple[str, str],
    denied: tuple[str, str],
):
    trial = Trial(namespace="default", limited=limited, unlimited=unlimited)

    assert told("bounded-pod", trial=trial) == bounded
    assert told("denied-pod", trial=trial) == denied


def test_the_two_pods_in_audit_mode():
    warned = replace(
        BARE,
        warnings=(
            'container "redis" would start with --maxmemory 419430400',
            'container "redis" starts without a working memory ceiling',
            'container "redis" would be refused: it runs a Redis server without a memory limit',
        ),
    )
    trial = Trial(namespace="default", limited=warned, unlimited=warned)

    for name in ("bounded-pod", "denied-pod"):
        status, message = told(name, trial=trial, policy_text="mode: audit\n")
        assert (status, message.endswith("is admitted, with a warning")) == ("ok", True)


def test_the_pods_are_not_checked_where_they_say_nothing():
    exempt = Trial(namespace="guard", limited=BARE, unlimited=BARE)
    refusal = 'pods is forbidden: User "u" cannot create resource "pods" in the namespace "default"'
    may_not = DryRunAnswer(refusal=refusal)
    forbidden = Trial(namespace="default", limited=may_not, unlimited=may_not)
    rule = "mode: enforce\nrules:\n- {namespaces: [default], exempt: true}\n"

    assert told("bounded-pod", trial=exempt) == (
        "unknown",
        "not checked: the namespace guard is exempt: --trial-namespace",
    )
    assert told("bounded-pod", policy_text=rule)[0] == "unknown"
    assert told("denied-pod", trial=forbidden) == ("unknown", f"not checked: {refusal}")
    assert told("denied-pod", policy_text="mode: maybe\n")[0] == "unknown"
