"""Which family an image belongs to: by where it comes from, by its name as a last resort."""

import re
from collections.abc import Mapping

import pytest

from tests.harness.builders import outcome_of
from webhook.admission.match_conditions import image_pattern
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.images.catalog import FAMILIES, family_of, is_entrypoint
from webhook.domain.policy.settings import ImageFamily, Images, Policy
from webhook.domain.reasons import EXPLANATIONS, Reason

BUILT_IN = Images()


def family(image: str, images: Images = BUILT_IN) -> str | None:
    found = family_of(image, images)
    return None if found is None else found.name


@pytest.mark.parametrize(
    "image",
    [
        "redis",
        "docker.io/redis:7",
        "docker.io/library/redis@sha256:" + "0" * 64,
        "index.docker.io/library/redis",
        "registry-1.docker.io/library/redis:7",
        "mirror.gcr.io/library/redis",
        "mirror.gcr.io/redis",
        "public.ecr.aws/docker/library/redis:7",
        "mcr.microsoft.com/mirror/docker/library/redis:7",
        "docker.m.daocloud.io/library/redis",
        "arm64v8/redis:7",
        "mirror.gcr.io/arm32v7/redis",
        "rancher/mirrored-library-redis:7.2",
        # proxy caches
        "harbor.example.com/dockerhub/library/redis:7",
        "registry.example.com:5000/a/b/library/redis",
        "123.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/redis",
    ],
)
def test_the_official_image_and_its_mirrors(image: str):
    assert family(image) == "redis"


@pytest.mark.parametrize(
    "image",
    [
        "harbor.example.com/library/redis:7",
        "localhost:5000/library/redis",
        "ghcr.io/library/redis",
        "mirror.gcr.io.example.com/library/redis",
        "arm64/redis",
        "quay.io/arm64v8/redis",
    ],
)
def test_an_image_of_another_registrys_own_may_start_anything(image: str):
    assert family(image) == "unlisted"


MIRRORS = Images(mirrors=("harbor.example.com", "registry.example.com:5000/hub"))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("harbor.example.com/library/redis:7", "redis"),
        ("harbor.example.com/redis:7", "redis"),
        ("harbor.example.com/arm64v8/redis:7", "redis"),
        ("harbor.example.com/goharbor/redis-photon:v2.9", "harbor-redis"),
        ("registry.example.com:5000/hub/library/redis", "redis"),
        ("registry.example.com:5000/hub/redis", "redis"),
        ("registry.example.com:5000/other/redis", "unlisted"),
        ("registry.example.com:5000/hubs/redis", "unlisted"),
        ("registry.example.com/hub/redis", "unlisted"),
    ],
)
def test_mirrors_of_the_administrators_own(image: str, expected: str):
    assert family(image, MIRRORS) == expected


def test_what_the_administrator_says_of_an_image_goes_by_its_name_as_it_is_written():
    images = Images(
        mirrors=("harbor.example.com",),
        drop=("docker.io/library/redis",),
        add=(ImageFamily(repository="harbor.example.com/library/redis", family="valkey"),),
    )

    assert family("redis", images) is None
    assert family("harbor.example.com/library/redis", images) == "valkey"
    assert family("mirror.gcr.io/library/redis", images) == "redis"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("docker.io/goharbor/valkey-photon:v2.15.2", "harbor-valkey"),
        ("valkey/valkey-bundle:9.0", "valkey-bundle"),
        ("falkordb/falkordb:v4.12.0", "falkordb"),
        ("falkordb/falkordb-server:latest", "falkordb"),
        ("redislabs/rejson:2.4.7", "redis-modules"),
        ("redislabs/rebloom", "redis-modules"),
        ("registry.redhat.io/rhel10/valkey-8:1", "sclorg-valkey"),
        ("registry.redhat.io/rhel9/redis-7", "sclorg-redis"),
        ("registry.access.redhat.com/rhscl/redis-32-rhel7", "sclorg-redis"),
        ("centos/redis-32-centos7", "sclorg-redis"),
        ("quay.io/centos7/redis-5-centos7", "sclorg-redis"),
        ("quay.io/fedora/valkey-8", "sclorg-valkey"),
        ("quay.io/sclorg/redis-6-c9s", "sclorg-redis"),
        ("sourcegraph/redis-store:5.1.0", "sourcegraph-redis"),
        ("uselagoon/redis-7:latest", "lagoon-redis"),
        ("uselagoon/redis-7-persistent:latest", "lagoon-redis-persistent"),
        ("uselagoon/valkey-8", "lagoon-valkey"),
        ("grokzen/redis-cluster:7.0.10", "redis-cluster-in-one"),
        ("cgr.dev/acme/valkey", "chainguard-valkey"),
        ("dhi.io/valkey:8", "docker-hardened-valkey"),
        ("bitnamilegacy/keydb", "bitnami-keydb"),
        ("ubuntu/redis:7.0", "unlisted"),
        ("soldevelo/redis", "unlisted"),
    ],
)
def test_images_of_a_vendor(image: str, expected: str):
    assert family(image) == expected


NAMED_ALIKE = [
    "registry1.dso.mil/ironbank/opensource/redis/redis8:8",
    "registry1.dso.mil/ironbank/opensource/redis/redis8-slim",
    "registry.gitlab.com/x/containers/redis-7",
    "corp/redis7",
    "corp/redis-7.2-alpine",
    "corp/valkey-8",
    "corp/keydb6",
    "corp/mirrored-library-redis",
    "rancher/mirrored-bitnami-redis",
    "pingcap/alpine-redis",
    "corp/redis-persistent",
    "corp/redis-cache",
    "corp/redis_master",
    "corp/my-redis-cluster",
    "corp/docker-redis",
    "cloudpirates/image-redis",
    "corp/dhi-redis",
    "uselagoon/redis-7-ephemeral",
]
FALSE_FRIENDS = [
    "oliver006/redis_exporter",
    "bitnami/redis-exporter:1.58",
    "redis/redisinsight",
    "rediscommander/redis-commander",
    "quay.io/opstree/redis-operator:v0.15",
    "quay.io/spotahome/redis-operator",
    "bitnami/redis-sentinel:7",
    "corp/redis-proxy",
    "corp/redis-cluster-proxy",
    "corp/predixy",
    "corp/redis-cli",
    "corp/redis-cli-7",
    "corp/redis-tools",
    "corp/redis-dump",
    "corp/redis-ui",
    "corp/redis-backup",
    "corp/redis-shake",
    "corp/redis-benchmark",
    "corp/redis-metrics",
    "corp/redis-haproxy",
    "corp/redis-session-worker",
    "corp/flask-redis",
    "corp/php-redis",
    "corp/ioredis",
    "corp/phpredis",
    "corp/predis",
    "corp/redis-app",
    "redis-7/app",
    "corp/app:redis-7",
    "envoyproxy/ratelimit",
]


@pytest.mark.parametrize("image", NAMED_ALIKE)
def test_a_name_that_is_nothing_but_a_servers_is_said_and_never_refused(image: str):
    outcome = outcome_of(image=image, limit=None)

    assert (outcome.server, outcome.verdict, outcome.reason, outcome.denied) == (
        True,
        Verdict.UNENFORCEABLE,
        Reason.UNKNOWN_IMAGE,
        False,
    )


@pytest.mark.parametrize("args", [["--port", "7000"], ["/etc/app.conf"], ["--config", "x"]])
def test_what_such_an_image_makes_of_args_is_not_known(args: list[str]):
    outcome = outcome_of(image="corp/redis-cache:1", args=args)

    assert (outcome.reason, outcome.denied, outcome.after) == (Reason.UNKNOWN_IMAGE, False, None)


@pytest.mark.parametrize("image", FALSE_FRIENDS)
def test_a_name_with_another_word_in_it_is_no_servers(image: str):
    outcome = outcome_of(image=image, limit=None)

    assert (outcome.server, outcome.reason) == (False, Reason.NOT_REDIS)


@pytest.mark.parametrize("image", [*NAMED_ALIKE, "corp/falkordb/falkordb:1"])
def test_the_api_server_calls_for_such_a_name(image: str):
    assert re.search(image_pattern(BUILT_IN), image)


@pytest.mark.parametrize("image", FALSE_FRIENDS)
def test_the_api_server_calls_for_no_other(image: str):
    assert re.search(image_pattern(BUILT_IN), image) is None


@pytest.mark.parametrize("image", ["redislabs/rejson:2.4.7", "redislabs/redistimeseries"])
def test_options_of_the_users_own_are_extended_where_the_entrypoint_hands_them_on(image: str):
    args = ["--loadmodule", "/usr/lib/redis/modules/rejson.so"]

    outcome = outcome_of(image=image, args=args)

    assert outcome.after is not None
    assert outcome.after.args[:4] == (*args, "--maxmemory", "419430400")


@pytest.mark.parametrize(
    ("env", "args", "after"),
    [
        ("--port 1", [], "--port 1 --maxmemory 419430400"),
        ("--port 1", ["--port", "2"], "--port 1 --maxmemory 419430400"),
    ],
)
def test_the_variable_of_the_bundle_takes_the_options(env: str, args: list[str], after: str):
    variable = [{"name": "VALKEY_EXTRA_FLAGS", "value": env}]

    outcome = outcome_of(image="valkey/valkey-bundle:9.0", args=args, env=variable, limit="512Mi")

    assert outcome.after is not None
    value = outcome.after.env[0].value
    assert value is not None
    assert value.split()[:3] == after.split()[:3]
    assert outcome.after.args == tuple(args)


@pytest.mark.parametrize("args", [["--maxmemory", "1gb"], ["--save", "60 1"], ["$(OPTIONS)"]])
def test_a_variable_that_may_stand_before_or_behind_such_args_is_left_alone(args: list[str]):
    variable = [{"name": "VALKEY_EXTRA_FLAGS", "value": "--port 1"}]
    words = ["valkey-server", *args]

    outcome = outcome_of(image="valkey/valkey-bundle:8.1", args=words, env=variable)

    assert (outcome.reason, outcome.after) == (Reason.LAUNCH_UNDECIDABLE, None)


@pytest.mark.parametrize(
    ("image", "limit", "variables", "maxmemory"),
    [
        ("uselagoon/redis-7", "512Mi", {}, None),
        ("uselagoon/valkey-8", "512Mi", {}, None),
        ("uselagoon/redis-7", "2Gi", {}, None),
        ("uselagoon/redis-7-persistent", "2Gi", {}, None),
        ("uselagoon/redis-7", "512Mi", {"MAXMEMORY": "10000mb"}, 400),
        ("uselagoon/redis-7-persistent", "128Mi", {}, 108),
        ("uselagoon/redis-7", "512Mi", {"MAXMEMORY": "100mb"}, None),
    ],
)
def test_the_ceiling_in_lagoons_file_is_respected_and_only_ever_lowered(
    image: str, limit: str, variables: Mapping[str, str], maxmemory: int | None
):
    env = [{"name": name, "value": value} for name, value in variables.items()]

    outcome = outcome_of(image=image, env=env, limit=limit)

    assert outcome.verdict is (Verdict.ADJUST if maxmemory else Verdict.RESPECT)
    assert outcome.sizing is not None
    assert maxmemory is None or outcome.sizing.maxmemory // 2**20 == maxmemory
    assert outcome.eviction_policy == "allkeys-lru"


def test_the_eviction_policy_that_a_variable_gives_lagoons_file_is_seen():
    env = [{"name": "MAXMEMORYPOLICY", "value": "noeviction"}]

    assert outcome_of(image="uselagoon/redis-7", env=env).eviction_policy == "noeviction"


def test_a_ceiling_that_a_secret_gives_lagoons_file_is_hidden():
    secret = {"secretKeyRef": {"name": "s", "key": "k"}}
    env = [{"name": "MAXMEMORY", "valueFrom": secret}]

    outcome = outcome_of(image="uselagoon/redis-7", env=env)

    assert outcome.verdict in (Verdict.INJECT, Verdict.ADJUST)
    assert Reason.CEILING_HIDDEN in {warning.reason for warning in outcome.warnings}


def test_the_unknown_image_names_what_to_paste_into_the_policy():
    outcome = outcome_of(image="Harbor.example.com/library/redis:7@sha256:" + "0" * 64)

    assert outcome.remedy == (
        "Where harbor.example.com mirrors Docker Hub, in the policy:\n"
        "images:\n"
        "  mirrors:\n"
        "  - harbor.example.com\n"
        "Where the image starts its server as the official one does:\n"
        "images:\n"
        "  add:\n"
        "  - repository: harbor.example.com/library/redis\n"
        "    family: redis"
    )


@pytest.mark.parametrize(
    ("image", "program"), [("corp/valkey-8", "valkey"), ("corp/keydb:6", "keydb")]
)
def test_the_unknown_image_is_added_as_what_it_is_called(image: str, program: str):
    outcome = outcome_of(image=image)

    assert outcome.remedy == (
        "Where the image starts its server as the official one does:\n"
        "images:\n"
        "  add:\n"
        f"  - repository: docker.io/{image.partition(':')[0]}\n"
        f"    family: {program}"
    )


def test_an_image_that_is_no_reference_cannot_be_added_to_the_policy():
    outcome = outcome_of(image="Not An Image", args=["redis-server"])

    assert outcome.remedy == EXPLANATIONS[Reason.UNKNOWN_IMAGE].remedy


@pytest.mark.parametrize(
    "images",
    [
        Images(mirrors=("harbor.example.com",)),
        Images(add=(ImageFamily(repository="harbor.example.com/library/redis", family="redis"),)),
    ],
)
def test_either_remedy_followed_gives_the_server_its_ceiling(images: Images):
    outcome = outcome_of(image="harbor.example.com/library/redis:7", policy=Policy(images=images))

    assert outcome.verdict is Verdict.INJECT


class TestTheAdministratorsOwn:
    OWN = Images(
        add=(ImageFamily(repository="registry.example.com/*/cache", family="bitnami-redis"),),
        drop=("docker.io/corp/redis", "*/legacy/*"),
    )

    @pytest.mark.parametrize(
        ("image", "expected"),
        [
            ("registry.example.com/team/cache:1", "bitnami-redis"),
            ("registry.example.com/cache:1", None),
            ("corp/redis", None),
            ("registry.example.com/legacy/redis", None),
            ("registry.example.com/new/redis", "unlisted"),
            ("redis", "redis"),
        ],
    )
    def test_the_administrators_go_first(self, image: str, expected: str | None):
        assert family(image, self.OWN) == expected

    def test_every_family_is_known_by_its_name(self):
        assert [each.name for each in FAMILIES.values()] == list(FAMILIES)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("docker-entrypoint.sh", True),
        ("/usr/local/bin/docker-entrypoint.sh", True),
        ("container-entrypoint", True),
        ("/opt/bitnami/scripts/redis/entrypoint.sh", True),
        ("/entrypoint.sh", False),
        ("/x/opt/bitnami/scripts/redis/entrypoint.sh", False),
    ],
)
def test_entrypoints(program: str, *, expected: bool):
    assert is_entrypoint(program) == expected
