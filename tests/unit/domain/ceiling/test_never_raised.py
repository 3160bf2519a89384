"""What a Pod says of its own ceiling, wherever it says it, is never raised."""

import pytest

from tests.harness.builders import (
    MEBI,
    Json,
    a_claim,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    evaluated,
    maxmemory,
    outcome_of,
    the_outcome,
)
from webhook.domain.ceiling.sizing import ProfileName
from webhook.domain.ceiling.snapshots import SnapshotState
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.reasons import Reason

CONF = "dir /data\nmaxmemory 100mb\nmaxmemory-policy noeviction\n"


def by_resource(reference: Json, *, suffix: str = "", **fields: object) -> Outcome:
    """The outcome of a server whose maxmemory is a resource of its Pod."""
    env = [{"name": "SIZE", "valueFrom": {"resourceFieldRef": reference}}]
    args = ["redis-server", "--save", "", "--maxmemory", f"$(SIZE){suffix}"]
    container = a_container(args=args, env=env, **fields)  # type: ignore[arg-type]
    sidecar = a_container(name="sidecar", image="corp/app", limit="96Mi")
    return evaluated(a_pod(container, sidecar)).outcomes[0]


class TestResources:
    @pytest.mark.parametrize(
        ("reference", "suffix", "expected"),
        [
            ({"resource": "requests.memory"}, "", 256 * MEBI),
            ({"resource": "requests.memory", "divisor": "1"}, "", 256 * MEBI),
            ({"resource": "requests.memory", "divisor": "0"}, "", 256 * MEBI),
            ({"resource": "requests.memory", "divisor": "1Mi"}, "mb", 256 * MEBI),
            ({"resource": "requests.memory", "divisor": "1M"}, "m", 269_000_000),
            ({"resource": "requests.memory", "divisor": "1Gi"}, "mb", MEBI),
            ({"resource": "limits.memory", "containerName": "sidecar"}, "", 96 * MEBI),
            ({"resource": "requests.memory", "containerName": "sidecar"}, "", 96 * MEBI),
        ],
    )
    def test_that_fit_are_respected(self, reference: Json, suffix: str, expected: int):
        resources = {"limits": {"memory": "512Mi"}, "requests": {"memory": "256Mi"}}

        outcome = by_resource(reference, suffix=suffix, limit=None, resources=resources)

        assert (outcome.verdict, maxmemory(outcome)) == (Verdict.RESPECT, expected)

    @pytest.mark.parametrize("resource", ["limits.memory", "requests.memory"])
    def test_that_are_the_whole_limit_are_lowered(self, resource: str):
        outcome = by_resource({"resource": resource})

        assert (outcome.verdict, maxmemory(outcome)) == (Verdict.ADJUST, 400 * MEBI)

    @pytest.mark.parametrize(
        "reference",
        [
            {"resource": "limits.cpu"},
            {"resource": "limits.memory", "containerName": "nobody"},
            {"resource": "limits.hugepages-2Mi"},
        ],
    )
    def test_that_cannot_be_told_are_hidden(self, reference: Json):
        outcome = by_resource(reference)

        assert [(each.reason, each.message) for each in outcome.warnings] == [
            (
                Reason.CEILING_HIDDEN,
                "its own maxmemory comes from a value that cannot be seen; it is overridden by "
                "400Mi, which may be higher",
            )
        ]

    def test_that_only_the_remedy_gives_count_with_it(self):
        outcome = by_resource({"resource": "limits.memory"}, limit=None)

        assert outcome.remedied is not None
        assert outcome.remedied.verdict is Verdict.ADJUST

    def test_a_shell_text_sees_them_too(self):
        env = [{"name": "SIZE", "valueFrom": {"resourceFieldRef": {"resource": "requests.memory"}}}]
        resources = {"limits": {"memory": "512Mi"}, "requests": {"memory": "64Mi"}}

        outcome = outcome_of(
            command=["sh", "-c", "exec redis-server --maxmemory $SIZE"],
            env=env,
            limit=None,
            resources=resources,
        )

        assert (outcome.verdict, maxmemory(outcome)) == (Verdict.RESPECT, 64 * MEBI)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("exec redis-server --maxmemory $((SIZE * 3 / 4))", 48),
            ('MAX=$((${SIZE} / 2)); exec redis-server --maxmemory "$MAX"', 32),
            ("exec redis-server --maxmemory $((SIZE/1048576))mb", 64),
            ("exec redis-server --maxmemory $((100*1024*1024))", 100),
        ],
    )
    def test_a_shell_text_may_reckon_with_them(self, text: str, expected: int):
        env = [{"name": "SIZE", "valueFrom": {"resourceFieldRef": {"resource": "requests.memory"}}}]
        resources = {"limits": {"memory": "512Mi"}, "requests": {"memory": "64Mi"}}

        outcome = outcome_of(command=["sh", "-c", text], env=env, limit=None, resources=resources)

        assert (outcome.verdict, maxmemory(outcome)) == (Verdict.RESPECT, expected * MEBI)


class TestLabelsAndAnnotations:
    @pytest.mark.parametrize("kind", ["labels", "annotations"])
    def test_count_as_the_values_that_they_are(self, kind: str):
        field = {"fieldPath": f"metadata.{kind}['cache/size']"}
        env = [{"name": "SIZE", "valueFrom": {"fieldRef": field}}]
        pod = a_pod(a_container(args=["--maxmemory", "$(SIZE)"], env=env))
        pod["metadata"][kind] = {"cache/size": "64mb"}

        outcome = the_outcome(pod)

        assert (outcome.verdict, maxmemory(outcome)) == (Verdict.RESPECT, 64 * MEBI)
        del pod["metadata"][kind]
        assert the_outcome(pod).verdict is Verdict.ADJUST  # an empty size is none

    def test_any_other_field_is_hidden(self):
        env = [{"name": "SIZE", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]

        outcome = outcome_of(args=["--maxmemory", "$(SIZE)"], env=env)

        assert Reason.CEILING_HIDDEN in [each.reason for each in outcome.warnings]


class TestDefaultsOfVariables:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("exec redis-server --maxmemory ${SIZE:-100mb}", 100),
            ("exec redis-server --maxmemory ${SIZE-100mb}", 100),
            ("exec redis-server --maxmemory ${EMPTY:-100mb}", 100),
            ("exec redis-server --maxmemory ${SET:-100mb}", 64),
            ("exec redis-server --maxmemory ${SET-100mb}", 64),
            ('SIZE="${SIZE:-100mb}"\nexec redis-server --maxmemory "$SIZE"', 100),
            ('SET="${SET:-100mb}"\nexec redis-server --maxmemory "$SET"', 64),
            ("UNIT=mb; SIZE=100$UNIT; exec redis-server --maxmemory $SIZE", 100),
        ],
    )
    def test_stand_for_one_that_is_not_set(self, text: str, expected: int):
        env = [{"name": "SET", "value": "64mb"}, {"name": "EMPTY", "value": ""}]

        outcome = outcome_of(command=["sh", "-c", text], env=env)

        assert (outcome.verdict, maxmemory(outcome)) == (Verdict.RESPECT, expected * MEBI)

    @pytest.mark.parametrize(
        ("text", "fields"),
        [
            ("exec redis-server --maxmemory ${HIDDEN:-100mb}", {}),
            ("read SIZE; SIZE=1gb; exec redis-server --maxmemory ${SIZE:-100mb}", {}),
            ("exec redis-server --maxmemory ${SIZE:-100mb}", {"image": "corp/app"}),
            (
                "exec redis-server --maxmemory ${SIZE:-100mb}",
                {"envFrom": [{"secretRef": {"name": "sizes"}}]},
            ),
        ],
    )
    def test_are_not_certain_where_anything_else_may_set_it(self, text: str, fields: Json):
        hidden = {"name": "HIDDEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}

        outcome = outcome_of(command=["sh", "-c", text], env=[hidden], **fields)

        assert Reason.CEILING_HIDDEN in [each.reason for each in outcome.warnings]

    def test_for_unset_variables_alone_do_not_stand_for_an_empty_one(self):
        env = [{"name": "EMPTY", "value": ""}]
        text = 'exec redis-server --maxmemory "${EMPTY-100mb}"'

        assert outcome_of(command=["sh", "-c", text], env=env).verdict is Verdict.ADJUST


class TestTextsThatWriteAFile:
    @pytest.mark.parametrize(
        "text",
        [
            'echo "maxmemory 100mb" > /w/redis.conf',
            'echo "MaxMemory 100MB" > /w/redis.conf',
            'echo "maxmemory $SIZE" > /w/redis.conf',
            'echo "maxmemory ${SIZE}" > /w/redis.conf',
            'OWN=100mb\necho "maxmemory $OWN" > /w/redis.conf',
            'echo "maxmemory ${NOBODY:-100mb}" > /w/redis.conf',
            "if x; then OWN=300mb; else OWN=100mb; fi; echo maxmemory $OWN > /w/redis.conf",
            "echo maxmemory 100mb > /w/redis.conf; x && echo maxmemory 150mb > /w/redis.conf",
        ],
    )
    @pytest.mark.parametrize("by_script", [True, False])
    def test_cap_what_is_injected(self, text: str, by_script: bool):
        init = a_container(
            name="init",
            image="busybox",
            command=["sh", "/scripts/init.sh"] if by_script else ["sh", "-c", text],
            env=[{"name": "SIZE", "value": "100mb"}],
            volumeMounts=[a_mount("/w"), a_mount("/scripts", "settings")],
        )
        redis = a_container(args=["/w/redis.conf"], volumeMounts=[a_mount("/w")])
        volumes = [{"name": "data", "emptyDir": {}}, a_config_map()]
        pod = a_pod(redis, initContainers=[init], volumes=volumes)

        outcome = evaluated(pod, files={"settings": {"init.sh": text}}).outcomes[0]

        assert (outcome.verdict, maxmemory(outcome)) == (Verdict.INJECT, 100 * MEBI)
        assert Reason.OPTIONS_HINTED in [each.reason for each in outcome.warnings]

    def test_a_value_out_of_sight_is_none(self):
        hidden = {"name": "SIZE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
        text = "echo maxmemory $SIZE > /w/redis.conf"
        init = a_container(name="init", image="busybox", command=["sh", "-c", text], env=[hidden])
        pod = a_pod(a_container(args=["/w/redis.conf"]), initContainers=[init])

        outcome = evaluated(pod).outcomes[0]

        assert [each.reason for each in outcome.warnings] == [Reason.POLICY_HIDDEN]


def copied(
    *texts: str, path: str = "/conf/redis.conf", key: str = "redis.conf", **fields: object
) -> Outcome:
    """The outcome of a server whose file an init container makes of ConfigMaps."""
    names = [f"settings{number}" for number in range(len(texts))]
    init = a_container(
        name="init",
        image="busybox",
        command=["cp", f"/mount/{key}", path],
        volumeMounts=[a_mount(f"/mount{name}", name) for name in names],
    )
    redis = a_container(**{"args": [path], "volumeMounts": [a_mount("/conf", "scratch")], **fields})
    pod = a_pod(
        redis,
        initContainers=[init],
        volumes=[{"name": "scratch", "emptyDir": {}}, a_claim(), *map(a_config_map, names)],
    )
    files = {name: {key: text} for name, text in zip(names, texts, strict=True)}
    return evaluated(pod, files=files).outcomes[0]


class TestCopiedFiles:
    def test_cap_what_is_injected_and_their_policy_counts_as_seen(self):
        outcome = copied(CONF)

        assert outcome.options == ("--maxmemory", f"{100 * MEBI}")
        assert (outcome.verdict, outcome.eviction_policy) == (Verdict.INJECT, "noeviction")
        assert [(each.reason, each.message) for each in outcome.warnings] == [
            (
                Reason.OPTIONS_HINTED,
                "the file /conf/redis.conf cannot be seen, and ConfigMap settings0 counts in its "
                "place: its maxmemory of 100Mi is not raised",
            )
        ]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("maxmemory 1mb\n", MEBI),
            ("MAXMEMORY 100MB\n", 100 * MEBI),
            ("maxmemory\nport 7000\n", 200 * MEBI),
            ("maxmemory 434mb\n", 434 * MEBI),
            # Above what would be respected it is lowered, as any explicit one.
            ("maxmemory 436mb\n", 512 * MEBI * 85 // 100),
            ("maxmemory 0\n", 200 * MEBI),
            ("maxmemory 400Mi\n", 200 * MEBI),
            ("maxmemory 50mb\nmaxmemory 60mb\n", 60 * MEBI),
            ("# maxmemory 50mb\nport 7000\n", 200 * MEBI),
        ],
    )
    def test_count_like_an_explicit_one(self, text: str, expected: int):
        assert maxmemory(copied(text)) == expected

    def test_the_least_of_several_counts(self):
        assert maxmemory(copied("maxmemory 150mb\n", "maxmemory 90mb\n")) == 90 * MEBI

    def test_different_policies_leave_it_open_and_none_is_injected(self):
        outcome = copied("maxmemory-policy noeviction\n", "maxmemory-policy allkeys-lru\n")

        assert (outcome.options, outcome.eviction_policy) == (
            ("--maxmemory", f"{200 * MEBI}"),
            None,
        )

    @pytest.mark.parametrize(
        ("text", "profile", "snapshots"),
        [
            ('save ""\n', ProfileName.CACHE, SnapshotState.OFF),
            ('save ""\nappendonly yes\n', ProfileName.PERSISTENT, SnapshotState.OFF),
            ("save 60 1\n", ProfileName.PERSISTENT, SnapshotState.ON),
            ("port 7000\n", ProfileName.PERSISTENT, SnapshotState.UNKNOWN),
        ],
    )
    def test_their_save_points_count_as_seen(
        self, text: str, profile: ProfileName, snapshots: SnapshotState
    ):
        outcome = copied(text)

        assert outcome.sizing is not None
        assert (outcome.sizing.profile, outcome.snapshots) == (profile, snapshots)
        assert "--save" not in outcome.options

    def test_one_of_another_name_caps_and_says_nothing_of_persistence(self):
        outcome = copied(f'save ""\n{CONF}', key="base.conf")

        assert outcome.options == ("--maxmemory", f"{100 * MEBI}")
        assert outcome.snapshots is SnapshotState.UNKNOWN

    def test_one_of_another_name_raises_nothing(self):
        assert maxmemory(copied("maxmemory 434mb\n", key="base.conf")) == 200 * MEBI

    def test_one_of_the_same_name_counts_before_all_others(self):
        pod = a_pod(
            a_container(
                args=["/etc/redis.conf"],
                volumeMounts=[a_mount("/a", "same"), a_mount("/b", "other")],
            ),
            volumes=[a_config_map("same"), a_config_map("other")],
        )
        files = {
            "same": {"redis.conf": "maxmemory 120mb\n"},
            "other": {"sentinel.conf": "maxmemory 10mb\n"},
        }

        assert maxmemory(the_outcome(pod, files=files)) == 120 * MEBI

    def test_what_stands_behind_it_in_args_wins(self):
        outcome = copied(CONF, args=["/conf/redis.conf", "--maxmemory", "150mb"])

        assert (outcome.verdict, maxmemory(outcome)) == (Verdict.RESPECT, 150 * MEBI)

    @pytest.mark.parametrize(
        "volume",
        [
            {"configMap": {"name": "m", "items": [{"key": "k", "path": "redis.conf"}]}},
            {"projected": {"sources": [{"secret": {}}, {"configMap": {"name": "m"}}]}},
        ],
    )
    def test_however_the_config_map_is_mounted(self, volume: Json):
        pod = a_pod(
            a_container(args=["/run/redis.conf"]),
            a_container(name="app", image="corp/app", volumeMounts=[a_mount("/x", "v")]),
            volumes=[{"name": "v", **volume}],
        )

        outcome = evaluated(pod, files={"m": {"k": CONF}}).outcomes[0]

        assert maxmemory(outcome) == 100 * MEBI

    def test_one_key_alone_may_be_mounted(self):
        mounts = [a_mount("/x/redis.conf", "m", subPath="a")]
        pod = a_pod(
            a_container(args=["/run/redis.conf"]),
            a_container(name="app", image="corp/app", volumeMounts=mounts),
            volumes=[a_config_map("m")],
        )
        files = {"m": {"a": "maxmemory 90mb\n", "b": "maxmemory 10mb\n"}}

        assert maxmemory(evaluated(pod, files=files).outcomes[0]) == 90 * MEBI

    def test_a_file_that_is_visible_needs_none(self):
        pod = a_pod(
            a_container(
                args=["/conf/redis.conf"],
                volumeMounts=[a_mount("/conf", "m"), a_mount("/other", "n")],
            ),
            volumes=[a_config_map("m"), a_config_map("n")],
        )
        files = {"m": {"redis.conf": 'save ""\n'}, "n": {"x": "maxmemory 10mb\n"}}

        assert maxmemory(the_outcome(pod, files=files)) == 400 * MEBI

    def test_others_are_asked_for_when_nothing_is_missing_that_the_launch_names(self):
        pod = a_pod(
            a_container(
                args=["/conf/redis.conf"],
                volumeMounts=[a_mount("/conf", "m"), a_mount("/other", "n")],
            ),
            volumes=[a_config_map("m"), a_config_map("n")],
        )

        assert evaluated(pod).wanted == ("m",)
        assert evaluated(pod, files={"m": {}}).wanted == ("n",)


class TestTexts:
    @pytest.mark.parametrize(
        "text",
        [
            'echo "maxmemory 100mb" >> /conf/redis.conf',
            "printf 'maxmemory 100mb\\n' | tee -a /conf/redis.conf",
            "sed -i 's/^maxmemory .*/maxmemory 100mb/' /conf/redis.conf",
        ],
    )
    @pytest.mark.parametrize("where", ["init", "own"])
    def test_that_write_the_file_cap_too(self, text: str, where: str):
        init = a_container(name="init", image="busybox", command=["sh", "-c", text])
        start = f"{text}\nexec redis-server /conf/redis.conf" if where == "own" else ""
        redis = (
            a_container(command=["sh", "-c", start])
            if where == "own"
            else a_container(args=["/conf/redis.conf"])
        )
        pod = a_pod(redis, initContainers=[] if where == "own" else [init])

        outcome = evaluated(pod).outcomes[0]

        assert maxmemory(outcome) == 100 * MEBI

    def test_a_here_document_does_too(self):
        text = "cat > /conf/redis.conf <<EOF\nport 6379\nmaxmemory 100mb\nEOF"
        init = a_container(name="init", image="busybox", command=["sh", "-c", text])
        pod = a_pod(a_container(args=["/conf/redis.conf"]), initContainers=[init])

        assert maxmemory(evaluated(pod).outcomes[0]) == 100 * MEBI

    def test_a_script_in_a_config_map_does_too(self):
        outcome = copied(
            '#!/bin/sh\necho "maxmemory 80mb" >> /conf/redis.conf\n'
            'echo "maxmemory-policy noeviction" >> /conf/redis.conf\n',
            key="init.sh",
        )

        assert (maxmemory(outcome), outcome.eviction_policy) == (80 * MEBI, "noeviction")

    def test_a_variable_that_holds_a_file_does_too(self):
        init = a_container(
            name="init", image="busybox", env=[{"name": "CONF", "value": "maxmemory 70mb\n"}]
        )
        pod = a_pod(a_container(args=["/conf/redis.conf"]), initContainers=[init])

        assert maxmemory(evaluated(pod).outcomes[0]) == 70 * MEBI

    def test_the_args_of_another_server_do_not(self):
        other = a_container(name="other", args=["--maxmemory 50mb", "--save", ""])
        pod = a_pod(a_container(args=["/conf/redis.conf"]), other)

        assert maxmemory(evaluated(pod).outcomes[0]) == 200 * MEBI


class TestWhatMayBeUndone:
    """A hidden file behind it may say something else, or nothing."""

    @pytest.mark.parametrize(
        "args",
        [
            ["--maxmemory", "100mb", "--include", "/hidden.conf"],
            ["--maxmemory", "100mb", "--include", "$(FILE)"],
            ["redis-server", "--maxmemory", "100mb", "$(FLAGS)"],
        ],
    )
    def test_it_is_not_raised(self, args: list[str]):
        assert outcome_of(args=args).options == ("--maxmemory", f"{100 * MEBI}")

    def test_a_policy_counts_as_seen(self):
        outcome = outcome_of(args=["--maxmemory-policy", "noeviction", "--include", "/x.conf"])

        assert outcome.eviction_policy == "noeviction"


@pytest.mark.parametrize("image", ["bitnami/redis-cluster:7.2", "bitnami/redis:7.2"])
def test_the_file_that_bitnamis_image_copies_for_itself_is_seen(image: str):
    name = "redis-default.conf"
    pod = a_pod(
        a_container(
            image=image,
            volumeMounts=[a_mount(f"/opt/bitnami/redis/etc/{name}", "m", subPath=name)],
        ),
        volumes=[a_config_map("m")],
    )

    outcome = the_outcome(pod, files={"m": {name: "maxmemory 90mb\n"}})

    assert outcome.verdict in (Verdict.RESPECT, Verdict.UNENFORCEABLE)
