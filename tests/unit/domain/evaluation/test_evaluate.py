"""The evaluation of a Pod's containers: existing choices, and who is evaluated."""

import pytest

from tests.harness.builders import (
    FULL,
    MEBI,
    PERSISTENT,
    a_claim,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    evaluated,
    outcome_of,
    the_outcome,
)
from webhook.domain.ceiling.sizing import ProfileName, Sizing
from webhook.domain.ceiling.snapshots import SnapshotState
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.policy.settings import (
    EvictionPolicy,
    ExplicitCeiling,
    NamespaceSettings,
    NoLimit,
    Policy,
    ProfileChoice,
    Rule,
    Snapshots,
    Unenforceable,
)
from webhook.domain.reasons import Reason

NO_SIZE = "maxmemory is no size that Redis knows"


def policy(**settings: object) -> Policy:
    return Policy(defaults=NamespaceSettings(**settings))  # type: ignore[arg-type]


def ceiling(value: str) -> list[str]:
    return ["redis-server", "--save", "", "--maxmemory", value]


class TestExistingChoices:
    """512Mi: 85 % are 456340275.2 bytes, the cache profile's ceiling is 419430400."""

    @pytest.mark.parametrize(
        ("value", "verdict", "message"),
        [
            ("1mb", Verdict.RESPECT, "its own maxmemory of 1Mi fits the memory limit of 512Mi"),
            ("400mb", Verdict.RESPECT, "its own maxmemory of 400Mi fits the memory limit of 512Mi"),
            (
                "456340275",
                Verdict.RESPECT,
                "its own maxmemory of 435.1Mi fits the memory limit of 512Mi",
            ),
            (
                "456340276",
                Verdict.ADJUST,
                "maxmemory 456340276 is lowered to 400Mi of 512Mi (cache)",
            ),
            ("512mb", Verdict.ADJUST, "maxmemory 512mb is lowered to 400Mi of 512Mi (cache)"),
            ("10gb", Verdict.ADJUST, "maxmemory 10gb is lowered to 400Mi of 512Mi (cache)"),
            ("0", Verdict.ADJUST, "maxmemory 0 is lowered to 400Mi of 512Mi (cache)"),
            ("400Mi", Verdict.ADJUST, f"{NO_SIZE}; 400Mi of 512Mi (cache) is set"),
            ("75%", Verdict.ADJUST, f"{NO_SIZE}; 400Mi of 512Mi (cache) is set"),
            ("-1", Verdict.ADJUST, f"{NO_SIZE}; 400Mi of 512Mi (cache) is set"),
        ],
    )
    def test_an_explicit_ceiling_is_respected_where_it_fits_and_else_lowered(
        self, value: str, verdict: Verdict, message: str
    ):
        outcome = outcome_of(args=ceiling(value))

        added = ("--maxmemory-policy", "allkeys-lru")
        lowered = ("--maxmemory", "419430400", *added)
        assert (outcome.verdict, outcome.message, outcome.options) == (
            verdict,
            message,
            added if verdict is Verdict.RESPECT else lowered,
        )

    @pytest.mark.parametrize(
        ("args", "verdict"),
        [
            (["--MAXMEMORY", "100mb"], Verdict.RESPECT),
            (["--maxmemory 100mb"], Verdict.RESPECT),
            (["--maxmemory", "100MB"], Verdict.RESPECT),
            (["--maxmemory", "100gb", "--maxmemory", "100mb"], Verdict.RESPECT),
            (["--maxmemory", "100mb", "--maxmemory", "100gb"], Verdict.ADJUST),
            (["--maxmemory", "100mb", "--include", "/x.conf"], Verdict.INJECT),
            (["--include", "/x.conf", "--maxmemory", "100mb"], Verdict.RESPECT),
            (["--maxmemory", "100mb", "$(MORE)"], Verdict.INJECT),
            (["$(MORE)", "--maxmemory", "100mb"], Verdict.RESPECT),
            # Fatal: the server takes it for an option that still waits for its value.
            (["--maxmemory=100mb"], Verdict.UNENFORCEABLE),
            (["--maxmemory-policy", "noeviction"], Verdict.INJECT),
        ],
    )
    def test_the_ceiling_that_counts(self, args: list[str], verdict: Verdict):
        assert outcome_of(args=["redis-server", *args]).verdict is verdict

    def test_a_ceiling_that_cannot_be_seen_is_overridden(self):
        outcome = outcome_of(args=["--save", "", "--maxmemory", "$(CEILING)"])

        assert outcome.verdict is Verdict.INJECT
        assert outcome.options == FULL[:4]
        assert [each.reason for each in outcome.warnings] == [Reason.CEILING_HIDDEN]

    def test_a_ceiling_from_a_literal_variable_counts(self):
        env = [{"name": "CEILING", "value": "100mb"}]

        outcome = outcome_of(args=["--maxmemory", "$(CEILING)"], env=env)

        assert outcome.verdict is Verdict.RESPECT

    @pytest.mark.parametrize("name", [*EvictionPolicy, "ALLKEYS-LFU"])
    def test_an_eviction_policy_of_its_own_is_respected(self, name: str):
        outcome = outcome_of(args=["--save", "", "--maxmemory-policy", name])

        assert outcome.options == ("--maxmemory", "419430400")
        assert outcome.eviction_policy == name.lower()

    def test_a_policy_whose_value_cannot_be_seen_is_respected_too(self):
        outcome = outcome_of(args=["--save", "", "--maxmemory-policy", "$(POLICY)"])

        assert outcome.options == ("--maxmemory", "419430400")
        assert outcome.eviction_policy is None

    def test_a_readable_file_counts(self):
        files = {"settings": {"redis.conf": "save ''\nmaxmemory 1mb\nmaxmemory-policy noeviction"}}

        outcome = outcome_of(
            args=["/etc/redis/redis.conf"],
            volumes=[a_config_map()],
            files=files,
            volumeMounts=[a_mount("/etc/redis", "settings")],
        )

        assert (outcome.verdict, outcome.after, outcome.eviction_policy) == (
            Verdict.RESPECT,
            None,
            "noeviction",
        )

    def test_the_whole_of_a_lowered_ceiling(self):
        outcome = outcome_of(args=ceiling("512mb"))

        assert outcome.sizing == Sizing(
            limit=512 * MEBI,
            headroom=112 * MEBI,
            maxmemory=400 * MEBI,
            profile=ProfileName.CACHE,
            because="it writes no snapshots and no append-only file",
        )
        assert outcome.steps == (
            "the command line starts the server",
            "redis-server: maxmemory is too close to the memory limit (512mb)",
            "it writes no snapshots and no append-only file",
            "its memory limit is 512Mi",
            "the profile is cache because it writes no snapshots and no append-only file: 16Mi "
            "and 18.75% of the limit stay free, which leaves maxmemory 419430400 bytes (400Mi)",
            "so it starts with --maxmemory 419430400 --maxmemory-policy allkeys-lru",
        )

    def test_the_whole_of_a_respected_one(self):
        outcome = outcome_of(args=[*ceiling("100mb"), "--maxmemory-policy", "noeviction"])

        assert outcome.sizing == Sizing(
            limit=512 * MEBI,
            headroom=412 * MEBI,
            maxmemory=100 * MEBI,
            profile=ProfileName.CACHE,
            because="its own maxmemory is respected",
        )
        assert (outcome.reason, outcome.after, outcome.steps[-1]) == (
            Reason.CEILING_RESPECTED,
            None,
            "nothing is added",
        )


class TestSnapshots:
    """Turned off only when nobody asked for them and nothing could bring them back."""

    @pytest.mark.parametrize(
        ("fields", "state"),
        [
            ({}, SnapshotState.TURNED_OFF),
            ({"args": ["--port", "7000"]}, SnapshotState.TURNED_OFF),
            ({"volumeMounts": [a_mount("/elsewhere")]}, SnapshotState.ON),
            ({"volumeMounts": [a_mount("/data", readOnly=True)]}, SnapshotState.TURNED_OFF),
            ({"volumeMounts": [a_mount("/data", "settings")]}, SnapshotState.TURNED_OFF),
            ({"volumeMounts": [a_mount("/data/deeper")]}, SnapshotState.ON),
            ({"volumeMounts": [a_mount("/data")]}, SnapshotState.ON),
            ({"volumeMounts": [a_mount("/data/")]}, SnapshotState.ON),
            ({"volumeMounts": [a_mount("/", "data")]}, SnapshotState.ON),
            ({"volumeMounts": [a_mount("/data", "scratch")]}, SnapshotState.ON),
            ({"volumeMounts": [a_mount("/data", "undeclared")]}, SnapshotState.ON),
            ({"volumeMounts": [a_mount("/elsewhere", "scratch")]}, SnapshotState.TURNED_OFF),
            (
                {"workingDir": "/w", "volumeMounts": [a_mount("/data", "scratch")]},
                SnapshotState.TURNED_OFF,
            ),
            ({"workingDir": "/w", "volumeMounts": [a_mount("/data")]}, SnapshotState.ON),
            ({"workingDir": "/w", "volumeMounts": [a_mount("/w")]}, SnapshotState.ON),
            (
                {"args": ["--dir", "/d"], "volumeMounts": [a_mount("/data", "scratch")]},
                SnapshotState.TURNED_OFF,
            ),
            ({"args": ["--dir", "/d"], "volumeMounts": [a_mount("/d")]}, SnapshotState.ON),
            ({"args": ["--dir", "./d"], "volumeMounts": [a_mount("/x")]}, SnapshotState.ON),
            ({"args": ["--dir", "$(D)"], "volumeMounts": [a_mount("/x")]}, SnapshotState.ON),
            (
                {"command": ["sh", "-c", "cd /x; redis-server"], "volumeMounts": [a_mount("/x")]},
                SnapshotState.ON,
            ),
            ({"args": ["--save", "60", "1"]}, SnapshotState.ON),
            ({"args": ["--save", "$(POINTS)"]}, SnapshotState.ON),
            ({"args": ["--save", ""]}, SnapshotState.OFF),
            ({"args": ["--appendonly", "no"]}, SnapshotState.ON),
            ({"args": ["/x.conf"]}, SnapshotState.UNKNOWN),
            ({"args": ["redis-server", "$(FLAGS)"]}, SnapshotState.UNKNOWN),
            ({"image": "bitnami/redis"}, SnapshotState.ON),
            ({"image": "corp/cache", "command": ["redis-server"]}, SnapshotState.TURNED_OFF),
            (
                {
                    "image": "corp/cache",
                    "command": ["redis-server"],
                    "volumeMounts": [a_mount("/anywhere")],
                },
                SnapshotState.ON,
            ),
        ],
    )
    def test_what_becomes_of_them(self, fields: dict[str, object], state: SnapshotState):
        volumes = [a_claim(), a_config_map(), {"name": "scratch", "emptyDir": {}}]

        outcome = outcome_of(volumes=volumes, **fields)

        assert outcome.snapshots is state
        assert ("--save" in outcome.options) == (state is SnapshotState.TURNED_OFF)

    def test_a_readable_file_without_save_points_says_nothing_of_them(self):
        outcome = outcome_of(
            args=["/etc/redis/redis.conf"],
            volumes=[a_config_map()],
            files={"settings": {"redis.conf": "port 7000\n"}},
            volumeMounts=[a_mount("/etc/redis", "settings")],
        )

        assert (outcome.snapshots, outcome.options) == (SnapshotState.TURNED_OFF, FULL)

    def test_the_administrator_keeps_them(self):
        outcome = the_outcome(a_pod(), policy(snapshots=Snapshots.KEEP))

        assert (outcome.snapshots, outcome.options) == (SnapshotState.ON, PERSISTENT)

    def test_the_pod_keeps_them(self):
        outcome = the_outcome(a_pod(annotations={"snapshots": "keep"}))

        assert (outcome.snapshots, outcome.options) == (SnapshotState.ON, PERSISTENT)

    def test_turning_them_off_is_said(self):
        warnings = outcome_of().warnings

        assert [(each.reason, each.message) for each in warnings] == [
            (
                Reason.SNAPSHOTS_TURNED_OFF,
                "default snapshots, which no volume could bring back, are turned off",
            )
        ]


class TestSettings:
    @pytest.mark.parametrize(
        ("no_limit", "verdict", "refused"),
        [(NoLimit.DENY, Verdict.DENY, True), (NoLimit.WARN, Verdict.UNENFORCEABLE, False)],
    )
    def test_no_limit(self, no_limit: NoLimit, verdict: Verdict, *, refused: bool):
        outcome = the_outcome(a_pod(a_container(limit=None)), policy(no_limit=no_limit))

        assert (outcome.verdict, outcome.reason, outcome.denied, outcome.after) == (
            verdict,
            Reason.NO_MEMORY_LIMIT,
            refused,
            None,
        )
        assert outcome.remedy == (
            "spec:\n"
            "  containers:\n"
            "  - name: redis\n"
            "    resources:\n"
            "      limits:\n"
            "        memory: 512Mi"
        )

    @pytest.mark.parametrize("limit", ["0", "0Mi", 0])
    def test_a_limit_of_zero_is_none(self, limit: object):
        assert outcome_of(limit=limit).reason is Reason.NO_MEMORY_LIMIT

    @pytest.mark.parametrize(
        ("unenforceable", "refused"), [(Unenforceable.WARN, False), (Unenforceable.DENY, True)]
    )
    @pytest.mark.parametrize(
        "container",
        [
            a_container(image="redislabs/redismod"),
            a_container(limit="16Mi"),
            a_container(args=["redis-server", "-"]),
        ],
    )
    def test_unenforceable(
        self, container: dict[str, object], unenforceable: Unenforceable, *, refused: bool
    ):
        outcome = the_outcome(a_pod(container), policy(unenforceable=unenforceable))

        assert (outcome.verdict, outcome.denied) == (Verdict.UNENFORCEABLE, refused)

    def test_what_may_be_no_redis_is_not_refused_as_unenforceable(self):
        pod = a_pod(a_container(command=["/start.sh"]))

        assert not the_outcome(pod, policy(unenforceable=Unenforceable.DENY)).denied

    def test_explicit_ceilings_may_be_refused(self):
        pod = a_pod(a_container(args=ceiling("500mb")))

        outcome = the_outcome(pod, policy(explicit_ceiling=ExplicitCeiling.DENY))

        assert (outcome.verdict, outcome.reason, outcome.denied) == (
            Verdict.DENY,
            Reason.CEILING_TOO_HIGH,
            True,
        )
        assert (outcome.message, outcome.remedy) == (
            "maxmemory is too close to the memory limit: 500mb of 512Mi",
            "--maxmemory 419430400",
        )

    @pytest.mark.parametrize(
        ("value", "told", "text"),
        [
            ("500mb", " of 500mb", "maxmemory is too close to the memory limit (500mb of 512Mi)"),
            ("0", " of 0", "maxmemory is 0, which is no ceiling (0 of 512Mi)"),
            ("1Mi", "", NO_SIZE),
        ],
    )
    @pytest.mark.parametrize("limit", ["512Mi"])
    def test_explicit_ceilings_may_be_respected_whatever_they_are(
        self, value: str, told: str, text: str, limit: str
    ):
        pod = a_pod(a_container(args=ceiling(value), limit=limit))

        outcome = the_outcome(pod, policy(explicit_ceiling=ExplicitCeiling.RESPECT))

        assert (outcome.verdict, outcome.message, outcome.options) == (
            Verdict.RESPECT,
            f"its own maxmemory{told} is left as the policy says",
            ("--maxmemory-policy", "allkeys-lru"),
        )
        unsafe = outcome.warnings[0]
        assert (unsafe.reason, unsafe.message) == (
            Reason.CEILING_UNSAFE,
            f"{text}, and the administrator's policy leaves it as it is",
        )

    def test_a_respected_ceiling_is_respected_under_a_tiny_limit_too(self):
        pod = a_pod(a_container(args=ceiling("500mb"), limit="16Mi"))

        outcome = the_outcome(pod, policy(explicit_ceiling=ExplicitCeiling.RESPECT))

        assert outcome.verdict is Verdict.RESPECT

    @pytest.mark.parametrize(
        ("choice", "args", "profile"),
        [
            (ProfileChoice.PERSISTENT, ["--save", ""], ProfileName.PERSISTENT),
            (ProfileChoice.CACHE, ["--appendonly", "yes"], ProfileName.CACHE),
            (ProfileChoice.AUTO, ["--save", ""], ProfileName.CACHE),
            (ProfileChoice.AUTO, ["--appendonly", "yes"], ProfileName.PERSISTENT),
        ],
    )
    def test_the_profile(self, choice: ProfileChoice, args: list[str], profile: ProfileName):
        outcome = the_outcome(a_pod(a_container(args=args)), policy(profile=choice))

        assert outcome.sizing is not None
        assert outcome.sizing.profile is profile

    def test_the_eviction_policy(self):
        outcome = the_outcome(a_pod(), policy(eviction_policy=EvictionPolicy.NOEVICTION))

        assert outcome.eviction_policy == "noeviction"
        assert outcome.options[2:4] == ("--maxmemory-policy", "noeviction")

    def test_an_exempt_namespace(self):
        rules = (Rule(namespaces=("shop",), exempt=True),)

        outcome = the_outcome(a_pod(a_container(limit=None)), Policy(rules=rules))

        assert (outcome.verdict, outcome.reason, outcome.after, outcome.steps) == (
            Verdict.EXEMPT,
            Reason.EXEMPT_BY_RULE,
            None,
            ("namespace shop", "The administrator's policy exempts the namespace."),
        )


class TestWhoIsEvaluated:
    def test_a_plain_init_container_is_not(self):
        pod = a_pod(a_container(name="app", image="app"), initContainers=[a_container(limit=None)])

        assert [(o.container.name, o.reason) for o in evaluated(pod).outcomes] == [
            ("app", Reason.NOT_REDIS),
            ("redis", Reason.INIT_CONTAINER),
        ]

    def test_a_sidecar_is(self):
        pod = a_pod(
            a_container(name="app", image="app"),
            initContainers=[a_container(restartPolicy="Always")],
        )

        (sidecar,) = evaluated(pod).servers

        assert (sidecar.container.path, sidecar.options) == ("spec.initContainers[0]", FULL)

    def test_an_ephemeral_container_is_not(self):
        pod = a_pod(
            a_container(name="app", image="app"),
            ephemeralContainers=[a_container(name="debug", limit=None)],
        )

        assert [o.reason for o in evaluated(pod).outcomes] == [
            Reason.NOT_REDIS,
            Reason.EPHEMERAL_CONTAINER,
        ]

    def test_each_container_is_evaluated_for_itself(self):
        pod = a_pod(a_container(name="a"), a_container(name="b", limit=None), a_container(name="c"))

        evaluation = evaluated(pod)

        assert [o.verdict for o in evaluation.outcomes] == [
            Verdict.INJECT,
            Verdict.DENY,
            Verdict.INJECT,
        ]
        assert [o.container.name for o in evaluation.denied] == ["b"]

    def test_a_pod_without_containers(self):
        assert evaluated({"spec": {}}).outcomes == ()


class TestForks:
    """A ceiling over half of the limit on a server that forks is warned of."""

    @pytest.mark.parametrize(("value", "warned"), [("256mb", False), ("268435457", True)])
    def test_an_explicit_one(self, value: str, *, warned: bool):
        args = ["--appendonly", "yes", "--maxmemory", value, "--maxmemory-policy", "noeviction"]

        outcome = outcome_of(args=args)

        expected = (
            "maxmemory 256Mi is over half of 512Mi and its append-only file is rewritten by a "
            "fork: measured, a fork under writes needs up to twice maxmemory"
        )
        assert [each.message for each in outcome.warnings] == [expected] * warned
        assert all(each.reason is Reason.FORK_OVER_HALF for each in outcome.warnings)

    def test_one_that_the_pod_asks_for(self):
        pod = a_pod(a_container(args=["--appendonly", "yes"]), annotations={"headroom": "25%"})

        assert [each.reason for each in the_outcome(pod).warnings] == [Reason.FORK_OVER_HALF]

    def test_none_where_the_snapshots_are_turned_off(self):
        outcome = outcome_of(args=["--maxmemory", "400mb"])

        assert [each.reason for each in outcome.warnings] == [Reason.SNAPSHOTS_TURNED_OFF]
