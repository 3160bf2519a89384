"""The remedy names the settings of the chart at hand, and followed it clears the verdict."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.harness.builders import MEBI, a_config_map, a_container, a_mount, a_pod, evaluated
from webhook.domain.evaluation.charts import CHARTS, Chart
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.evaluation.remedies import remedies
from webhook.domain.reasons import Reason

BITNAMI = {
    "app.kubernetes.io/name": "redis",
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": "redis-23.1.1",
}
ARGO_CD = {"app.kubernetes.io/name": "argocd-redis", "app.kubernetes.io/part-of": "argocd"}
UNSEEN = ["sh", "/scripts/start.sh", "redis-server", "/conf/redis.conf"]


def outcome_of(labels: Mapping[str, str], **fields: Any) -> Outcome:
    pod = a_pod(a_container(**fields))
    pod["metadata"]["labels"] = dict(labels)
    (outcome,) = evaluated(pod).outcomes
    return outcome


@pytest.mark.parametrize(
    ("labels", "image", "settings"),
    [
        (ARGO_CD, "public.ecr.aws/docker/library/redis:8", "Argo CD's chart: redis.resources"),
        (
            {"app": "harbor", "component": "redis", "chart": "harbor"},
            "goharbor/valkey-photon:v2.15.2",
            "Harbor's chart: redis.internal.resources",
        ),
        (
            {"app": "redis-ha", "release": "r"},
            "redis:8",
            "the chart redis-ha: redis.resources (as a part of Argo CD's chart "
            "redis-ha.redis.resources)",
        ),
        (
            {**BITNAMI, "app.kubernetes.io/component": "master"},
            "bitnami/redis:8",
            "Bitnami's chart redis: master.resources",
        ),
        (
            {**BITNAMI, "app.kubernetes.io/component": "node"},
            "bitnamilegacy/redis:8",
            "Bitnami's chart redis: replica.resources",
        ),
        (
            {"app": "redis", "chart": "redis-10.5.7", "role": "slave"},
            "bitnami/redis:5.0",
            "Bitnami's chart redis: slave.resources",
        ),
        (
            {"helm.sh/chart": "valkey-4.0.2", "app.kubernetes.io/component": "primary"},
            "bitnami/valkey:8",
            "Bitnami's chart valkey: primary.resources",
        ),
        (
            {"helm.sh/chart": "redis-cluster-13.0.5"},
            "bitnami/redis-cluster:8.2",
            "Bitnami's chart redis-cluster: redis.resources",
        ),
        (
            {"helm.sh/chart": "valkey-cluster-3.0.25"},
            "bitnami/valkey-cluster:9.0",
            "Bitnami's chart valkey-cluster: valkey.resources",
        ),
        (
            {"helm.sh/chart": "keydb-0.5.23", "app.kubernetes.io/component": "replica"},
            "bitnami/keydb:6",
            "Bitnami's chart keydb: replica.resources",
        ),
        ({"helm.sh/chart": "keydb-0.48.0"}, "eqalpha/keydb", "the chart keydb: resources"),
        (
            {"helm.sh/chart": "redis-0.34.18", "app.kubernetes.io/name": "redis"},
            "redis:8",
            "the chart redis of groundhog2k or CloudPirates: resources",
        ),
        (
            {"helm.sh/chart": "redis-2.2.1"},
            "redis:8",
            "the chart redis of groundhog2k or CloudPirates: resources",
        ),
        (
            {"helm.sh/chart": "valkey-0.9.2"},
            "valkey/valkey:9",
            "the chart valkey of valkey-io, groundhog2k or CloudPirates: resources",
        ),
        (
            {"app.kubernetes.io/managed-by": "kubeblocks"},
            "apecloud/redis:7",
            "KubeBlocks: spec.componentSpecs[].resources of the Cluster",
        ),
        (
            {"app.kubernetes.io/managed-by": "redis-operator"},
            "redis:7",
            "Spotahome's operator: spec.redis.resources of the RedisFailover",
        ),
        (
            {"redis_setup_type": "standalone"},
            "quay.io/opstree/redis:v7.0.15",
            "the OT operator: spec.kubernetesConfig.resources of the Redis",
        ),
    ],
)
def test_a_denial_for_no_limit_names_the_value_of_the_chart(
    labels: Mapping[str, str], image: str, settings: str
):
    outcome = outcome_of(labels, image=image, limit=None)

    assert outcome.reason is Reason.NO_MEMORY_LIMIT
    assert f"In the settings of {settings}." in list(remedies(outcome))


@pytest.mark.parametrize(
    ("labels", "image"),
    [
        ({}, "redis:7"),
        ({"app": "redis"}, "redis:7"),
        # a chart of another vendor, of the same name
        ({"helm.sh/chart": "redis-3.0.0", "app.kubernetes.io/name": "redis"}, "redis:8"),
        ({"helm.sh/chart": "redis-latest"}, "redis:8"),
        ({"helm.sh/chart": "redis-ha-x"}, "bitnami/redis"),
    ],
)
def test_of_a_chart_that_is_not_known_nothing_is_said(labels: Mapping[str, str], image: str):
    outcome = outcome_of(labels, image=image, limit=None)

    assert outcome.chart_settings is None


@pytest.mark.parametrize(
    ("labels", "fields", "settings"),
    [
        (
            {**BITNAMI, "app.kubernetes.io/component": "master"},
            {"image": "bitnami/redis:7.2", "command": UNSEEN},
            "Bitnami's chart redis: commonConfiguration, with the lines maxmemory and "
            "maxmemory-policy",
        ),
        (
            {"helm.sh/chart": "keydb-0.48.0"},
            {"image": "eqalpha/keydb", "command": ["/utils/server.sh"]},
            "the chart keydb: configExtraArgs (- maxmemory: 300mb)",
        ),
        (
            {},
            {"image": "quay.io/opstree/redis:v7.0.15"},
            "the OT operator: spec.redisConfig.additionalRedisConfig, a ConfigMap with "
            "redis-additional.conf",
        ),
        (
            {"app.kubernetes.io/managed-by": "kubeblocks"},
            {"image": "apecloud/redis:7", "command": UNSEEN},
            "KubeBlocks: an OpsRequest of type Reconfiguring that sets maxmemory",
        ),
    ],
)
def test_a_server_out_of_reach_is_told_the_settings_of_its_own_chart_and_of_no_other(
    labels: Mapping[str, str], fields: Mapping[str, Any], settings: str
):
    outcome = outcome_of(labels, **fields)

    told = " ".join(remedies(outcome))
    assert outcome.verdict is Verdict.UNENFORCEABLE
    assert outcome.chart_settings == f"In the settings of {settings}."
    assert ("Bitnami" in told) == ("Bitnami" in settings)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_no_settings_are_cut_in_a_warning_under_the_longest_name(chart: Chart):
    for path in (chart.limit, chart.ceiling):
        told = f"In the settings of {chart.title}: {path.format(component='replica')}."

        assert len(f'audit: container "{"n" * 63}": {told}') <= 255


@pytest.mark.parametrize("labels", [ARGO_CD, {"app": "harbor", "component": "redis"}])
def test_the_limit_given_clears_the_denial(labels: Mapping[str, str]):
    image = "goharbor/valkey-photon:v2.15.2"

    assert outcome_of(labels, image=image, limit=None).verdict is Verdict.DENY
    assert outcome_of(labels, image=image, limit="512Mi").verdict is Verdict.INJECT


def test_the_argument_that_argo_cds_chart_takes_is_a_ceiling_of_its_own():
    args = ["--save", "", "--appendonly", "no", "--maxmemory", "300mb"]

    assert outcome_of(ARGO_CD, args=args).verdict is Verdict.RESPECT


def test_the_lines_that_redis_ha_takes_are_a_ceiling_of_its_own():
    """An init container copies the file, which is seen where the ConfigMap is mounted itself."""
    pod = a_pod(
        a_container(command=["redis-server", "/conf/redis.conf"], volumeMounts=[
            a_mount("/conf", name="settings")
        ]),
        volumes=[a_config_map()],
    )  # fmt: skip
    pod["metadata"]["labels"] = {"app": "redis-ha"}
    files = {"settings": {"redis.conf": "maxmemory 300mb\nmaxmemory-policy allkeys-lru\n"}}

    (outcome,) = evaluated(pod, files=files).outcomes

    assert outcome.verdict is Verdict.RESPECT


CEILING = "maxmemory 300mb\nmaxmemory-policy allkeys-lru\n"
BITNAMI_NODE = """#!/bin/bash
eval "$(ask_sentinel)"
ARGS=("--port" "6379" "--include" "/opt/bitnami/redis/etc/redis.conf")
exec redis-server "${ARGS[@]}"
"""
KUBEBLOCKS_START = """#!/bin/bash
cp /etc/conf/redis.conf /etc/redis/redis.conf
start_command="exec redis-server /etc/redis/redis.conf"
eval "$start_command"
"""
OUT_OF_REACH: dict[str, tuple[Mapping[str, str], dict[str, Any], str, str]] = {
    "Bitnami": (
        {**BITNAMI, "app.kubernetes.io/component": "node"},
        {"image": "bitnami/redis:8.2", "command": ["/scripts/start.sh"]},
        BITNAMI_NODE,
        "/opt/bitnami/redis/mounted-etc/redis.conf",
    ),
    "KubeBlocks": (
        {"app.kubernetes.io/managed-by": "kubeblocks"},
        {"image": "apecloud/redis-stack-server:7.2.0", "command": ["/scripts/start.sh"]},
        KUBEBLOCKS_START,
        "/etc/conf/redis.conf",
    ),
    "the OT operator": (
        {"redis_setup_type": "standalone"},
        {"image": "quay.io/opstree/redis:v7.0.15"},
        "",
        "/etc/redis/external.conf.d/redis-additional.conf",
    ),
    "a script of one's own": (
        {},
        {"command": ["/scripts/start.sh"]},
        "#!/bin/bash\nexec gosu redis redis-server /conf/redis.conf\n",
        "/conf/redis.conf",
    ),
}


def with_file(case: str, text: str, limit: str | None = "512Mi") -> Outcome:
    """The outcome of a server out of reach whose file, out of a ConfigMap, says this."""
    labels, fields, script, path = OUT_OF_REACH[case]
    directory, _, name = path.rpartition("/")
    mounts = [a_mount("/scripts", "scripts"), a_mount(directory, "settings")]
    container = a_container(**fields, limit=limit, volumeMounts=mounts)
    pod = a_pod(container, volumes=[a_config_map("scripts"), a_config_map()])
    pod["metadata"]["labels"] = dict(labels)
    files = {"scripts": {"start.sh": script}, "settings": {name: text}}
    (outcome,) = evaluated(pod, files=files).outcomes
    return outcome


@pytest.mark.parametrize("case", OUT_OF_REACH)
def test_the_ceiling_that_the_remedy_asks_for_clears_the_verdict(case: str):
    before, after = with_file(case, "port 6379\n"), with_file(case, CEILING)

    assert before.verdict is Verdict.UNENFORCEABLE
    assert case.startswith("a script") or case in (before.chart_settings or "")
    assert (after.verdict, after.reason) == (Verdict.RESPECT, Reason.CEILING_RESPECTED)
    assert after.sizing is not None
    assert (after.sizing.maxmemory, after.after) == (300 * MEBI, None)
    assert after.chart_settings is None


@pytest.mark.parametrize("case", OUT_OF_REACH)
@pytest.mark.parametrize("text", ["maxmemory 500mb\n", "maxmemory 0\n", "maxmemory 300Mi\n"])
def test_one_that_does_not_protect_the_server_does_not(case: str, text: str):
    assert with_file(case, text).verdict is Verdict.UNENFORCEABLE


@pytest.mark.parametrize("case", OUT_OF_REACH)
def test_without_a_limit_nothing_is_measured_by_it(case: str):
    outcome = with_file(case, CEILING, limit=None)

    # Whether an image that is not known runs a server is not certain, so it is never refused.
    expected = Verdict.UNENFORCEABLE if case == "KubeBlocks" else Verdict.DENY
    assert outcome.verdict is expected


def test_the_operators_file_may_lie_elsewhere():
    _, fields, _, path = OUT_OF_REACH["the OT operator"]
    fields = {**fields, "env": [{"name": "EXTERNAL_CONFIG_FILE", "value": "/elsewhere.conf"}]}
    mounts = [a_mount(path.rpartition("/")[0], "settings")]
    pod = a_pod(a_container(**fields, volumeMounts=mounts), volumes=[a_config_map()])

    (outcome,) = evaluated(pod, files={"settings": {"redis-additional.conf": CEILING}}).outcomes

    assert outcome.verdict is Verdict.UNENFORCEABLE


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ("exec redis-server /c --maxmemory 300mb", Verdict.RESPECT),
        ("# exec redis-server /d\nexec redis-server --maxmemory 300mb", Verdict.RESPECT),
        ("redis-server -v; exec redis-server --maxmemory 300mb", Verdict.RESPECT),
        ("exec redis-server /c --maxmemory $SIZE", Verdict.UNENFORCEABLE),
        ("exec redis-server /c --maxmemory 500mb", Verdict.UNENFORCEABLE),
        ("redis-server --maxmemory 300mb & exec redis-server /d", Verdict.UNENFORCEABLE),
        ("redis-server --sentinel /s", Verdict.UNENFORCEABLE),
        ("redis-server --maxmemory 200mb & redis-server --maxmemory 200mb", Verdict.RESPECT),
        ("redis-server --maxmemory 220mb & redis-server --maxmemory 220mb", Verdict.UNENFORCEABLE),
        ("for p in 1 2; do redis-server --maxmemory 9mb & done", Verdict.UNENFORCEABLE),
        ("f() { redis-server --maxmemory 9mb & }; f; f", Verdict.UNENFORCEABLE),
        ("f() { exec redis-server --maxmemory 300mb; }; f", Verdict.RESPECT),
        ("\n".join(["redis-server --maxmemory 1mb"] * 17), Verdict.UNENFORCEABLE),
    ],
)
@pytest.mark.parametrize("by_script", [True, False])
def test_the_options_that_the_remedy_asks_for_clear_it(
    lines: str, verdict: Verdict, by_script: bool
):
    text = f"#!/bin/sh\ncat > /c <<EOF\nport 7000\nEOF\n{lines}\n"
    command = ["/scripts/start.sh"] if by_script else ["sh", "-c", text]
    container = a_container(command=command, volumeMounts=[a_mount("/scripts", "settings")])
    pod = a_pod(container, volumes=[a_config_map()])

    (outcome,) = evaluated(pod, files={"settings": {"start.sh": text}}).outcomes

    assert outcome.verdict is verdict
    unreadable = Reason.UNREADABLE_SCRIPT if by_script else Reason.UNREADABLE_SHELL_TEXT
    assert outcome.reason in (Reason.CEILING_RESPECTED, unreadable)
