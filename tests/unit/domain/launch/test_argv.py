"""Launches whose command line names the server, or hands options to the image's entrypoint."""

import pytest

from tests.harness.builders import (
    DURABLE,
    FULL,
    a_claim,
    a_container,
    a_mount,
    a_pod,
    launch_of,
    outcome_of,
    the_outcome,
)
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import Reason


@pytest.mark.parametrize(
    ("launch", "args"),
    [
        ({"command": ["redis-server"]}, FULL),
        ({"command": ["/usr/local/bin/redis-server"]}, FULL),
        ({"command": ["redis-server", "--port", "7000"]}, FULL),
        ({"command": ["redis-server"], "args": ["--port", "7000"]}, ("--port", "7000", *FULL)),
        # A trailing --requirepass of the command takes its value from args.
        ({"command": ["redis-server", "--requirepass"], "args": ["x"]}, ("x", *FULL)),
        ({"args": ["redis-server"]}, ("redis-server", *FULL)),
        ({"args": ["redis-server", "--port", "7000"]}, ("redis-server", "--port", "7000", *FULL)),
        ({"args": ["--port", "7000"]}, ("--port", "7000", *FULL)),
        ({"args": ["--requirepass $(PASSWORD)"]}, ("--requirepass $(PASSWORD)", *FULL)),
        ({"command": ["docker-entrypoint.sh"], "args": ["--port", "1"]}, ("--port", "1", *FULL)),
        ({"command": ["docker-entrypoint.sh", "redis-server"]}, FULL),
        ({"command": ["/sbin/tini", "--"], "args": ["redis-server"]}, ("redis-server", *FULL)),
        ({"command": ["gosu", "redis", "redis-server"]}, FULL),
        ({"command": ["su-exec", "redis"], "args": ["redis-server"]}, ("redis-server", *FULL)),
        ({"command": ["setpriv", "--reuid=999", "redis-server"]}, FULL),
    ],
)
def test_options_go_behind_args_and_never_into_the_command(
    launch: dict[str, list[str]], args: tuple[str, ...]
):
    outcome = outcome_of(**launch)

    assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "arguments")
    assert launch_of(outcome.after) == (tuple(launch.get("command", ())), args, {})


@pytest.mark.parametrize(
    "launch",
    [
        {"args": ["/etc/redis/redis.conf"]},
        {"args": ["redis-server", "/etc/redis/redis.conf"]},
        {"command": ["redis-server", "/etc/redis/redis.conf"]},
        {"args": ["redis.conf"], "workingDir": "/etc/redis"},
    ],
)
def test_a_file_that_cannot_be_read_gets_a_ceiling_and_no_policy(launch: dict[str, object]):
    outcome = outcome_of(**launch)

    assert outcome.options == ("--maxmemory", "209715200")
    assert [(each.reason, each.message) for each in outcome.warnings] == [
        (
            Reason.POLICY_HIDDEN,
            "its eviction policy may stand in the file /etc/redis/redis.conf, so none is injected; "
            "a maxmemory there may be lower than 200Mi",
        )
    ]


@pytest.mark.parametrize("image", ["corp/cache:1", "registry.example.com/corp/redis:1"])
@pytest.mark.parametrize(
    ("launch", "args"),
    [
        ({"command": ["redis-server"]}, FULL),
        ({"args": ["/usr/bin/redis-server"]}, ("/usr/bin/redis-server", *FULL)),
        ({"command": ["valkey-server"]}, FULL),
        ({"command": ["keydb-server"]}, FULL),
    ],
)
def test_a_named_server_counts_on_any_image(
    image: str, launch: dict[str, list[str]], args: tuple[str, ...]
):
    outcome = outcome_of(image=image, **launch)

    assert launch_of(outcome.after) == (tuple(launch.get("command", ())), args, {})


def test_flags_on_an_image_that_is_called_redis_are_taken_for_the_official_entrypoints():
    outcome = outcome_of(image="registry.example.com/corp/redis:1", args=["--port", "7000"])

    assert launch_of(outcome.after) == ((), ("--port", "7000", *FULL), {})


@pytest.mark.parametrize("image", ["corp/redis:1", "corp/redis-7:1"])
def test_the_word_in_args_names_the_server_where_the_image_is_called_so_too(image: str):
    outcome = outcome_of(image=image, args=["redis-server", "--port", "1"])

    assert launch_of(outcome.after) == ((), ("redis-server", "--port", "1", *FULL), {})


@pytest.mark.parametrize(
    "args",
    [
        ["redis-server"],
        ["redis-server", "6379"],
        ["redis-server", "-p", "6379"],
        ["redis-server", "--port", "6379"],
        ["redis-server", "/etc/scan.conf"],
    ],
    ids=" ".join,
)
def test_an_unknown_image_may_take_the_name_for_a_hosts(args: list[str]):
    """`wait-for redis-server 6379` is never refused nor given options, and a scanner neither."""
    outcome = outcome_of(image="corp/wait-for:1", args=args, limit=None)

    assert (outcome.verdict, outcome.reason, outcome.denied, outcome.after) == (
        Verdict.UNENFORCEABLE,
        Reason.UNKNOWN_IMAGE,
        False,
        None,
    )


@pytest.mark.parametrize(
    ("launch", "reason", "detail"),
    [
        (
            {"args": ["redis-server", "-"]},
            Reason.CONFIG_FROM_STDIN,
            "it reads its configuration from standard input",
        ),
        (
            {"args": ["--port", "7000", "--requirepass"]},
            Reason.OPTION_WAITS_FOR_VALUE,
            "its last option, requirepass, has no value yet",
        ),
        (
            {"args": ["--port", "7000", "--"]},
            Reason.OPTION_WAITS_FOR_VALUE,
            "its last option, --, has no value yet",
        ),
        (
            {"args": ["redis-server", "--requirepass 'it's"]},
            Reason.LAUNCH_UNDECIDABLE,
            "args, line 2: unbalanced quotes",
        ),
        (
            {"command": ["xargs", "redis-server"]},
            Reason.LAUNCH_UNDECIDABLE,
            "an unknown program stands before the server",
        ),
        (
            {"command": ["su", "redis", "-c", "redis-server --port 1"]},
            Reason.LAUNCH_UNDECIDABLE,
            "an unknown program stands before the server",
        ),
    ],
)
def test_places_where_options_would_be_lost_are_refused(
    launch: dict[str, object], reason: Reason, detail: str
):
    outcome = outcome_of(**launch)

    assert (outcome.verdict, outcome.reason, outcome.after) == (
        Verdict.UNENFORCEABLE,
        reason,
        None,
    )
    assert outcome.message == f"no memory ceiling could be injected: {detail}"


def test_a_parse_error_never_shows_what_it_could_not_parse():
    outcome = outcome_of(args=["redis-server", "--requirepass 'hunter2"])

    assert "hunter2" not in repr((outcome.message, outcome.remedy, outcome.steps, outcome.warnings))


def test_a_ceiling_of_its_own_is_respected_where_nothing_can_be_added():
    """Options win over standard input, so the explicit ceiling holds."""
    outcome = outcome_of(args=["redis-server", "--maxmemory", "100mb", "-"])

    assert (outcome.verdict, outcome.after) == (Verdict.RESPECT, None)


@pytest.mark.parametrize(
    ("launch", "reason"),
    [
        ({"command": ["redis-cli", "-h", "redis-server", "ping"]}, Reason.OTHER_PROGRAM),
        ({"command": ["redis-benchmark"]}, Reason.OTHER_PROGRAM),
        ({"command": ["redis-check-aof", "/data/x.aof"]}, Reason.OTHER_PROGRAM),
        ({"command": ["sleep", "infinity"]}, Reason.OTHER_PROGRAM),
        ({"command": ["sh"]}, Reason.OTHER_PROGRAM),
        ({"args": ["sleep", "1"]}, Reason.OTHER_PROGRAM),
        ({"command": ["tini", "--"]}, Reason.OTHER_PROGRAM),
        ({"command": ["docker-entrypoint.sh"]}, Reason.OTHER_PROGRAM),
        ({"command": ["redis-server", "--version"]}, Reason.OTHER_PROGRAM),
        ({"command": ["redis-server"], "args": ["-v"]}, Reason.OTHER_PROGRAM),
        ({"command": ["redis-server", "--help"]}, Reason.OTHER_PROGRAM),
        ({"command": ["redis-server", "--test-memory", "64"]}, Reason.OTHER_PROGRAM),
        ({"command": ["redis-server", "--check-system"]}, Reason.OTHER_PROGRAM),
        ({"command": ["redis-sentinel", "/s.conf"]}, Reason.SENTINEL),
        ({"args": ["redis-sentinel", "/s.conf"]}, Reason.SENTINEL),
        ({"command": ["redis-server", "/s.conf", "--sentinel"]}, Reason.SENTINEL),
        ({"args": ["/s.conf", "--sentinel"]}, Reason.SENTINEL),
    ],
)
def test_other_programs_on_the_image_are_no_servers(launch: dict[str, object], reason: Reason):
    outcome = outcome_of(**launch, limit=None)

    assert (outcome.verdict, outcome.reason, outcome.server, outcome.after) == (
        Verdict.IGNORE,
        reason,
        False,
        None,
    )


@pytest.mark.parametrize(
    ("image", "launch"),
    [
        ("corp/app", {"args": ["--redis-host", "redis-server"]}),
        ("corp/app", {"command": ["app"], "args": ["redis-server"]}),
        ("corp/app", {"command": ["redis-cli", "-h", "redis-server"]}),
        ("corp/app", {"args": ["--url=redis://redis-server:6379"]}),
        ("corp/app", {"command": ["$(PROGRAM)"], "args": ["--cache-server", "x"]}),
        ("docker.dragonflydb.io/dragonflydb/dragonfly", {"command": ["sleep", "1"]}),
    ],
)
def test_a_hosts_name_makes_no_server(image: str, launch: dict[str, object]):
    assert outcome_of(image=image, **launch, limit=None).verdict is Verdict.IGNORE


@pytest.mark.parametrize("launch", [{"command": ["$(PROGRAM)", "x"]}, {"args": ["$(FLAGS)"]}])
def test_an_unknown_beginning_on_a_redis_image_is_told_and_never_refused(
    launch: dict[str, list[str]],
):
    outcome = outcome_of(**launch, limit=None)

    assert (outcome.verdict, outcome.reason, outcome.denied) == (
        Verdict.UNENFORCEABLE,
        Reason.LAUNCH_UNDECIDABLE,
        False,
    )
    assert outcome.message == (
        "no memory ceiling could be injected: it cannot be seen what its command line begins with"
    )


def test_an_unknown_beginning_that_runs_to_completion_is_no_server():
    pod = a_pod(a_container(command=["$(PROGRAM)"]), restartPolicy="Never")

    assert the_outcome(pod).verdict is Verdict.IGNORE


def test_an_unknown_program_before_a_name_is_never_refused():
    outcome = outcome_of(image="corp/app", command=["$(WAIT)", "redis-server"], limit=None)

    assert (outcome.verdict, outcome.reason, outcome.denied) == (
        Verdict.UNENFORCEABLE,
        Reason.LAUNCH_UNDECIDABLE,
        False,
    )


def test_dragonfly_named_by_its_program_is_left_alone():
    outcome = outcome_of(
        image="docker.dragonflydb.io/dragonflydb/dragonfly", command=["dragonfly", "--x"]
    )

    assert (outcome.verdict, outcome.reason) == (Verdict.EXEMPT, Reason.SIZES_ITSELF)


def test_a_server_with_appendonly_on_a_claim_gets_half_and_keeps_its_snapshots():
    pod = a_pod(
        a_container(args=["--appendonly", "yes"], volumeMounts=[a_mount("/data")]),
        volumes=[a_claim()],
    )

    outcome = the_outcome(pod)

    assert outcome.options == DURABLE
    assert launch_of(outcome.after) == ((), ("--appendonly", "yes", *DURABLE), {})


class TestValkeyExtraFlags:
    """Valkey's entrypoint puts VALKEY_EXTRA_FLAGS behind args, where they win."""

    def flags(self, value: str) -> list[dict[str, str]]:
        return [{"name": "VALKEY_EXTRA_FLAGS", "value": value}]

    @pytest.mark.parametrize(
        "launch",
        [
            {},
            {"args": ["--port", "7000"]},
            {"args": ["valkey-server"]},
            {"command": ["docker-entrypoint.sh"], "args": ["valkey-server"]},
        ],
    )
    def test_options_go_behind_them_where_the_entrypoint_runs(self, launch: dict[str, list[str]]):
        outcome = outcome_of(image="valkey/valkey:8", env=self.flags("--io-threads 2"), **launch)

        assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "variable")
        assert launch_of(outcome.after) == (
            tuple(launch.get("command", ())),
            tuple(launch.get("args", ())),
            {
                "VALKEY_EXTRA_FLAGS": "--io-threads 2 --maxmemory 209715200 "
                "--maxmemory-policy allkeys-lru"
            },
        )

    def test_their_ceiling_counts(self):
        outcome = outcome_of(
            image="valkey/valkey:8", args=["--maxmemory", "0"], env=self.flags("--maxmemory 100mb")
        )

        assert outcome.verdict is Verdict.RESPECT

    @pytest.mark.parametrize(
        "launch",
        [{"command": ["valkey-server"]}, {"args": ["sh", "-c", "exec valkey-server"]}],
    )
    def test_they_mean_nothing_where_the_entrypoint_does_not_hand_them_on(
        self, launch: dict[str, list[str]]
    ):
        outcome = outcome_of(image="valkey/valkey:8", env=self.flags("--maxmemory 100mb"), **launch)

        assert (outcome.verdict, outcome.source != "variable") == (Verdict.INJECT, True)

    def test_the_official_redis_does_not_know_them(self):
        outcome = outcome_of(env=self.flags("--maxmemory 100mb"))

        assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "arguments")

    def test_a_secrets_words_may_say_anything(self):
        secret = {"name": "VALKEY_EXTRA_FLAGS", "valueFrom": {"secretKeyRef": {"name": "s"}}}

        outcome = outcome_of(image="valkey/valkey:8", env=[secret])

        assert (outcome.verdict, outcome.reason) == (
            Verdict.UNENFORCEABLE,
            Reason.OPTIONS_VARIABLE_HIDDEN,
        )

    def test_an_environment_that_cannot_be_read_may_set_them(self):
        outcome = outcome_of(image="valkey/valkey:8", envFrom=[{"secretRef": {"name": "s"}}])

        assert outcome.options == ("--maxmemory", "209715200")
        assert outcome.source == "arguments"
        assert [each.reason for each in outcome.warnings] == [Reason.POLICY_HIDDEN]


@pytest.mark.parametrize(
    "args",
    [
        ["redis-server", "-p", "6379"],
        ["redis-server", "--port", "1"],
        ["valkey-server", "/etc/valkey.conf"],
        ["time", "redis-server", "--port", "1"],
    ],
)
@pytest.mark.parametrize("limit", ["64Mi", None])
def test_a_bare_word_to_an_unknown_image_may_be_a_host_and_is_left_alone(
    args: list[str], limit: str | None
):
    outcome = outcome_of(image="instrumentisto/nmap:7", args=args, limit=limit)

    assert (outcome.verdict, outcome.reason) == (Verdict.UNENFORCEABLE, Reason.UNKNOWN_IMAGE)
    assert (outcome.after, outcome.denied) == (None, False)


@pytest.mark.parametrize("image", ["redis:7.0.1", "redis:7.0.2", "redis:7.0.2-alpine3.16"])
@pytest.mark.parametrize(
    "args", [["--requirepass pw"], ["redis-server", "/c", "--maxmemory 1gb", "--save 60 1"]]
)
def test_nothing_goes_behind_a_joined_option_of_a_release_that_would_not_start(
    image: str, args: list[str]
):
    outcome = outcome_of(image=image, args=args)

    assert (outcome.verdict, outcome.reason) == (Verdict.UNENFORCEABLE, Reason.JOINED_OPTION)
    assert outcome.after is None
    release = image.partition(":")[2].partition("-")[0]
    assert outcome.message == (
        "no memory ceiling could be injected: an option of its stands in one element with its "
        f"value, behind which Redis {release} takes no other"
    )


@pytest.mark.parametrize(
    ("image", "args"),
    [
        ("redis:7.0.0", ["--requirepass pw"]),
        ("redis:7.0.3", ["--requirepass pw"]),
        ("redis:7.0", ["--requirepass pw"]),
        ("redis:7.0.2", ["--requirepass", "pw"]),
        ("corp/redis:7.0.2", ["redis-server", "--requirepass pw"]),
    ],
)
def test_other_releases_and_separate_elements_take_options(image: str, args: list[str]):
    assert outcome_of(image=image, args=args).verdict is Verdict.INJECT


@pytest.mark.parametrize(
    ("image", "command", "words"),
    [
        (
            "redis/redis-stack-server:7.2.0-v8",
            ["redis-stack-server", "/redis-stack.conf", "--protected-mode", "no"],
            ("--maxmemory", "209715200"),
        ),
        ("corp/app:1", ["/opt/redis-stack/bin/redis-stack-server"], ("--maxmemory", "209715200")),
    ],
)
def test_the_start_program_of_redis_stack_hands_its_words_on(
    image: str, command: list[str], words: tuple[str, ...]
):
    outcome = outcome_of(image=image, command=command)

    assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "arguments")
    assert launch_of(outcome.after) == (tuple(command), words, {})


def test_redis_stacks_own_ceiling_counts():
    command = ["redis-stack-server", "--maxmemory", "100mb"]

    assert outcome_of(image="redis/redis-stack", command=command).verdict is Verdict.RESPECT
