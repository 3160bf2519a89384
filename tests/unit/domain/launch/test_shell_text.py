"""Launches by shell text: `sh -c TEXT`."""

import pytest

from tests.harness.builders import FULL, FULL_TEXT, PERSISTENT, launch_of, outcome_of
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import Reason
from webhook.domain.starts.read_shell import MOST_BYTES

PERSISTENT_TEXT = "--maxmemory 209715200 --maxmemory-policy allkeys-lru"
HALF = "--maxmemory 104857600 --maxmemory-policy allkeys-lru"


def shell(text: str, *parameters: str, **fields: object) -> dict[str, object]:
    return {"command": ["sh", "-c", text, *parameters], **fields}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("redis-server", f"redis-server {FULL_TEXT}"),
        ("exec redis-server --port 7000", f"exec redis-server --port 7000 {FULL_TEXT}"),
        ("redis-server & sleep 1", f"redis-server {PERSISTENT_TEXT} & sleep 1"),
        ("redis-server | tee /log", f"redis-server {PERSISTENT_TEXT} | tee /log"),
        ("redis-server; echo x", f"redis-server {PERSISTENT_TEXT}; echo x"),
        ("echo x && redis-server || exit", f"echo x && redis-server {PERSISTENT_TEXT} || exit"),
        ("redis-server\necho x\n", f"redis-server {PERSISTENT_TEXT}\necho x\n"),
        ("(redis-server)", f"(redis-server {FULL_TEXT})"),
        ("redis-server >/log 2>&1", f"redis-server {FULL_TEXT} >/log 2>&1"),
        ("A=1 redis-server # it's one", f"A=1 redis-server {FULL_TEXT} # it's one"),
        ("exec gosu redis redis-server", f"exec gosu redis redis-server {FULL_TEXT}"),
        ("exec su-exec redis redis-server", f"exec su-exec redis redis-server {FULL_TEXT}"),
        ("exec setpriv --reuid=1 redis-server", f"exec setpriv --reuid=1 redis-server {FULL_TEXT}"),
        ("tini -- redis-server", f"tini -- redis-server {FULL_TEXT}"),
        ("docker-entrypoint.sh redis-server", f"docker-entrypoint.sh redis-server {FULL_TEXT}"),
        (
            "if [ $A ]; then exec redis-server --port 1; else exec redis-server; fi",
            f"if [ $A ]; then exec redis-server --port 1 {PERSISTENT_TEXT}; "
            f"else exec redis-server {PERSISTENT_TEXT}; fi",
        ),
        (
            "redis-server \\\n  --port 7000",
            f"redis-server \\\n  --port 7000 {FULL_TEXT}",
        ),
        ('redis-server --port "$PORT"', f'redis-server --port "$PORT" {FULL_TEXT}'),
        ("set -e; redis-server", f"set -e; redis-server {PERSISTENT_TEXT}"),
        ("cd /data && redis-server", f"cd /data && redis-server {PERSISTENT_TEXT}"),
        (
            "redis-server --version; redis-server",
            f"redis-server --version; redis-server {PERSISTENT_TEXT}",
        ),
        (
            "redis-sentinel /s.conf & redis-server",
            f"redis-sentinel /s.conf & redis-server {PERSISTENT_TEXT}",
        ),
        # $(NAME) is Kubernetes' own reference only where a variable of that name is defined.
        ("redis-server --bind $(hostname)", f"redis-server --bind $(hostname) {PERSISTENT_TEXT}"),
    ],
)
@pytest.mark.parametrize("image", ["redis:7", "corp/cache:1"])
def test_options_go_to_the_end_of_the_servers_command(image: str, text: str, after: str):
    outcome = outcome_of(image=image, **shell(text))

    assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "shell-text")
    assert launch_of(outcome.after) == (("sh", "-c", after), (), {})


def test_the_official_entrypoint_starts_a_server_with_options():
    outcome = outcome_of(**shell("exec docker-entrypoint.sh --port 1"))

    assert launch_of(outcome.after)[0][2] == f"exec docker-entrypoint.sh --port 1 {FULL_TEXT}"


@pytest.mark.parametrize(
    ("launch", "command", "args"),
    [
        (
            {"command": ["sh", "-c"], "args": ["redis-server"]},
            ("sh", "-c"),
            (f"redis-server {FULL_TEXT}",),
        ),
        (
            {"args": ["bash", "-ec", "redis-server"]},
            (),
            ("bash", "-ec", f"redis-server {FULL_TEXT}"),
        ),
        (
            {"command": ["/bin/sh", "-c", "redis-server"], "args": ["ignored", "--port"]},
            ("/bin/sh", "-c", f"redis-server {FULL_TEXT}"),
            ("ignored", "--port"),
        ),
        (
            {"command": ["tini", "--", "bash", "-o", "pipefail", "-c", "redis-server"]},
            ("tini", "--", "bash", "-o", "pipefail", "-c", f"redis-server {FULL_TEXT}"),
            (),
        ),
    ],
)
def test_the_text_may_stand_anywhere(
    launch: dict[str, object], command: tuple[str, ...], args: tuple[str, ...]
):
    assert launch_of(outcome_of(**launch).after) == (command, args, {})


class TestPositionalParameters:
    """The elements behind the text are its `$0 $1 …`; appending there is lost on most texts."""

    @pytest.mark.parametrize("parameter", ['"$@"', "$@", '"${@}"'])
    def test_they_count_as_the_servers_words(self, parameter: str):
        text = f"exec redis-server {parameter}"

        outcome = outcome_of(**shell(text, "x", "--maxmemory", "100mb", "--save", "60 1"))

        assert outcome.verdict is Verdict.RESPECT
        assert launch_of(outcome.after) == (
            ("sh", "-c", f"{text} --maxmemory-policy allkeys-lru", "x", "--maxmemory", "100mb",
             "--save", "60 1"),
            (),
            {},
        )  # fmt: skip

    @pytest.mark.parametrize("change", ["shift", "set -- --port 1"])
    def test_they_are_unknown_once_the_text_changes_them(self, change: str):
        outcome = outcome_of(**shell(f'{change}; redis-server "$@"', "x", "--maxmemory", "100mb"))

        assert outcome.options == ("--maxmemory", "209715200")

    def test_a_server_among_them_takes_options_behind_args(self):
        outcome = outcome_of(command=["sh", "-c", 'exec "$@"', "x"], args=["redis-server"])

        assert launch_of(outcome.after) == (
            ("sh", "-c", 'exec "$@"', "x"),
            ("redis-server", *PERSISTENT),
            {},
        )

    def test_a_text_within_them_is_read_in_turn(self):
        command = ["sh", "-c", 'exec gosu $USER "$@"', "x", "sh", "-c", "redis-server"]

        outcome = outcome_of(command=command)

        assert launch_of(outcome.after)[0] == (*command[:-1], f"redis-server {PERSISTENT_TEXT}")

    def test_a_text_may_do_what_the_entrypoint_does(self):
        text = 'case $1 in -*) set -- redis-server "$@";; esac; exec "$@"'

        outcome = outcome_of(command=["sh", "-c", text, "x"], args=["--port", "7000"])

        assert launch_of(outcome.after)[1] == ("--port", "7000", *PERSISTENT)

    @pytest.mark.parametrize("parameters", [(), ("x",)])
    def test_without_any_nothing_is_run(self, parameters: tuple[str, ...]):
        outcome = outcome_of(**shell('exec "$@"', *parameters))

        assert (outcome.verdict, outcome.reason) == (Verdict.IGNORE, Reason.OTHER_PROGRAM)

    @pytest.mark.parametrize("zero", ['"$0"', "$0", "${0}"])
    def test_the_one_before_them_is_run_when_it_is_named(self, zero: str):
        text = f'exec {zero} "$@"'

        outcome = outcome_of(command=["sh", "-c", text], args=["redis-server", "--port", "7000"])

        assert launch_of(outcome.after)[1] == ("redis-server", "--port", "7000", *PERSISTENT)

    def test_a_server_before_them_counts_when_they_are_none(self):
        outcome = outcome_of(**shell('redis-server & "$@"', "x", "sleep", "1"))

        assert launch_of(outcome.after)[0][2] == f'redis-server {PERSISTENT_TEXT} & "$@"'


class TestVariables:
    """What Kubernetes and the shell know of the words."""

    def test_a_literal_variable_counts(self):
        env = [{"name": "CEILING", "value": "100mb"}]

        outcome = outcome_of(**shell("redis-server --maxmemory $CEILING"), env=env)

        assert outcome.verdict is Verdict.RESPECT

    def test_an_unquoted_variable_splits_into_words(self):
        env = [{"name": "FLAGS", "value": "--maxmemory 100mb"}]

        outcome = outcome_of(**shell("redis-server ${FLAGS}"), env=env)

        assert outcome.verdict is Verdict.RESPECT

    @pytest.mark.parametrize(
        "text",
        ["exec $COMMAND", "RUN='redis-server --port 1'; exec ${RUN}", 'gosu redis "$COMMAND"'],
    )
    def test_one_that_holds_the_program_is_not_passed_over(self, text: str):
        env = [{"name": "COMMAND", "value": "/usr/bin/redis-server --port 7000"}]

        outcome = outcome_of(**shell(text), env=env)

        assert outcome.verdict is Verdict.UNENFORCEABLE

    @pytest.mark.parametrize("text", ["$APP -h $HOST", "HOST=redis-server; ${APP:-app} $HOST"])
    def test_one_that_holds_a_hosts_name_makes_no_server(self, text: str):
        env = [{"name": "HOST", "value": "redis-server"}]

        outcome = outcome_of(image="corp/app:1", **shell(text), env=env, limit=None)

        assert outcome.verdict is Verdict.IGNORE

    @pytest.mark.parametrize("text", ["FLAGS=$X; redis-server $FLAGS", "redis-server ${FLAGS:-x}"])
    def test_one_that_the_text_sets_is_unknown(self, text: str):
        env = [{"name": "FLAGS", "value": "--maxmemory 100mb"}]

        outcome = outcome_of(**shell(text), env=env)

        assert outcome.options == ("--maxmemory", "104857600"), "what it says is not raised"

    def test_an_array_is_followed(self):
        text = 'ARGS=("--port" "7000")\nARGS+=("--maxmemory" "100mb")\nredis-server "${ARGS[@]}"'

        assert outcome_of(**shell(text)).verdict is Verdict.RESPECT

    def test_an_array_that_is_not_assigned_is_unknown(self):
        outcome = outcome_of(**shell('redis-server "${ARGS[@]}"'))

        assert [each.reason for each in outcome.warnings] == [Reason.POLICY_HIDDEN]

    def test_an_option_with_an_unknown_value_hides_nothing_else(self):
        outcome = outcome_of(**shell('redis-server "--requirepass $PASSWORD"'))

        assert outcome.options == FULL

    @pytest.mark.parametrize("text", ["redis-server --bind $(", "redis-server --bind a$(b"])
    def test_a_reference_without_its_end_is_none(self, text: str):
        assert outcome_of(**shell(text)).reason is Reason.UNREADABLE_SHELL_TEXT

    def test_kubernetes_replaces_a_reference_before_the_shell_sees_it(self):
        env = [{"name": "FLAGS", "value": "--maxmemory 100mb --save 60 1"}]

        outcome = outcome_of(**shell("exec redis-server $(FLAGS)"), env=env)

        assert outcome.verdict is Verdict.RESPECT
        assert launch_of(outcome.after)[0][2] == (
            "exec redis-server $(FLAGS) --maxmemory-policy allkeys-lru"
        )

    def test_a_server_that_ends_within_a_reference_cannot_be_extended(self):
        env = [{"name": "RUN", "value": "redis-server; echo done"}]

        outcome = outcome_of(**shell("$(RUN)"), env=env, args=["redis-server"])

        assert (outcome.verdict, outcome.reason, outcome.message) == (
            Verdict.UNENFORCEABLE,
            Reason.UNREADABLE_SHELL_TEXT,
            "no memory ceiling could be injected: the server's words end within a $(VARIABLE) of "
            "Kubernetes",
        )

    def test_a_secret_cannot_make_a_command_substitution_unknown(self):
        outcome = outcome_of(
            **shell("redis-server --bind $(hostname -i)"), envFrom=[{"secretRef": {"name": "s"}}]
        )

        assert outcome.options == PERSISTENT


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (
            "cat <<EOF >/r.conf\nport 1\nEOF\nexec redis-server /r.conf",
            "a here-document at offset 4",
        ),
        ("echo 'it; redis-server", '"\'" without its end at offset 5'),
        (
            'sh -c "redis-server --port $PORT"',
            "a server is started by a shell within the shell, or by unknown words",
        ),
        (
            "sh -c 'redis-server &'; redis-server",
            "a server is started by a shell within the shell, or by unknown words",
        ),
        (
            "sh -c 'cat <<E\nE\nredis-server'",
            "a server is started by a shell within the shell, or by unknown words",
        ),
        (
            "$RUN redis-server --port 1",
            "a server is started by a shell within the shell, or by unknown words",
        ),
        (
            'exec "$@" redis-server',
            "a server is started by a shell within the shell, or by unknown words",
        ),
        (
            'exec "$0" redis-server',
            "a server is started by a shell within the shell, or by unknown words",
        ),
        (
            "redis-server & /opt/bitnami/scripts/start-scripts/start-master.sh",
            "it starts servers in several ways",
        ),
        (": " + "x" * MOST_BYTES + "; redis-server", f"more than {MOST_BYTES} bytes"),
    ],
)
def test_texts_that_cannot_be_edited_safely(text: str, detail: str):
    outcome = outcome_of(**shell(text))

    assert (outcome.verdict, outcome.reason, outcome.after) == (
        Verdict.UNENFORCEABLE,
        Reason.UNREADABLE_SHELL_TEXT,
        None,
    )
    assert outcome.message == f"no memory ceiling could be injected: {detail}"


@pytest.mark.parametrize(
    "behind",
    [("redis-server", "--port", "1"), ("sh", "-c", "redis-server --port 1")],
    ids=["as a command", "in a text of its own"],
)
def test_a_server_both_in_the_text_and_behind_it_is_not_guessed_at(behind: tuple[str, ...]):
    outcome = outcome_of(**shell('redis-server & exec "$@"', "x", *behind))

    assert (outcome.reason, outcome.message) == (
        Reason.UNREADABLE_SHELL_TEXT,
        "no memory ceiling could be injected: it starts servers in several ways",
    )


@pytest.mark.parametrize(
    "text",
    [
        "until sh -c 'nc -z redis-server 6379'; do sleep 1; done; exec app",
        "until nc -z redis-server 6379; do sleep 1; done",
        "redis-cli -h redis-server ping",
        "echo redis-server",
        "cat <<EOF\nhello redis-server 6379\nEOF",
        "exec app --cache redis-server",
    ],
)
@pytest.mark.parametrize("image", ["corp/app:1", "redis:7"])
def test_a_hosts_name_in_a_text_makes_no_server(image: str, text: str):
    assert outcome_of(image=image, **shell(text), limit=None).verdict is Verdict.IGNORE


@pytest.mark.parametrize(
    "text",
    [
        "$WAIT -h redis-server && exec app",
        "cat <<EOF >/hosts\nredis-server\nEOF\nexec app",
        'sh -c "$WAIT redis-server"; exec app',
        "sh -c 'while $WAIT redis-server; do :; done'",
    ],
)
def test_a_text_that_only_may_start_a_server_is_never_refused(text: str):
    outcome = outcome_of(image="corp/app:1", **shell(text), limit=None)

    assert not outcome.denied


def test_a_heredoc_on_a_known_image_without_a_limit_is_refused():
    text = "cat <<EOF >/r.conf\nEOF\nexec redis-server /r.conf"

    outcome = outcome_of(**shell(text), limit=None)

    assert (outcome.verdict, outcome.denied) == (Verdict.DENY, True)


@pytest.mark.parametrize(
    "text",
    [
        "redis-sentinel /s.conf",
        "exec redis-server /s.conf --sentinel",
        "exec /usr/bin/redis-sentinel /s.conf",
    ],
)
def test_a_sentinel_gets_no_options(text: str):
    outcome = outcome_of(**shell(text))

    assert (outcome.verdict, outcome.reason, outcome.after) == (
        Verdict.IGNORE,
        Reason.SENTINEL,
        None,
    )


@pytest.mark.parametrize(
    "text",
    ["redis-server --version", "sleep 1", ": redis-server", "exec $(which app)", "$APP x", ""],
)
def test_a_text_without_a_server_is_left_alone(text: str):
    outcome = outcome_of(**shell(text))

    assert (outcome.verdict, outcome.after) == (Verdict.IGNORE, None)


class TestSeveralServers:
    def test_those_side_by_side_share_the_limit(self):
        outcome = outcome_of(**shell("redis-server --port 1 & redis-server --port 2 & wait"))

        assert launch_of(outcome.after)[0][2] == (
            f"redis-server --port 1 {HALF} & redis-server --port 2 {HALF} & wait"
        )
        assert outcome.sizing is not None
        assert outcome.sizing.because.endswith("; 2 servers share it")

    def test_one_in_the_background_and_one_behind_it_share_it_too(self):
        outcome = outcome_of(**shell("redis-server --port 1 & exec redis-server --port 2"))

        assert launch_of(outcome.after)[0][2] == (
            f"redis-server --port 1 {HALF} & exec redis-server --port 2 {HALF}"
        )

    def test_explicit_ceilings_are_evaluated_by_a_share(self):
        """Each fits the limit, both do not: 2 x 300 of 512."""
        outcome = outcome_of(
            **shell("redis-server --maxmemory 300mb & redis-server --maxmemory 300mb")
        )

        assert (outcome.verdict, outcome.reason) == (Verdict.ADJUST, Reason.CEILING_LOWERED)

    def test_one_that_lacks_nothing_is_not_touched(self):
        full = "redis-server --maxmemory 50mb --maxmemory-policy noeviction --save ''"

        outcome = outcome_of(**shell(f"if $A; then {full}; else redis-server --save ''; fi"))

        assert launch_of(outcome.after)[0][2] == (
            f"if $A; then {full}; else redis-server --save '' --maxmemory 419430400 "
            "--maxmemory-policy allkeys-lru; fi"
        )

    def test_each_gets_what_it_lacks(self):
        outcome = outcome_of(
            **shell(
                "if $A; then redis-server --maxmemory-policy noeviction; "
                "else redis-server --maxmemory 50mb; fi"
            )
        )

        assert launch_of(outcome.after)[0][2] == (
            "if $A; then redis-server --maxmemory-policy noeviction --maxmemory 209715200; "
            "else redis-server --maxmemory 50mb --maxmemory-policy allkeys-lru; fi"
        )
