"""The message of a denial."""

import pytest

from tests.harness.builders import Json, a_container, a_pod, evaluated
from tests.unit.admission.said import SURVIVED
from webhook.admission.denial import denial
from webhook.admission.respond import respond
from webhook.domain.policy.settings import (
    ExplicitCeiling,
    NamespaceSettings,
    Policy,
    Unenforceable,
)

EVENT = 'Error creating: admission webhook "inject.redis-memory-guard.dev" denied the request: '
"""What stands before a denial in a ReplicaSet's event, which is cut at 1024 bytes."""


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
