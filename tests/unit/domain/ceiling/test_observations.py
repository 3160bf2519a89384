"""What is seen beside the ceiling: replicas, CONFIG SET, illegal options, queues."""

import pytest

from tests.harness.builders import (
    DURABLE,
    PERSISTENT,
    Json,
    a_claim,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    evaluated,
    outcome_of,
    the_outcome,
    warned,
)
from webhook.domain.evaluation.evidence import read_evidence
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import Reason

MODE = "REDIS_REPLICATION_MODE"


class TestReplicas:
    MESSAGE = (
        "as a replica it ignores maxmemory until it is promoted: its memory limit of 512Mi must "
        "hold its master's maxmemory"
    )

    @pytest.mark.parametrize(
        ("fields", "master"),
        [
            ({"args": ["--replicaof", "redis-master", "6379"]}, "redis-master"),
            ({"args": ["--slaveof", "redis-master", "6379"]}, "redis-master"),
            ({"args": ["--REPLICAOF redis-master 6379"]}, "redis-master"),
            ({"args": ["--replicaof no one", "--replicaof m 1"]}, "m"),
            ({"args": ["--replicaof", "$(MASTER)", "6379"]}, ""),
            ({"command": ["sh", "-c", "exec redis-server --replicaof $HOST 6379"]}, ""),
            ({"command": ["sh", "-c", "redis-server --slaveof m 6379"]}, "m"),
            ({"image": "valkey/valkey:8", "args": ["--replicaof", "m", "1"]}, "m"),
        ],
    )
    def test_are_told_and_get_their_ceiling(self, fields: Json, master: str):
        outcome = outcome_of(**fields)

        assert (outcome.verdict, outcome.replica_of) == (Verdict.INJECT, master)
        assert "--maxmemory" in outcome.options
        assert warned(outcome, Reason.REPLICA_IGNORES_CEILING) == [self.MESSAGE]

    def test_by_a_file(self):
        outcome = outcome_of(
            args=["/conf/redis.conf"],
            volumes=[a_config_map()],
            volumeMounts=[a_mount("/conf", "settings")],
            files={"settings": {"redis.conf": "replicaof redis-0.redis 6379\n"}},
        )

        assert outcome.replica_of == "redis-0.redis"

    @pytest.mark.parametrize(
        ("image", "env", "master"),
        [
            ("bitnami/redis:7.2", {"REDIS_REPLICATION_MODE": "slave"}, ""),
            (
                "bitnami/redis:7.2",
                {"REDIS_REPLICATION_MODE": "replica", "REDIS_MASTER_HOST": "m"},
                "m",
            ),
            (
                "bitnami/valkey:8.0",
                {"VALKEY_REPLICATION_MODE": "replica", "VALKEY_PRIMARY_HOST": "p"},
                "p",
            ),
        ],
    )
    def test_by_bitnamis_variables(self, image: str, env: dict[str, str], master: str):
        outcome = outcome_of(
            image=image, env=[{"name": name, "value": value} for name, value in env.items()]
        )

        assert outcome.replica_of == master

    @pytest.mark.parametrize(
        "fields",
        [
            {"args": ["--replicaof", "no", "one"]},
            {"args": ["--replicaof", "m", "1", "--replicaof", "NO", "ONE"]},
            {"args": ["--replicaof", "m", "1", "--replica-ignore-maxmemory", "no"]},
            {"args": ["--replicaof", "m", "1", "--slave-ignore-maxmemory", "no"]},
            {"image": "redis:4.0", "args": ["--slaveof", "m", "1"]},
            {
                "image": "bitnami/redis",
                "env": [{"name": MODE, "value": "master"}],
            },
            {"env": [{"name": MODE, "value": "slave"}]},
            {},
        ],
    )
    def test_others_are_like_any_server(self, fields: Json):
        outcome = outcome_of(**fields)

        assert outcome.replica_of is None
        assert warned(outcome, Reason.REPLICA_IGNORES_CEILING) == []

    def test_nothing_is_said_of_what_they_survive(self):
        evidence = read_evidence(outcome_of(args=["--replicaof", "m", "6379"]))

        assert evidence is not None
        assert (evidence.profile, evidence.sentences) == (
            None,
            ("A replica ignores its maxmemory until it is promoted, so no measurement covers it.",),
        )


class TestConfigSet:
    @pytest.mark.parametrize(
        ("fields", "where"),
        [
            (
                {"lifecycle": {"postStart": {"exec": {"command": [
                    "sh", "-c", "sleep 2; redis-cli config set maxmemory 4gb"]}}}},
                "a lifecycle hook",
            ),
            (
                {"lifecycle": {"postStart": {"exec": {"command": [
                    "redis-cli", "CONFIG", "SET", "maxmemory", "4gb"]}}}},
                "a lifecycle hook",
            ),
            (
                {"lifecycle": {"postStart": {"exec": {"command": [
                    "redis-cli", "config", "set", "maxmemory-policy", "x", "maxmemory", "0"]}}}},
                "a lifecycle hook",
            ),
            (
                {"command": ["sh", "-c", "redis-server & redis-cli config set maxmemory 4; wait"]},
                "its own command",
            ),
        ],
    )  # fmt: skip
    def test_of_a_ceiling_is_told(self, fields: Json, where: str):
        assert warned(outcome_of(**fields), Reason.CEILING_SET_LATER) == [
            f"{where} says CONFIG SET maxmemory, which replaces the ceiling that the server "
            "starts with"
        ]

    @pytest.mark.parametrize(
        ("container", "count"),
        [
            ({"command": ["redis-cli", "-h", "localhost", "config", "set", "maxmemory", "1gb"]}, 1),
            ({"args": ["sh", "-c", "while :; do redis-cli config set maxmemory 0; done"]}, 1),
            ({"command": ["redis-cli", "config", "get", "maxmemory"]}, 0),
            ({"command": ["redis-cli", "config", "set", "maxmemory-policy", "noeviction"]}, 0),
            ({"command": ["kubectl", "config", "set", "clusters.x.server", "y"]}, 0),
        ],
    )
    def test_by_another_container_too(self, container: Json, count: int):
        sidecar = a_container(name="tuner", image="corp/tuner", **container)

        outcome = evaluated(a_pod(a_container(), sidecar)).outcomes[0]

        assert len(warned(outcome, Reason.CEILING_SET_LATER)) == count

    def test_by_a_script_of_a_hook(self):
        outcome = outcome_of(
            lifecycle={"postStart": {"exec": {"command": ["sh", "/hooks/tune.sh"]}}},
            volumes=[a_config_map()],
            volumeMounts=[a_mount("/hooks", "settings")],
            files={"settings": {"tune.sh": "redis-cli config set maxmemory 4gb\n"}},
        )

        assert len(warned(outcome, Reason.CEILING_SET_LATER)) == 1

    @pytest.mark.parametrize("by_sidecar", [True, False])
    def test_by_a_script_of_the_launch_or_of_another_container(self, by_sidecar: bool):
        mounts = [a_mount("/scripts", "settings")]
        text = "#!/bin/sh\nredis-server --daemonize yes\nredis-cli config set maxmemory 0\n"
        script = {"command": ["/scripts/start.sh"], "volumeMounts": mounts}
        tuner = a_container(name="tuner", image="corp/tuner", **script)
        containers = [a_container(), tuner] if by_sidecar else [a_container(**script)]
        pod = a_pod(*containers, volumes=[a_config_map()])

        outcome = evaluated(pod, files={"settings": {"start.sh": text}}).outcomes[0]

        where = "container tuner" if by_sidecar else "its own script"
        assert warned(outcome, Reason.CEILING_SET_LATER) == [
            f"{where} says CONFIG SET maxmemory, which replaces the ceiling that the server "
            "starts with"
        ]

    def test_an_init_container_ends_before_the_server_starts(self):
        init = a_container(
            name="init", image="corp/x", command=["redis-cli", "config", "set", "maxmemory", "1"]
        )
        pod = a_pod(a_container(), initContainers=[init])

        assert warned(evaluated(pod).outcomes[0], Reason.CEILING_SET_LATER) == []

    @pytest.mark.parametrize("name", ["save", "appendonly", "dir"])
    def test_of_persistence_may_make_a_server_durable(self, name: str):
        hook = {"postStart": {"exec": {"command": ["redis-cli", "config", "set", name, "x"]}}}
        off = ["--save", "", "--appendonly", "no"]

        with_volume = outcome_of(
            args=off, lifecycle=hook, volumes=[a_claim()], volumeMounts=[a_mount("/data")]
        )

        assert with_volume.options == DURABLE
        assert outcome_of(args=off, lifecycle=hook).options == PERSISTENT
        assert "CONFIG SET may make it fork after its start" in with_volume.steps


class TestIllegalOptions:
    @pytest.mark.parametrize(
        ("args", "quoted", "advice"),
        [
            (["--maxmemory=256mb"], "maxmemory=256mb", "blank"),
            (["--maxmemory-policy=allkeys-lru"], "maxmemory-policy=allkeys-lru", "blank"),
            (["--requirepass=hunter2"], "requirepass=…", "blank"),
            (["--maxmemory", "400Mi"], "maxmemory 400Mi", "a size is in bytes"),
            (["--maxmemory", "50%"], "maxmemory 50%", "a size is in bytes"),
            (["--maxmemory", "0.5gb"], "maxmemory 0.5gb", "a size is in bytes"),
            (["--maxmemory", "lots of it, hunter2"], "maxmemory …", "a size is in bytes"),
            (["--maxmemory-policy", "lru"], "maxmemory-policy lru", "a policy is one such as"),
            (["--maxmemory-policy", "hunter 2"], "maxmemory-policy …", "a policy is one such as"),
            (["--appendonly", "true"], "appendonly true", "it is yes or no"),
            (["--appendonly", "hunter2"], "appendonly …", "it is yes or no"),
            (["-maxmemory", "1gb"], "-maxmemory", "the option is maxmemory, behind two dashes"),
            (["--max-memory", "1gb"], "max-memory", "the option is maxmemory,"),
            (["--maxmemory_policy", "x"], "maxmemory_policy", "the option is maxmemory-policy,"),
            (["--maxmemory", "1gb", "2gb"], "maxmemory … …", "it takes one value"),
            (["--save", "60"], "save …", "pairs of seconds and changes"),
            (["--save", "60 1 hunter2"], "save …", "pairs of seconds and changes"),
            (
                ["--maxmemory-policy", "allkeys-lrm"],
                "maxmemory-policy allkeys-lrm",
                "this version of redis-server does not know it",
            ),
        ],
    )
    def test_are_quoted_as_far_as_they_hold_no_secret(
        self, args: list[str], quoted: str, advice: str
    ):
        (message,) = warned(outcome_of(args=args), Reason.OPTION_ILLEGAL)

        assert message.startswith(
            f'its options say "{quoted}", on which the server refuses to start: '
        )
        assert advice in message

    @pytest.mark.parametrize(
        ("text", "quoted"),
        [
            ("maxmemory: 350mb\n", "maxmemory: 350mb"),
            ("maxmemory-policy: allkeys-lru\n", "maxmemory-policy: allkeys-lru"),
            ("maxmemory:350mb\n", "maxmemory:350mb"),
            ("maxmemory = 350mb\n", "maxmemory ="),
            ("requirepass: hunter2\n", "requirepass: …"),
            ("save=60 1\n", "save=60"),
            ("maxmemory 350 mb\n", "maxmemory … …"),
            ("maxmemory 350mb # hunter2\n", "maxmemory … …"),
        ],
    )
    def test_of_a_file_name_it(self, text: str, quoted: str):
        outcome = outcome_of(
            args=["/conf/redis.conf"],
            volumes=[a_config_map()],
            volumeMounts=[a_mount("/conf", "settings")],
            files={"settings": {"redis.conf": text}},
        )

        (message,) = warned(outcome, Reason.OPTION_ILLEGAL)
        assert message.startswith(f'the file /conf/redis.conf says "{quoted}')
        assert "hunter2" not in message

    @pytest.mark.parametrize(
        "args",
        [
            ["--maxmemory", "256mb", "--maxmemory-policy", "ALLKEYS-LRU", "--appendonly", "NO"],
            ["--maxmemory", "$(SIZE)"],
            ["--requirepass", "a=b"],
            ["--rename-command", "CONFIG", ""],
            ["--unknown=x"],
            ["--save", "60 1", "--save", "300 10 3600 1", "--save", '""'],
            ["--save", "$(POINTS)"],
            ["--maxmemory", "1gb", "$(MORE)"],
        ],
    )
    def test_what_is_legal_or_not_known_is_none(self, args: list[str]):
        assert warned(outcome_of(args=args), Reason.OPTION_ILLEGAL) == []


class TestMilliBytes:
    @pytest.mark.parametrize(
        ("limit", "amount", "meant"),
        [("512m", 1, "512Mi"), ("1500m", 2, "1500Mi"), ("0.5m", 1, "0.5Mi")],
    )
    def test_are_asked_about(self, limit: str, amount: int, meant: str):
        outcome = outcome_of(limit=limit)

        assert (outcome.verdict, outcome.reason) == (
            Verdict.UNENFORCEABLE,
            Reason.LIMIT_TOO_SMALL,
        )
        assert warned(outcome, Reason.LIMIT_IN_MILLIBYTES) == [
            f"its memory limit {limit} is in thousandths of a byte, which is {amount} bytes; was "
            f"{meant} meant?"
        ]

    @pytest.mark.parametrize("limit", ["512Mi", "512M", 536870912, "0.5G"])
    def test_any_other_unit_is_not(self, limit: object):
        assert warned(outcome_of(limit=limit), Reason.LIMIT_IN_MILLIBYTES) == []


class TestQueueSigns:
    @pytest.mark.parametrize(
        ("sign", "pod"),
        [
            ("sidekiq", {"metadata": {"name": "sidekiq-redis"}}),
            ("celery", {"metadata": {"name": "x", "labels": {"app": "celery-broker"}}}),
            ("queue", {"metadata": {"name": "x", "labels": {"queue": "yes"}}}),
            (
                "airflow",
                {"metadata": {"name": "x", "labels": {"app.kubernetes.io/part-of": "airflow"}}},
            ),
            ("jobs", {"metadata": {"name": "x", "generateName": "", "namespace": "batch-jobs"}}),
            ("bullmq", {"metadata": {"name": "BullMQ"}}),
            ("jobqueue", {"metadata": {"name": "jobQueue"}}),
            ("queue", {"metadata": {"name": "TaskQueueRedis"}}),
        ],
    )
    def test_in_what_a_pod_is_called(self, sign: str, pod: Json):
        metadata = {"namespace": "shop", **pod["metadata"]}

        outcome = the_outcome({**a_pod(), "metadata": metadata})

        (message,) = warned(outcome, Reason.MAYBE_QUEUE)
        assert f'"{sign}" in ' in message or sign == "jobqueue"
        assert message.endswith(
            "looks like a queue, whose jobs allkeys-lru may evict; if it is one, annotate "
            "redis-memory-guard.dev/eviction-policy: noeviction"
        )
        assert outcome.eviction_policy == "allkeys-lru"

    @pytest.mark.parametrize(
        ("container", "sign", "where"),
        [
            ({"name": "resque"}, "resque", "the names of its containers"),
            ({"image": "docker.io/getsentry/sentry:24"}, "sentry", "its images"),
            ({"image": "apache/airflow:2"}, "airflow", "its images"),
            ({"env": [{"name": "CELERY_BROKER_URL"}]}, "celery", "its variables"),
            ({"env": [{"name": "RQ_WORKERS"}]}, "rq", "its variables"),
        ],
    )
    def test_in_its_containers(self, container: Json, sign: str, where: str):
        other = a_container(**{"name": "app", "image": "corp/app", **container})

        outcome = evaluated(a_pod(a_container(), other)).outcomes[0]

        (message,) = warned(outcome, Reason.MAYBE_QUEUE)
        assert message.startswith(f'"{sign}" in {where} looks like a queue')

    @pytest.mark.parametrize(
        "metadata",
        [
            {"name": "cart"},
            {"name": "cart", "labels": {"app": "bullion", "team": "enqueued-not"}},
            {"name": "cart", "labels": {"job-name": "load", "controller-uid": "1"}},
            {"name": "cart", "labels": {"batch.kubernetes.io/job-name": "jobs"}},
            {"name": "brokerage"},
            {"name": "frequency"},
        ],
    )
    def test_parts_of_words_are_none(self, metadata: Json):
        outcome = the_outcome({**a_pod(), "metadata": {"namespace": "shop", **metadata}})

        assert warned(outcome, Reason.MAYBE_QUEUE) == []

    @pytest.mark.parametrize(
        "image", ["registry.gitlab.com/corp/app:sidekiq", "not an image", "corp/app@sha256:00"]
    )
    def test_neither_are_a_registry_and_a_tag(self, image: str):
        pod = a_pod(a_container(), a_container(name="app", image=image))

        assert warned(evaluated(pod).outcomes[0], Reason.MAYBE_QUEUE) == []

    @pytest.mark.parametrize(
        "args",
        [
            ["--maxmemory-policy", "noeviction"],
            ["--maxmemory-policy", "allkeys-lru"],
            ["/hidden.conf"],
        ],
    )
    def test_nothing_is_said_where_nothing_is_injected(self, args: list[str]):
        pod = {**a_pod(a_container(args=args)), "metadata": {"name": "sidekiq", "namespace": "s"}}

        assert warned(the_outcome(pod), Reason.MAYBE_QUEUE) == []

    def test_nor_where_noeviction_is(self):
        pod = a_pod(annotations={"eviction-policy": "noeviction"})
        pod["metadata"]["name"] = "sidekiq"

        assert warned(the_outcome(pod), Reason.MAYBE_QUEUE) == []

    def test_a_durable_queue_is_told_of_volatile_lru(self):
        redis = a_container(args=["--appendonly", "yes"], volumeMounts=[a_mount("/data")])
        pod = a_pod(redis, volumes=[a_claim()])
        pod["metadata"]["name"] = "sidekiq"

        (message,) = warned(the_outcome(pod), Reason.MAYBE_QUEUE)
        assert "volatile-lru may evict" in message
