"""What is visible of a server's configuration: files, includes, the image's own."""

import pytest

from tests.harness.builders import (
    Files,
    Json,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    evaluated,
    outcome_of,
    the_outcome,
)
from webhook.domain.ceiling.sizing import ProfileName
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.reasons import Reason

CONF = "/etc/redis/redis.conf"


def configured(
    text: str, *, others: Files | None = None, args: tuple[str, ...] = (), **fields: object
) -> Outcome:
    """A server with the configuration file from a readable ConfigMap."""
    return outcome_of(
        args=[CONF, *args],
        volumes=[a_config_map(), a_config_map("others")],
        files={"settings": {"redis.conf": text}, **(others or {})},
        volumeMounts=[a_mount("/etc/redis", "settings"), a_mount("/more", "others")],
        **fields,
    )


@pytest.mark.parametrize(
    ("text", "args", "verdict", "policy"),
    [
        ("maxmemory 100mb\n", (), Verdict.RESPECT, "allkeys-lru"),
        ("MAXMEMORY 100MB\n", (), Verdict.RESPECT, "allkeys-lru"),
        ('maxmemory "100mb"\n', (), Verdict.RESPECT, "allkeys-lru"),
        ("# maxmemory 100mb\n", (), Verdict.INJECT, "allkeys-lru"),
        ("maxmemory 0\n", (), Verdict.ADJUST, "allkeys-lru"),
        ("maxmemory\n", (), Verdict.ADJUST, "allkeys-lru"),
        ("maxmemory-policy\n", (), Verdict.INJECT, None),
        ("maxmemory-policy noeviction\n", (), Verdict.INJECT, "noeviction"),
        # Options come behind the file's text and win.
        ("maxmemory 0\n", ("--maxmemory", "100mb"), Verdict.RESPECT, "allkeys-lru"),
        ("maxmemory 100mb\n", ("--maxmemory", "0"), Verdict.ADJUST, "allkeys-lru"),
        ("maxmemory 100mb\nmaxmemory 0\n", (), Verdict.ADJUST, "allkeys-lru"),
    ],
)
def test_a_files_values_count(
    text: str, args: tuple[str, ...], verdict: Verdict, policy: str | None
):
    outcome = configured(text, args=args)

    assert (outcome.verdict, outcome.eviction_policy) == (verdict, policy)


class TestIncludes:
    def test_one_that_can_be_read_is_followed_in_its_place(self):
        others = {"others": {"a.conf": "maxmemory 100mb\nmaxmemory-policy noeviction\n"}}

        outcome = configured("maxmemory 0\ninclude /more/a.conf\n", others=others)

        assert (outcome.verdict, outcome.eviction_policy) == (Verdict.RESPECT, "noeviction")

    @pytest.mark.parametrize(
        ("text", "verdict"),
        [
            ("include /hidden.conf\nmaxmemory 100mb\n", Verdict.RESPECT),
            ("maxmemory 100mb\ninclude /hidden.conf\n", Verdict.INJECT),
        ],
    )
    def test_one_that_cannot_be_read_may_undo_what_stands_before_it(
        self, text: str, verdict: Verdict
    ):
        outcome = configured(text)

        assert outcome.verdict is verdict
        assert "--maxmemory-policy" not in outcome.options
        assert [each.message for each in outcome.warnings] == [
            "its eviction policy may stand in a file, so none is injected"
        ]

    def test_a_hidden_one_beside_a_visible_policy(self):
        outcome = configured("include /hidden.conf\nmaxmemory-policy noeviction\n")

        assert [(each.reason, each.message) for each in outcome.warnings] == [
            (
                Reason.OPTIONS_HIDDEN,
                "a file cannot be seen, so the headroom holds a fork; a maxmemory there may be "
                "lower than 200Mi",
            )
        ]

    def test_several_files_in_one_line(self):
        others = {"others": {"a.conf": "maxmemory 0\n", "b.conf": "maxmemory 100mb\n"}}

        outcome = configured("include /more/a.conf /more/b.conf\n", others=others)

        assert outcome.verdict is Verdict.RESPECT

    def test_one_that_includes_itself_ends(self):
        outcome = configured(f"include {CONF}\n")

        assert (outcome.verdict, outcome.warnings[0].reason) == (
            Verdict.INJECT,
            Reason.POLICY_HIDDEN,
        )

    def test_one_given_as_an_option(self):
        outcome = configured("maxmemory 100mb\n", args=("--include", "$(FILE)"))

        assert outcome.verdict is Verdict.INJECT
        assert outcome.warnings[0].message == (
            "its eviction policy may stand in a file, so none is injected"
        )


def test_a_file_that_cannot_be_parsed_is_hidden_and_its_text_not_shown():
    outcome = configured("requirepass 'hunter2\n")

    assert outcome.options == ("--maxmemory", "209715200")
    assert outcome.warnings[0].message == (
        "its eviction policy may stand in the file /etc/redis/redis.conf, line 1: unbalanced "
        "quotes, so none is injected; a maxmemory there may be lower than 200Mi"
    )
    assert "hunter2" not in repr((outcome.message, outcome.warnings, outcome.steps))


MOUNTS = (a_mount("/conf", "settings"),)
FILES: Files = {"settings": {"redis.conf": "maxmemory 100mb\n", "b": "maxmemory 200mb\n"}}


class TestWhereAFileIs:
    @pytest.mark.parametrize(
        ("fields", "verdict"),
        [
            ({"args": ["/conf/redis.conf"]}, Verdict.RESPECT),
            ({"args": ["/conf/../conf/./redis.conf"]}, Verdict.RESPECT),
            ({"args": ["redis.conf"], "workingDir": "/conf"}, Verdict.RESPECT),
            ({"args": ["conf/redis.conf"], "workingDir": "/"}, Verdict.RESPECT),
            # The official image's own working directory is /data.
            ({"args": ["../conf/redis.conf"]}, Verdict.RESPECT),
            ({"args": ["redis.conf"]}, Verdict.INJECT),
            ({"args": ["/conf/absent.conf"]}, Verdict.INJECT),
            ({"args": ["/elsewhere/redis.conf"]}, Verdict.INJECT),
            (
                {"command": ["sh", "-c", "redis-server redis.conf"], "workingDir": "/conf"},
                Verdict.RESPECT,
            ),
            (
                {"command": ["sh", "-c", "cd / && redis-server redis.conf"], "workingDir": "/conf"},
                Verdict.INJECT,
            ),
            (
                {"image": "corp/cache", "command": ["redis-server", "../conf/redis.conf"]},
                Verdict.INJECT,
            ),
        ],
    )
    def test_its_path(self, fields: Json, verdict: Verdict):
        outcome = outcome_of(
            volumes=[a_config_map()], files=FILES, volumeMounts=list(MOUNTS), **fields
        )

        assert outcome.verdict is verdict

    @pytest.mark.parametrize(
        ("mount", "items", "is_read"),
        [
            (a_mount("/conf/redis.conf", "settings", subPath="redis.conf"), None, True),
            (a_mount("/conf/redis.conf", "settings", subPath="absent"), None, False),
            (
                a_mount("/conf", "settings"),
                [{"key": "b", "path": "redis.conf"}],
                True,
            ),
            (a_mount("/conf", "settings"), [{"key": "b", "path": "other.conf"}], False),
            (a_mount("/conf", "undeclared"), None, False),
        ],
    )
    def test_its_mount(self, mount: Json, items: list[Json] | None, *, is_read: bool):
        volume = a_config_map()
        if items is not None:
            volume["configMap"]["items"] = items

        outcome = outcome_of(
            args=["/conf/redis.conf"], volumes=[volume], files=FILES, volumeMounts=[mount]
        )

        assert (outcome.verdict is Verdict.RESPECT) == is_read

    def test_the_deepest_mount_counts(self):
        mounts = [a_mount("/conf", "settings"), a_mount("/conf/sub", "others")]
        files = {"settings": {"sub/a.conf": "maxmemory 1mb"}, "others": {"a.conf": "maxmemory 0"}}

        outcome = outcome_of(
            args=["/conf/sub/a.conf"],
            volumes=[a_config_map(), a_config_map("others")],
            files=files,
            volumeMounts=mounts,
        )

        assert outcome.verdict is Verdict.ADJUST

    def test_config_maps_that_would_tell_more_are_named(self):
        pod = a_pod(
            a_container(
                args=["/conf/redis.conf"],
                volumeMounts=list(MOUNTS),
                env=[{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "e", "key": "k"}}}],
            ),
            volumes=[a_config_map()],
        )

        assert evaluated(pod).wanted == ("e", "settings")


class TestBitnami:
    """The image copies its configuration from where a chart mounts it."""

    ETC = "/opt/bitnami/redis/etc"
    MOUNTED = "/opt/bitnami/redis/mounted-etc"

    def outcome(self, path: str, files: dict[str, str]) -> Outcome:
        return outcome_of(
            image="bitnami/redis",
            volumes=[a_config_map()],
            files={"settings": files},
            volumeMounts=[a_mount(path, "settings")],
        )

    def test_its_own_file_is_known(self):
        outcome = outcome_of(image="bitnami/redis")

        assert outcome.options[2:] == ("--maxmemory-policy", "allkeys-lru")
        assert outcome.sizing is not None
        assert (outcome.sizing.profile, outcome.sizing.because) == (
            ProfileName.PERSISTENT,
            "its append-only file is rewritten by a fork",
        )

    def test_a_mounted_one_takes_its_place(self):
        outcome = self.outcome(self.MOUNTED, {"redis.conf": "maxmemory 100mb\n"})

        assert outcome.verdict is Verdict.RESPECT

    def test_overrides_come_behind_it(self):
        files = {"redis.conf": "maxmemory 0\n", "overrides.conf": "maxmemory 100mb\n"}

        assert self.outcome(self.MOUNTED, files).verdict is Verdict.RESPECT

    def test_one_mounted_in_its_place(self):
        assert self.outcome(self.ETC, {"redis.conf": "maxmemory 1mb\n"}).verdict is Verdict.RESPECT

    @pytest.mark.parametrize("path", [ETC, MOUNTED])
    def test_a_mount_without_it_hides_it(self, path: str):
        outcome = self.outcome(path, {"other.conf": ""})

        assert outcome.options == ("--maxmemory", "209715200")


def test_redis_stacks_own_file_is_hidden_by_a_mount():
    stack = {"image": "redis/redis-stack", "volumes": [a_config_map()]}

    bare = outcome_of(image="redis/redis-stack")
    mounted = outcome_of(**stack, volumeMounts=[a_mount("/redis-stack.conf", "settings")])

    assert ("--maxmemory-policy" in bare.options, "--maxmemory-policy" in mounted.options) == (
        True,
        False,
    )


class TestVariables:
    """A container's environment as the kubelet makes it."""

    def ceiling(self, files: Files | None = None, **fields: object) -> Verdict:
        outcome = outcome_of(args=["--maxmemory", "$(C)"], files=files or {}, **fields)
        return outcome.verdict

    @pytest.mark.parametrize(
        ("env", "verdict"),
        [
            ([{"name": "C", "value": "100mb"}], Verdict.RESPECT),
            ([{"name": "C", "value": "0"}], Verdict.ADJUST),
            ([{"name": "C", "value": "0"}, {"name": "C", "value": "1mb"}], Verdict.RESPECT),
            ([{"name": "B", "value": "10"}, {"name": "C", "value": "$(B)mb"}], Verdict.RESPECT),
            ([{"name": "C", "value": "$(B)mb"}, {"name": "B", "value": "10"}], Verdict.INJECT),
            ([{"name": "C", "value": "$$(B)"}], Verdict.INJECT),
            ([{"name": "C"}], Verdict.ADJUST),
            ([{"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}], Verdict.INJECT),
            ([], Verdict.INJECT),
        ],
    )
    def test_env(self, env: list[Json], verdict: Verdict):
        assert self.ceiling(env=env) is verdict

    @pytest.mark.parametrize(
        ("data", "verdict"),
        [
            ({"k": "100mb"}, Verdict.RESPECT),
            ({"k": ""}, Verdict.ADJUST),
            ({}, Verdict.INJECT),
        ],
    )
    def test_a_key_of_a_config_map(self, data: dict[str, str], verdict: Verdict):
        env = [{"name": "C", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "k"}}}]

        assert self.ceiling({"settings": data}, env=env) is verdict

    @pytest.mark.parametrize(
        ("sources", "verdict"),
        [
            ([{"configMapRef": {"name": "settings"}}], Verdict.RESPECT),
            ([{"configMapRef": {"name": "settings"}, "prefix": "X_"}], Verdict.INJECT),
            ([{"configMapRef": {"name": "prefixed"}, "prefix": "C"}], Verdict.INJECT),
            ([{"secretRef": {"name": "s"}}], Verdict.INJECT),
            ([{"configMapRef": {"name": "absent", "optional": True}}], Verdict.INJECT),
        ],
    )
    def test_whole_sources(self, sources: list[Json], verdict: Verdict):
        assert self.ceiling({"settings": {"C": "100mb"}}, envFrom=sources) is verdict

    def test_env_wins_over_whole_sources(self):
        verdict = self.ceiling(
            {"settings": {"C": "0"}},
            envFrom=[{"configMapRef": {"name": "settings"}}],
            env=[{"name": "C", "value": "100mb"}],
        )

        assert verdict is Verdict.RESPECT


def test_an_annotated_policy_is_given_where_none_can_be_seen():
    """What the remedy of policy-hidden says must help."""
    pod = a_pod(a_container(args=["/x.conf"]), annotations={"eviction-policy": "noeviction"})

    outcome = the_outcome(pod)

    assert outcome.options == (
        "--maxmemory", "209715200", "--maxmemory-policy", "noeviction",
    )  # fmt: skip
    assert [each.reason for each in outcome.warnings] == [Reason.OPTIONS_HIDDEN]


def test_a_visible_policy_wins_over_an_annotated_one():
    pod = a_pod(
        a_container(args=["--maxmemory-policy", "volatile-ttl"]),
        annotations={"eviction-policy": "noeviction"},
    )

    assert the_outcome(pod).eviction_policy == "volatile-ttl"
