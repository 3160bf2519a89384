"""Data that a volume may bring back is never evicted by our choice."""

import pytest

from tests.harness.builders import (
    DURABLE,
    FULL,
    MEBI,
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
from webhook.domain.ceiling.snapshots import SnapshotState
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.policy.settings import (
    EvictionPolicy,
    ExplicitCeiling,
    NamespaceSettings,
    Policy,
    Rule,
)
from webhook.domain.reasons import Reason

AOF = ("--appendonly", "yes")


def on_claim(*args: str, path: str = "/data", **fields: object) -> Outcome:
    """The outcome of a server with a claim at a path."""
    return outcome_of(args=list(args), volumes=[a_claim()], volumeMounts=[a_mount(path)], **fields)


class TestVolumes:
    @pytest.mark.parametrize(
        "source",
        [
            {"persistentVolumeClaim": {"claimName": "x"}},
            {"hostPath": {"path": "/srv/redis", "type": "DirectoryOrCreate"}},
            {"nfs": {"server": "nas", "path": "/redis"}},
            {"awsElasticBlockStore": {"volumeID": "vol-1"}},
            {"flexVolume": {"driver": "example.com/x"}},
            # Drivers mount shares that exist already that way.
            {"csi": {"driver": "nfs.csi.k8s.io", "volumeAttributes": {"share": "/redis"}}},
            {"someVolumeOfTomorrow": {}},
        ],
    )
    def test_that_outlives_the_pod_makes_a_server_durable(self, source: Json):
        outcome = outcome_of(
            args=list(AOF),
            volumes=[{"name": "data", **source}],
            volumeMounts=[a_mount("/data")],
        )

        assert outcome.options == DURABLE
        assert len(warned(outcome, Reason.DURABLE_DATA_BOUNDED)) == 1

    @pytest.mark.parametrize(
        "source",
        [
            {"emptyDir": {}},
            {"emptyDir": {"sizeLimit": "1Gi"}},
            {"configMap": {"name": "x"}},
            {"secret": {"secretName": "x"}},
            {"projected": {"sources": []}},
            {"downwardAPI": {"items": []}},
            {"image": {"reference": "corp/data:1"}},
            # The Pod owns the claim of a generic ephemeral volume, which goes with it.
            {"ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
            {"gitRepo": {"repository": "https://example.com/x.git"}},
        ],
    )
    def test_that_dies_with_the_pod_does_not(self, source: Json):
        outcome = outcome_of(
            args=list(AOF),
            volumes=[{"name": "data", **source}],
            volumeMounts=[a_mount("/data")],
        )

        assert outcome.options == PERSISTENT
        assert warned(outcome, Reason.DURABLE_DATA_BOUNDED) == []

    def test_a_volume_that_is_not_declared_is_a_claim_of_its_stateful_set(self):
        outcome = outcome_of(args=list(AOF), volumeMounts=[a_mount("/data", "undeclared")])

        assert outcome.options == DURABLE

    @pytest.mark.parametrize(
        ("path", "fields", "options"),
        [
            ("/data", {}, DURABLE),
            ("data", {}, DURABLE),
            ("/", {}, DURABLE),
            ("/logs", {}, PERSISTENT),
            ("/data/sub", {}, PERSISTENT),
            ("/data/appendonlydir", {}, DURABLE),
            ("/data/appendonlydir2", {}, PERSISTENT),
            ("/data/aof", {"args": [*AOF, "--appenddirname", "aof"]}, DURABLE),
            ("/data/appendonlydir", {"args": [*AOF, "--appenddirname", "aof"]}, PERSISTENT),
            ("/data/dump.rdb", {"args": ["--save", "60 1"]}, DURABLE),
            ("/d", {"args": [*AOF, "--dir", "/d"]}, DURABLE),
            ("/data", {"args": [*AOF, "--dir", "/d"]}, PERSISTENT),
            ("/d", {"args": list(AOF), "workingDir": "/d"}, DURABLE),
            ("/anywhere", {"image": "corp/x", "command": ["redis-server", *AOF]}, DURABLE),
            ("/d", {"command": ["env", "-C", "/d", "redis-server", *AOF]}, DURABLE),
            ("/d", {"command": ["sudo", "-D", "/d", "redis-server", *AOF]}, DURABLE),
            ("/d", {"command": ["sh", "-c", "cd /d; exec redis-server --appendonly yes"]}, None),
            (
                "/d",
                {"command": ["sh", "-c", "builtin cd /d; redis-server --appendonly yes"]},
                None,
            ),
            ("/d", {"command": ["sh", "-c", "cp /d/* .; redis-server --appendonly yes"]}, None),
            ("/d", {"command": ["sh", "-c", "ln -s /d/x y; redis-server --appendonly yes"]}, None),
            ("/d", {"command": ["sh", "-c", "env -C /d redis-server --appendonly yes"]}, None),
        ],
    )
    def test_only_one_that_can_hold_the_data_directory(
        self, path: str, fields: Json, options: tuple[str, ...] | None
    ):
        fields = {"args": list(AOF), **fields} if "command" not in fields else fields

        outcome = outcome_of(volumes=[a_claim()], volumeMounts=[a_mount(path)], **fields)

        assert outcome.options == (options or DURABLE)

    def test_one_that_is_mounted_read_only_brings_the_same_data_back_anyway(self):
        outcome = outcome_of(
            args=list(AOF), volumes=[a_claim()], volumeMounts=[a_mount("/data", readOnly=True)]
        )

        assert outcome.options == PERSISTENT


class TestPersistence:
    @pytest.mark.parametrize(
        ("args", "options"),
        [
            ([], DURABLE),
            (["--save", "60", "1"], DURABLE),
            (["--save", "", *AOF], DURABLE),
            (["--save", ""], FULL[:4]),
            (["--save", "", "--appendonly", "no"], FULL[:4]),
        ],
    )
    def test_that_is_on_makes_a_server_durable(self, args: list[str], options: tuple[str, ...]):
        assert on_claim(*args).options == options

    def test_that_may_be_on_out_of_sight_does_too_and_no_policy_is_added(self):
        outcome = on_claim("/etc/redis.conf")

        assert outcome.options == DURABLE[:2]
        assert outcome.eviction_policy is None
        assert warned(outcome, Reason.DURABLE_DATA_BOUNDED) == [
            "its data outlives the Pod and may be 200Mi from now on; beyond that writes fail, "
            "unless its own eviction policy evicts keys. To hold S, the memory limit must be "
            "(S / 50% + 16Mi) / 81.25%: 1280Mi for 512Mi of data"
        ]

    def test_an_image_that_persists_by_its_own_configuration_is_durable(self):
        outcome = outcome_of(
            image="bitnami/redis:7.2",
            volumes=[a_claim()],
            volumeMounts=[a_mount("/bitnami/redis/data")],
        )

        assert outcome.options == DURABLE


class TestWhoChooses:
    def test_its_own_policy_is_kept(self):
        outcome = on_claim(*AOF, "--maxmemory-policy", "allkeys-lfu")

        assert outcome.options == DURABLE[:2]
        assert warned(outcome, Reason.DURABLE_DATA_BOUNDED)[0].startswith(
            "its data outlives the Pod and may be 200Mi from now on; keys beyond that are evicted "
            "for good, as its eviction policy says. "
        )

    @pytest.mark.parametrize("policy", ["noeviction", "allkeys-lru", "volatile-ttl"])
    def test_the_annotation_chooses_for_any(self, policy: str):
        pod = a_pod(
            a_container(args=list(AOF), volumeMounts=[a_mount("/data")]),
            annotations={"eviction-policy": policy},
            volumes=[a_claim()],
        )

        assert the_outcome(pod).options == (*DURABLE[:3], policy)

    def test_each_setting_is_for_its_own(self):
        settings = NamespaceSettings(
            eviction_policy=EvictionPolicy.ALLKEYS_LFU,
            durable_eviction_policy=EvictionPolicy.NOEVICTION,
        )

        assert on_claim(*AOF, policy=Policy(defaults=settings)).eviction_policy == "noeviction"
        assert outcome_of(policy=Policy(defaults=settings)).eviction_policy == "allkeys-lfu"

    def test_a_rule_sets_them_apart(self):
        rule = Rule(namespaces=("shop",), durable_eviction_policy=EvictionPolicy.ALLKEYS_LRU)

        assert on_claim(*AOF, policy=Policy(rules=(rule,))).options == PERSISTENT
        assert outcome_of(policy=Policy(rules=(rule,))).eviction_policy == "allkeys-lru"


class TestExplicitCeilings:
    @pytest.mark.parametrize("args", [("--maxmemory", "200mb"), ("--maxmemory", "434mb")])
    def test_nothing_is_added_to_a_respected_one(self, args: tuple[str, ...]):
        outcome = on_claim(*AOF, *args)

        assert (outcome.verdict, outcome.options, outcome.after) == (Verdict.RESPECT, (), None)

    def test_the_annotation_still_adds_a_policy(self):
        pod = a_pod(
            a_container(args=[*AOF, "--maxmemory", "200mb"], volumeMounts=[a_mount("/data")]),
            annotations={"eviction-policy": "volatile-ttl"},
            volumes=[a_claim()],
        )

        assert the_outcome(pod).options == ("--maxmemory-policy", "volatile-ttl")

    def test_one_of_a_cache_gets_a_policy(self):
        assert outcome_of(args=["--maxmemory", "200mb", "--save", ""]).options == FULL[2:4]

    @pytest.mark.parametrize(
        ("maxmemory", "options"),
        [
            (f"{512 * MEBI * 85 // 100}", ()),
            (f"{512 * MEBI * 85 // 100 + 1}", ("--maxmemory", f"{512 * MEBI * 85 // 100}")),
            ("436mb", ("--maxmemory", f"{512 * MEBI * 85 // 100}")),
            ("4gb", ("--maxmemory", f"{512 * MEBI * 85 // 100}")),
        ],
    )
    def test_one_that_is_too_high_falls_off_no_cliff(
        self, maxmemory: str, options: tuple[str, ...]
    ):
        outcome = on_claim(*AOF, "--maxmemory", maxmemory)

        assert outcome.options == options

    def test_lowering_says_what_becomes_of_it(self):
        outcome = on_claim(*AOF, "--maxmemory", "436mb", "--maxmemory-policy", "noeviction")

        assert (outcome.verdict, outcome.message) == (
            Verdict.ADJUST,
            "maxmemory 436mb is lowered to 435.1Mi of 512Mi (persistent)",
        )
        assert outcome.sizing is not None
        assert outcome.sizing.headroom == 512 * MEBI - 512 * MEBI * 85 // 100
        assert warned(outcome, Reason.DURABLE_DATA_BOUNDED) == [
            "its data outlives the Pod and may be 435.1Mi from now on; beyond that writes fail. "
            "To hold S, the memory limit must be S / 85%: 603Mi for 512Mi of data"
        ]
        assert len(warned(outcome, Reason.FORK_OVER_HALF)) == 1
        assert (
            "its own is lowered to 85% of the limit and no further, for it persists its data: "
            "maxmemory 456340275 bytes (435.1Mi)"
        ) in outcome.steps

    def test_elsewhere_it_becomes_the_computed_one(self):
        outcome = outcome_of(args=["--maxmemory", "436mb", "--save", ""])

        assert outcome.options == FULL[:4]

    @pytest.mark.parametrize("maxmemory", ["0", "0mb"])
    def test_none_at_all_becomes_the_computed_one(self, maxmemory: str):
        assert on_claim(*AOF, "--maxmemory", maxmemory).options == DURABLE

    def test_the_headroom_that_its_pod_asks_for_counts(self):
        pod = a_pod(
            a_container(args=[*AOF, "--maxmemory", "500mb"], volumeMounts=[a_mount("/data")]),
            annotations={"headroom": "50%"},
            volumes=[a_claim()],
        )

        assert the_outcome(pod).options == ("--maxmemory", f"{256 * MEBI}")

    def test_the_administrator_may_leave_it(self):
        settings = NamespaceSettings(explicit_ceiling=ExplicitCeiling.RESPECT)

        outcome = on_claim(*AOF, "--maxmemory", "500mb", policy=Policy(defaults=settings))

        assert (outcome.verdict, outcome.options) == (Verdict.RESPECT, ())


class TestTheLimitThatHoldsIt:
    def test_by_a_profile(self):
        (message,) = warned(on_claim(*AOF), Reason.DURABLE_DATA_BOUNDED)

        assert message == (
            "its data outlives the Pod and may be 200Mi from now on; beyond that keys with an "
            "expiry are evicted, then writes fail. To hold S, the memory limit must be "
            "(S / 50% + 16Mi) / 81.25%: 1280Mi for 512Mi of data"
        )
        assert on_claim(*AOF, limit="1280Mi").options[1] == f"{512 * MEBI}"

    def test_by_the_annotation(self):
        pod = a_pod(
            a_container(args=list(AOF), volumeMounts=[a_mount("/data")]),
            annotations={"headroom": "256Mi"},
            volumes=[a_claim()],
        )

        (message,) = warned(the_outcome(pod), Reason.DURABLE_DATA_BOUNDED)

        assert message.endswith("the memory limit must be S + 256Mi: 768Mi for 512Mi of data")


class TestSnapshots:
    """What was tried, and lost data: they are kept."""

    @pytest.mark.parametrize(
        "command",
        [
            ["env", "-C", "/persist", "redis-server"],
            ["sudo", "-D", "/persist", "redis-server"],
            ["sh", "-c", "builtin cd /persist; redis-server"],
            ["sh", "-c", ". /persist/profile; redis-server"],
            ["sh", "-c", "ln -s /persist/dump.rdb /data/dump.rdb; redis-server"],
            ["sh", "-c", "redis-server & sleep 1; redis-cli config set dir /persist; wait"],
            ["sh", "-c", "cp /persist/dump.rdb /data/; redis-server; cp /data/dump.rdb /persist/"],
            ["redis-server"],
        ],
    )
    def test_where_a_volume_could_take_them(self, command: list[str]):
        outcome = outcome_of(
            command=command, volumes=[a_claim()], volumeMounts=[a_mount("/persist")]
        )

        assert "--save" not in outcome.options
        assert outcome.snapshots is SnapshotState.ON

    @pytest.mark.parametrize(
        "lifecycle",
        [
            {"postStart": {"exec": {"command": ["sh", "-c", "redis-cli config set dir /x"]}}},
            {"preStop": {"exec": {"command": ["/upload", "/data/dump.rdb"]}}},
            {"preStop": {"httpGet": {"path": "/", "port": 80}}},
        ],
    )
    def test_where_a_hook_could_save_them(self, lifecycle: Json):
        assert outcome_of(lifecycle=lifecycle).options == PERSISTENT

    @pytest.mark.parametrize(
        "text",
        [
            "redis-server & upload /data",
            "redis-server $(download /data/dump.rdb)",
            "X=`download` redis-server",
            "set -e; redis-server",
        ],
    )
    def test_where_another_command_could_save_them(self, text: str):
        assert "--save" not in outcome_of(command=["sh", "-c", text]).options

    def test_where_another_container_sees_what_it_writes(self):
        scratch = {"name": "data", "emptyDir": {}}
        redis = a_container(volumeMounts=[a_mount("/tmp")])
        backup = a_container(name="backup", image="corp/backup", volumeMounts=[a_mount("/b")])

        alone = the_outcome(a_pod(redis, volumes=[scratch]))
        shared = a_pod(redis, backup, volumes=[scratch])

        assert alone.options == FULL
        assert evaluated(shared).outcomes[0].options == PERSISTENT

    def test_where_the_pod_shares_its_processes(self):
        assert the_outcome(a_pod(shareProcessNamespace=True)).options == PERSISTENT
        assert the_outcome(a_pod(shareProcessNamespace=False)).options == FULL

    def test_off_where_the_token_is_all_that_is_mounted(self):
        token = {"name": "kube-api-access-x", "projected": {"sources": []}}
        outcome = outcome_of(
            volumes=[token],
            volumeMounts=[a_mount("/var/run/secrets/kubernetes.io/serviceaccount", token["name"])],
        )

        assert outcome.options == FULL

    @pytest.mark.parametrize("text", ["maxmemory 200mb\n", "port 7000\nbind 0.0.0.0\n"])
    def test_off_where_a_file_that_says_nothing_of_them_is_wholly_visible(self, text: str):
        outcome = outcome_of(
            args=["/conf/redis.conf"],
            volumes=[a_config_map(), {"name": "tmp", "emptyDir": {}}],
            volumeMounts=[a_mount("/conf", "settings"), a_mount("/tmp", "tmp")],
            files={"settings": {"redis.conf": text}},
        )

        assert outcome.snapshots is SnapshotState.TURNED_OFF

    @pytest.mark.parametrize(
        "text", ["save 60 1\n", "appendonly no\n", "include /hidden.conf\n", 'save "\n']
    )
    def test_on_where_the_file_says_something_or_hides_something(self, text: str):
        outcome = outcome_of(
            args=["/conf/redis.conf"],
            volumes=[a_config_map()],
            volumeMounts=[a_mount("/conf", "settings")],
            files={"settings": {"redis.conf": text}},
        )

        assert "--save" not in outcome.options

    def test_on_where_the_image_brings_a_file_along(self):
        assert "--save" not in outcome_of(image="eqalpha/keydb").options


def test_a_run_script_beside_other_commands_may_have_its_data_anywhere():
    text = "prepare; /opt/bitnami/scripts/redis/run.sh"

    outcome = outcome_of(
        image="bitnami/redis:7.2",
        command=["bash", "-c", text],
        volumes=[a_claim()],
        volumeMounts=[a_mount("/elsewhere")],
    )

    assert outcome.eviction_policy == "volatile-lru"


def test_neither_has_one_that_a_script_beside_other_commands_calls():
    outcome = outcome_of(
        image="bitnami/redis:7.2",
        command=["bash", "-c", "prepare; /scripts/start.sh"],
        volumes=[a_claim(), a_config_map()],
        volumeMounts=[a_mount("/elsewhere"), a_mount("/scripts", "settings")],
        files={"settings": {"start.sh": "#!/bin/bash\n/opt/bitnami/scripts/redis/run.sh\n"}},
    )

    assert outcome.eviction_policy in ("volatile-lru", None)
