"""Which settings hold for a namespace, and which family for an image."""

import pytest

from webhook.domain.images.catalog import FAMILIES, family_of, is_entrypoint
from webhook.domain.policy.settings import (
    EvictionPolicy,
    ImageFamily,
    Images,
    Mode,
    NamespaceSettings,
    Policy,
    Rule,
)

QUEUES = Rule(namespaces=("queue-*", "jobs"), eviction_policy=EvictionPolicy.NOEVICTION)
REST = Rule(namespaces=("*",), mode=Mode.AUDIT)


@pytest.mark.parametrize(
    ("namespace", "settings"),
    [
        ("queue-1", NamespaceSettings(eviction_policy=EvictionPolicy.NOEVICTION)),
        ("jobs", NamespaceSettings(eviction_policy=EvictionPolicy.NOEVICTION)),
        ("jobs-2", NamespaceSettings(mode=Mode.AUDIT)),
        ("Jobs", NamespaceSettings(mode=Mode.AUDIT)),
        ("", NamespaceSettings(mode=Mode.AUDIT)),
    ],
)
def test_the_first_rule_that_matches_holds_over_the_defaults(
    namespace: str, settings: NamespaceSettings
):
    assert Policy(rules=(QUEUES, REST)).for_namespace(namespace) == settings


def test_without_a_rule_the_defaults_hold():
    assert Policy(rules=(QUEUES,)).for_namespace("shop") == NamespaceSettings()


def test_a_rule_may_undo_a_default():
    policy = Policy(
        defaults=NamespaceSettings(exempt=True), rules=(Rule(namespaces=("a",), exempt=False),)
    )

    assert (policy.for_namespace("a").exempt, policy.for_namespace("b").exempt) == (False, True)


class TestImages:
    OWN = Images(
        add=(ImageFamily(repository="registry.example.com/*/cache", family="bitnami-redis"),),
        drop=("docker.io/corp/redis", "*/legacy/*"),
    )

    @pytest.mark.parametrize(
        ("image", "family"),
        [
            ("registry.example.com/team/cache:1", "bitnami-redis"),
            ("registry.example.com/cache:1", None),
            ("corp/redis", None),
            ("registry.example.com/legacy/redis", None),
            ("registry.example.com/new/redis", "unlisted"),
            ("redis", "redis"),
        ],
    )
    def test_the_administrators_go_first(self, image: str, family: str | None):
        found = family_of(image, self.OWN)

        assert (None if found is None else found.name) == family

    def test_every_family_is_known_by_its_name(self):
        assert {name: family.name for name, family in FAMILIES.items()} == {
            name: name for name in FAMILIES
        }


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
