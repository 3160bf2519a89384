"""The match conditions: a superset of what the evaluation could call a server, and little else."""

import re

import pytest

from tests.harness.builders import a_container, a_pod, evaluated
from tests.property.launches import IMAGES
from webhook.admission.match_conditions import image_pattern, match_condition
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.images.catalog import FAMILIES, SERVER_WORD
from webhook.domain.images.family import OutOfReach
from webhook.domain.policy.settings import ImageFamily, Images
from webhook.domain.reasons import Reason

BUILT_IN = Images()
SIZES_ITSELF = OutOfReach(reason=Reason.SIZES_ITSELF)


def matches(image: str, images: Images = BUILT_IN) -> bool:
    return re.search(image_pattern(images), image) is not None


@pytest.mark.parametrize("image", IMAGES)
def test_every_image_that_is_evaluated_a_server_is_let_through(image: str):
    outcome = evaluated(a_pod(a_container(image=image))).outcomes[0]

    assert matches(image) or outcome.verdict in (Verdict.IGNORE, Verdict.EXEMPT)


@pytest.mark.parametrize(
    "image",
    [
        "redis",
        "redis:7",
        "redis@sha256:" + "0" * 64,
        "host:5000/redis",
        "Registry.Example.com/a/b/redis:7",
        "bitnamilegacy/redis-cluster:7",
        "registry.redhat.io/rhel9/redis-7",
        "cgr.dev/acme/redis",
    ],
)
def test_redis_images(image: str):
    assert matches(image)


@pytest.mark.parametrize(
    "image",
    [
        "redis.example.com/app",
        "myapp:redis",
        "oliver006/redis_exporter:v1",
        "redis/redisinsight",
        "quay.io/opstree/redis-operator",
        "corp/predis",
        "redis/app",
        "dragonflydb/dragonfly",
    ],
)
def test_false_friends(image: str):
    assert not matches(image)


def test_the_administrators_own_images():
    own = Images(add=(ImageFamily(repository="registry.example.com/?eam/c*.x", family="redis"),))

    assert matches("registry.example.com/team/cache.x:1", own)
    assert not matches("registry.example.com/team/cacheax:1", own)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis-server", True),
        ("exec /usr/bin/valkey-server /x", True),
        ("a;redis-server&", True),
        ("redis://redis-server:6379", False),
        ("--host=redis-server", False),
        ("redis-server-2", False),
        ("my-redis-server", False),
        ("redis-server.shop.svc", False),
        ("./redis-server", True),
    ],
)
def test_the_word_of_a_server(text: str, *, expected: bool):
    assert (re.search(SERVER_WORD, text) is not None) == expected


def test_every_image_that_is_evaluated_has_the_name_of_a_make():
    evaluated_ones = (each for each in FAMILIES.values() if each.start != SIZES_ITSELF)

    assert [
        glob
        for family in evaluated_ones
        for glob in family.repositories
        if not any(make in glob for make in ("redis", "valkey", "keydb", "falkordb"))
    ] == []


def test_the_administrators_own_images_are_matched_apart():
    own = Images(add=(ImageFamily(repository="registry.example.com/team/cache", family="redis"),))

    expression = match_condition(own).expression

    assert " || c.image.matches(r'^(.*/)?(team/cache)(:[^/@]*)?(@.*)?$')" in expression


def test_the_whole_condition():
    condition = match_condition(BUILT_IN, template="object.spec.template.spec")

    image = image_pattern(BUILT_IN).replace("'", "\\x27")
    text = "(c.?command.orValue([]) + c.?args.orValue([])).join(' ')"
    container = (
        "((has(c.image) && size(c.image) <= 512 && (((c.image.contains('redis') || "
        "c.image.contains('valkey') || c.image.contains('keydb') || "
        "c.image.contains('falkordb')) && "
        f"c.image.matches(r'{image}'))))"
        f" || ((has(c.command) || has(c.args)) && [{text}].exists(t, t.contains('-server') && "
        f"(size(t) > 65536 || t.matches(r'{SERVER_WORD}')))))"
    )
    at = "object.spec.template.spec"
    assert condition.name == "may-run-redis"
    assert condition.expression == (
        f"((has({at}.containers) && {at}.containers.exists(c, {container})) || "
        f"(has({at}.initContainers) && {at}.initContainers.exists(c, {container})))"
    )
