"""What an image starts when the Pod sets neither command nor args: LAUNCH by image."""

import jsonpatch
import pytest

from tests.harness.builders import (
    FULL,
    PERSISTENT,
    a_container,
    a_pod,
    evaluated,
    launch_of,
    outcome_of,
    the_outcome,
)
from webhook.admission.patch import pod_patch
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import Reason

PERSISTENT_TEXT = "--maxmemory 209715200 --maxmemory-policy allkeys-lru"


@pytest.mark.parametrize(
    ("image", "args"),
    [
        ("redis", ("redis-server", *FULL)),
        ("redis:3.2-alpine", ("redis-server", *FULL)),
        ("redis@sha256:" + "0" * 64, ("redis-server", *FULL)),
        ("docker.io/library/redis:7", ("redis-server", *FULL)),
        ("Mirror.Example.com:5000/hub/library/redis:7", ("redis-server", *FULL)),
        ("public.ecr.aws/docker/library/redis:7", ("redis-server", *FULL)),
        ("valkey/valkey:8", ("valkey-server", *FULL)),
        ("ghcr.io/valkey-io/valkey:8", ("valkey-server", *FULL)),
        ("cgr.dev/chainguard/redis", FULL),
        # These start with a configuration file of their own, which may ask for snapshots.
        ("eqalpha/keydb", ("keydb-server", "/etc/keydb/keydb.conf", *PERSISTENT)),
        ("goharbor/redis-photon:v2.9.1", ("redis-server", "/etc/redis.conf", *PERSISTENT)),
        ("goharbor/valkey-photon:v2.15.2", ("valkey-server", "/etc/redis.conf", *PERSISTENT)),
        ("valkey/valkey-bundle:9.0", ("valkey-server", *FULL)),
        ("dhi.io/valkey:9", ("valkey-server", *FULL)),
        ("cgr.dev/chainguard/valkey", FULL),
        ("registry.redhat.io/rhel10/valkey-8", ("run-valkey", *PERSISTENT)),
        ("dhi.io/redis:8", ("redis-server", "/etc/redis/redis.conf", *PERSISTENT)),
        ("quay.io/sclorg/redis-7-c9s", ("run-redis", *PERSISTENT)),
        ("registry.redhat.io/rhel9/redis-7", ("run-redis", *PERSISTENT)),
    ],
)
def test_options_go_behind_what_the_image_starts(image: str, args: tuple[str, ...]):
    outcome = outcome_of(image=image)

    assert (outcome.verdict, outcome.reason) == (Verdict.INJECT, Reason.CEILING_INJECTED)
    assert launch_of(outcome.after) == ((), args, {})


@pytest.mark.parametrize(
    ("image", "variable"),
    [
        ("bitnami/redis:7.2", "REDIS_EXTRA_FLAGS"),
        ("bitnamilegacy/redis:7.2", "REDIS_EXTRA_FLAGS"),
        ("bitnamisecure/redis", "REDIS_EXTRA_FLAGS"),
        ("mcr.microsoft.com/oss/bitnami/redis:6.0.8", "REDIS_EXTRA_FLAGS"),
        ("bitnami/valkey", "VALKEY_EXTRA_FLAGS"),
        ("bitnami/keydb", "KEYDB_EXTRA_FLAGS"),
        ("falkordb/falkordb:v4.12.0", "REDIS_ARGS"),
        ("redis/redis-stack", "REDIS_ARGS"),
        ("redis/redis-stack-server:7.4.0-v0", "REDIS_ARGS"),
    ],
)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], PERSISTENT_TEXT),
        (["--port 7000"], f"--port 7000 {PERSISTENT_TEXT}"),
        ([""], PERSISTENT_TEXT),
        (["--port 1", "--port 2"], f"--port 2 {PERSISTENT_TEXT}"),
    ],
)
def test_options_go_into_the_variable_of_the_image(
    image: str, variable: str, before: list[str], after: str
):
    env = [{"name": variable, "value": value} for value in before]

    outcome = outcome_of(image=image, env=env)

    assert outcome.verdict is Verdict.INJECT
    assert launch_of(outcome.after) == ((), (), {variable: after})


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("redislabs/redismod", Reason.IMAGE_IGNORES_OPTIONS),
        ("nextcloud/aio-redis", Reason.IMAGE_IGNORES_OPTIONS),
        ("ghcr.io/nextcloud-releases/aio-redis", Reason.IMAGE_IGNORES_OPTIONS),
        ("registry.k8s.io/redis:v1", Reason.IMAGE_IGNORES_OPTIONS),
        ("gcr.io/google_samples/gb-redisslave:v3", Reason.IMAGE_IGNORES_OPTIONS),
        ("gcr.io/google_samples/gb-redis-follower:v2", Reason.IMAGE_IGNORES_OPTIONS),
        ("redislabs/rejson:2.4.7", Reason.IMAGE_IGNORES_OPTIONS),
        ("sourcegraph/redis-cache:5.1.0", Reason.IMAGE_IGNORES_OPTIONS),
        ("grokzen/redis-cluster:7.0.10", Reason.IMAGE_IGNORES_OPTIONS),
        ("quay.io/opstree/redis:v7.0.12", Reason.OPERATOR_MANAGED),
        ("registry.example.com/corp/redis:1", Reason.UNKNOWN_IMAGE),
    ],
)
def test_images_that_cannot_be_reached_say_why(image: str, reason: Reason):
    outcome = outcome_of(image=image)

    assert (outcome.verdict, outcome.reason, outcome.after) == (
        Verdict.UNENFORCEABLE,
        reason,
        None,
    )


@pytest.mark.parametrize(
    "image",
    [
        "docker.dragonflydb.io/dragonflydb/dragonfly:v1.40.1",
        "ghcr.io/microsoft/garnet",
        "redislabs/redis",
    ],
)
@pytest.mark.parametrize("args", [[], ["--maxmemory", "1gb"], ["$(HIDDEN)"]])
def test_servers_that_size_themselves_are_left_alone(image: str, args: list[str]):
    outcome = outcome_of(image=image, args=args, limit=None)

    assert (outcome.verdict, outcome.reason, outcome.after) == (
        Verdict.EXEMPT,
        Reason.SIZES_ITSELF,
        None,
    )


@pytest.mark.parametrize(
    "image",
    [
        "oliver006/redis_exporter",
        "redis/redisinsight",
        "rediscommander/redis-commander",
        "quay.io/opstree/redis-operator",
        "bitnami/redis-sentinel:7",
        "bitnami/redis-exporter",
        "corp/app:redis",
        "redis.example.com/app",
        "predis",
        "",
        "Not An Image",
        "{{ .Values.image }}",
    ],
)
def test_other_images_are_no_redis(image: str):
    outcome = outcome_of(image=image, limit=None)

    assert (outcome.verdict, outcome.reason, outcome.server) == (
        Verdict.IGNORE,
        Reason.NOT_REDIS,
        False,
    )


@pytest.mark.parametrize(
    ("image", "args"),
    [
        ("bitnami/redis", ["--maxmemory", "1gb"]),
        ("goharbor/redis-photon", ["--maxmemory", "1gb"]),
        ("dhi.io/redis", ["/etc/other.conf"]),
        ("redis/redis-stack", ["--maxmemory", "1gb"]),
    ],
)
def test_flags_that_an_image_does_not_hand_on_are_no_launch(image: str, args: list[str]):
    outcome = outcome_of(image=image, args=args)

    assert (outcome.verdict, outcome.reason) == (
        Verdict.UNENFORCEABLE,
        Reason.IMAGE_IGNORES_OPTIONS,
    )


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("registry.k8s.io/redis:v1", Reason.IMAGE_IGNORES_OPTIONS),
        ("quay.io/opstree/redis", Reason.OPERATOR_MANAGED),
    ],
)
def test_flags_for_an_image_out_of_reach(image: str, reason: Reason):
    assert outcome_of(image=image, args=["--maxmemory", "1gb"]).reason is reason


@pytest.mark.parametrize(("value", "is_sentinel"), [("true", True), ("1", True), ("false", False)])
def test_an_image_that_a_variable_makes_a_sentinel(value: str, is_sentinel: bool):
    env = [{"name": "SENTINEL", "value": value}]

    outcome = outcome_of(image="registry.k8s.io/redis:v1", env=env)

    assert (outcome.reason is Reason.SENTINEL) == is_sentinel


def test_the_variable_of_the_kubernetes_examples_means_nothing_to_the_official_image():
    outcome = outcome_of(env=[{"name": "SENTINEL", "value": "true"}])

    assert outcome.verdict is Verdict.INJECT


def test_an_image_whose_entrypoint_is_the_server_takes_everything_for_its_words():
    outcome = outcome_of(image="cgr.dev/chainguard/redis", args=["--port", "1"])

    assert launch_of(outcome.after) == ((), ("--port", "1", *FULL), {})


def test_options_that_no_server_could_read_are_no_place_for_more():
    env = [{"name": "REDIS_EXTRA_FLAGS", "value": "--port' 1"}]

    outcome = outcome_of(image="bitnami/redis", env=env)

    assert (outcome.reason, outcome.message) == (
        Reason.LAUNCH_UNDECIDABLE,
        "no memory ceiling could be injected: args, line 2: unbalanced quotes",
    )


def test_a_bare_redis_under_512mi_gets_400mib_and_no_snapshots():
    outcome = the_outcome(a_pod(a_container(image="redis:7", limit="512Mi")))

    assert outcome.sizing is not None
    assert outcome.sizing.maxmemory == 419430400
    assert outcome.options == (
        "--maxmemory", "419430400", "--maxmemory-policy", "allkeys-lru", "--save", "",
    )  # fmt: skip


CLUSTER = "/opt/bitnami/scripts/redis-cluster/run.sh"


@pytest.mark.parametrize(
    ("image", "script"),
    [
        ("bitnami/redis-cluster:7.2.4-debian-12-r9", CLUSTER),
        ("bitnamilegacy/redis-cluster:8.0", CLUSTER),
        ("bitnami/valkey-cluster:8.0.2", CLUSTER.replace("redis", "valkey")),
    ],
)
def test_options_go_behind_the_start_script_of_a_cluster_image(image: str, script: str):
    outcome = outcome_of(image=image)

    assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "arguments")
    assert launch_of(outcome.after) == ((), (script, *PERSISTENT), {})


@pytest.mark.parametrize(
    ("image", "verdict"),
    [
        ("bitnami/redis-cluster:7.2.4", Verdict.INJECT),  # does not read it
        ("bitnami/redis-cluster:7.4.1", Verdict.INJECT),  # may read it
        ("bitnami/redis-cluster", Verdict.INJECT),
        ("bitnami/redis-cluster:8.0", Verdict.RESPECT),
        ("bitnami/valkey-cluster:8.1", Verdict.INJECT),
        ("bitnami/valkey-cluster:9", Verdict.RESPECT),
    ],
)
def test_a_cluster_images_variable_counts_from_the_version_on_that_reads_it(
    image: str, verdict: Verdict
):
    prefix = "VALKEY" if "valkey" in image else "REDIS"
    env = [{"name": f"{prefix}_EXTRA_FLAGS", "value": "--maxmemory 100mb"}]

    outcome = outcome_of(image=image, env=env)

    assert outcome.verdict is verdict
    assert outcome.after is None or launch_of(outcome.after)[2] == {
        f"{prefix}_EXTRA_FLAGS": "--maxmemory 100mb"
    }


@pytest.mark.parametrize(
    ("image", "variable"),
    [
        ("valkey/valkey:8", "VALKEY_EXTRA_FLAGS"),
        ("bitnami/redis", "REDIS_EXTRA_FLAGS"),
        ("bitnami/valkey", "VALKEY_EXTRA_FLAGS"),
        ("redis/redis-stack", "REDIS_ARGS"),
        ("bitnami/redis-cluster:8.2", "REDIS_EXTRA_FLAGS"),
    ],
)
def test_a_variable_makes_a_sentinel(image: str, variable: str):
    env = [{"name": variable, "value": "/etc/sentinel.conf --sentinel"}]

    assert outcome_of(image=image, env=env, limit=None).reason is Reason.SENTINEL


@pytest.mark.parametrize("blank", ["", " ", "   ", "\t\n"])
@pytest.mark.parametrize(
    ("image", "variable"),
    [("valkey/valkey:8", "VALKEY_EXTRA_FLAGS"), ("bitnami/redis", "REDIS_EXTRA_FLAGS")],
)
def test_a_blank_variable_is_none_and_a_second_admission_changes_nothing(
    image: str, variable: str, blank: str
):
    pod = a_pod(a_container(image=image, env=[{"name": variable, "value": blank}]))
    first = evaluated(pod)
    patched = jsonpatch.apply_patch(pod, list(pod_patch(first)))

    second = evaluated(patched)

    assert first.outcomes[0].verdict is second.outcomes[0].verdict is Verdict.INJECT
    assert pod_patch(second) == ()


@pytest.mark.parametrize("value", ["--port 1\n", "\n--port 1", " --port 1 \n\n"])
def test_options_stand_in_the_only_line_that_the_image_reads(value: str):
    outcome = outcome_of(image="bitnami/redis", env=[{"name": "REDIS_EXTRA_FLAGS", "value": value}])

    assert launch_of(outcome.after)[2] == {"REDIS_EXTRA_FLAGS": f"--port 1 {PERSISTENT_TEXT}"}


def test_a_variable_of_several_lines_is_not_extended():
    env = [{"name": "REDIS_EXTRA_FLAGS", "value": "--port 1\n--timeout 2"}]

    outcome = outcome_of(image="bitnami/redis", env=env)

    assert (outcome.reason, outcome.message) == (
        Reason.OPTIONS_VARIABLE_HIDDEN,
        "no memory ceiling could be injected: REDIS_EXTRA_FLAGS has several lines, "
        "of which the image reads the first",
    )


def test_an_entry_that_takes_its_value_from_a_config_map_cannot_be_extended():
    """The patch would tell the value to whoever can send a review."""
    source = {"configMapKeyRef": {"name": "flags", "key": "F"}}
    env = [{"name": "REDIS_EXTRA_FLAGS", "valueFrom": source}, {"name": "A", "value": "1"}]
    pod = a_pod(a_container(image="bitnami/redis", env=env))

    evaluation = evaluated(pod, files={"flags": {"F": "--loglevel debug"}})

    (outcome,) = evaluation.outcomes
    assert (outcome.reason, outcome.message) == (
        Reason.OPTIONS_VARIABLE_HIDDEN,
        "no memory ceiling could be injected: REDIS_EXTRA_FLAGS takes its value from a ConfigMap, "
        "behind which nothing can be added",
    )
    assert pod_patch(evaluation) == ()


def test_one_that_brings_a_safe_ceiling_is_respected():
    source = {"configMapKeyRef": {"name": "flags", "key": "F"}}
    env = [{"name": "REDIS_EXTRA_FLAGS", "valueFrom": source}]
    pod = a_pod(a_container(image="bitnami/redis", env=env))
    flags = "--maxmemory 100mb --maxmemory-policy noeviction"

    (outcome,) = evaluated(pod, files={"flags": {"F": flags}}).outcomes

    assert (outcome.reason, outcome.after) == (Reason.CEILING_RESPECTED, None)
