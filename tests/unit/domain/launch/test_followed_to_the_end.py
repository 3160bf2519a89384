"""What cannot be followed to its end is left alone: scripts that look at themselves, at their
parameters, at what eval gives them; servers that cannot be counted."""

import pytest

from tests.harness.builders import (
    FULL_TEXT,
    PERSISTENT,
    Json,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    evaluated,
    launch_of,
    outcome_of,
    the_outcome,
)
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.launch.start_script import wrapper_text
from webhook.domain.reasons import Reason

PERSISTENT_TEXT = "--maxmemory 209715200 --maxmemory-policy allkeys-lru"
WRAPPER = wrapper_text(shell="bash", program="redis-server", options=PERSISTENT_TEXT)  # noqa: S604


CHAIN = "".join(f"f{n}() {{ f{n - 1}; }}; " for n in range(1, 40)) + "f0() { redis-server & }; f39"


def scripted(text: str, *, image: str = "redis:7", files: Json | None = None, **launch: object):
    """A container that runs /scripts/start.sh, which a readable ConfigMap gives it."""
    container = a_container(
        image=image,
        volumeMounts=[a_mount("/scripts", "settings")],
        **(launch or {"command": ["/scripts/start.sh"]}),
    )
    pod = a_pod(container, volumes=[a_config_map()])
    return the_outcome(pod, files={"settings": {"start.sh": text, **(files or {})}})


def in_shell(text: str, *parameters: str, **fields: object) -> Outcome:
    return outcome_of(command=["bash", "-c", text, *parameters], **fields)


def is_left_alone(outcome: Outcome, reason: Reason) -> bool:
    return (outcome.verdict, outcome.reason, outcome.after) == (
        Verdict.UNENFORCEABLE, reason, None,
    )  # fmt: skip


class TestScriptsThatKnowThemselves:
    @pytest.mark.parametrize(
        "lines",
        [
            'DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"; . "$DIR/lib.sh"',
            'cd "${BASH_SOURCE%/*}"',
            "trap 'echo $LINENO' ERR",
            'log() { echo "${FUNCNAME[1]}"; }',
            "caller 0",
            'case "$-" in *x*) : ;; esac',
            'sed -n "/^#CONF/p" "$0" >/tmp/redis.conf',
            'grep -c x < "$0"',
            'self="$(dirname "$0")/$(basename "$0")"; "$self" --check',
            'if [ -z "$DONE" ]; then DONE=1 exec gosu redis /scripts/start.sh; fi',
            'me=$(readlink -f "$0"); [ "$(id -u)" = 0 ] && exec su-exec redis "$me"',
            "cat /proc/self/cmdline",
            "echo $SHLVL",
        ],
    )
    @pytest.mark.parametrize("shell", ["bash", "sh"])
    def test_they_are_not_run_from_a_copy(self, lines: str, shell: str):
        outcome = scripted(f"#!/bin/{shell}\n{lines}\nexec redis-server /etc/redis.conf\n")

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)
        assert outcome.message == (
            "no memory ceiling could be injected: /scripts/start.sh asks how it is called, or runs "
            "itself again"
        )

    def test_one_that_runs_itself_again_as_another_user_is_left_alone(self):
        outcome = scripted(
            '#!/bin/sh\nif [ "$(id -u)" = 0 ]; then exec gosu redis "$0" "$@"; fi\n'
            "exec redis-server --port 7000\n"
        )

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)

    @pytest.mark.parametrize(
        "lines",
        [
            'cd "$(dirname "$0")"',
            "cd ${0%/*}",
            "cd `dirname $0`",
            'echo "$(basename "$0"): up"',
            "# BASH_SOURCE would not do here, nor start.sh, nor $LINENO",
            "awk '{print $0}' /etc/hosts",
            "[ $? = 0 ] && echo $$ $!",
            # KubeBlocks: a name with two underscores is not `$_`.
            "${__SOURCED__:+false} : || return 0",
        ],
    )
    def test_what_comes_out_the_same_does_not_matter(self, lines: str):
        outcome = scripted(f"#!/bin/sh\n{lines}\nexec redis-server --port 7000\n")

        assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "start-script")

    @pytest.mark.parametrize(
        "line", ["#!/bin/bash\r", "#!/opt/own/bash", "#!/bin/bash -e", "#!/busybox/sh"]
    )
    def test_the_first_line_must_name_the_shell_that_the_wrapper_finds(self, line: str):
        outcome = scripted(f"{line}\nexec redis-server\n")

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)

    def test_a_line_in_quotes_is_no_start(self):
        outcome = scripted(
            "#!/bin/sh\necho '\nredis-server --port 1\n'\ngosu redis redis-server --port 1\n"
        )

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)


class TestParameters:
    @pytest.mark.parametrize(
        "lines",
        [
            'if [ $# -gt 0 ]; then exec "$@"; fi',
            'echo "$# parameters"',
            "port=$1",
            'port="${1:-6379}"',
            'last="${!#}"',
            'for each; do echo "$each"; done',
            'for each in "$@"; do echo "$each"; done',
            "while [ $# -gt 0 ]; do shift; done",
            "while getopts p: o; do :; done",
            'log "$*"',
            'main() { for a in "$@"; do :; done; }; main "$@"',
            ". /lib.sh",
            "shift",
            "set -- $(getopt -o p: -- $OPTIONS)",
        ],
    )
    def test_options_are_no_arguments_of_a_script_that_looks_at_its_own(self, lines: str):
        outcome = scripted(f'#!/bin/sh\n{lines}\nexec redis-server /c "$@"\n')

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)

    def test_one_with_a_ceiling_of_its_own_needs_none(self):
        outcome = scripted('#!/bin/sh\necho $#\nexec redis-server --maxmemory 300mb "$@"\n')

        assert (outcome.verdict, outcome.after) == (Verdict.RESPECT, None)

    @pytest.mark.parametrize("lines", [". /lib.sh", "shift", "set -- $OTHERS"])
    def test_what_a_text_may_make_of_them_is_not_seen(self, lines: str):
        outcome = in_shell(f'{lines}\nexec redis-server "$@"')

        assert Reason.POLICY_HIDDEN in [each.reason for each in outcome.warnings]

    @pytest.mark.parametrize(
        ("lines", "args"),
        [
            ("", []),
            ("set -eu -o pipefail", []),
            ('log() { echo "$1 $#"; }; log up', []),
            ('f() { g() { echo "$1"; }; g x "$2"; }; f', []),
            ("f() { shift; set -- a; }", []),
            ("awk '{print $1}' /etc/hosts", []),
            ("# $1 and $# are the caller's", []),
            ('echo "port $1"', ["--port", "7000"]),
            ("[ $# -eq 0 ] && exit 1", ["--port"] * 2),
            ('if [ "${1#-}" = "$1" ]; then exit 64; fi', ["--port", "7000"]),
            (". /lib.sh x", []),
        ],
    )
    def test_they_are_where_only_the_server_gets_them(self, lines: str, args: list[str]):
        outcome = scripted(
            f'#!/bin/sh\n{lines}\nexec redis-server "$@"\n',
            command=["/scripts/start.sh"],
            args=args,
        )

        assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "arguments")
        assert launch_of(outcome.after)[1] == (*args, *outcome.options)

    def test_a_function_that_gets_them_all_once_is_part_of_the_script(self):
        outcome = scripted('#!/bin/sh\nmain() {\n  exec redis-server "$@"\n}\nmain "$@"\n')

        assert launch_of(outcome.after)[1] == PERSISTENT

    def test_a_function_has_parameters_of_its_own(self):
        text = '#!/bin/sh\nmain() {\n  exec redis-server "$@"\n}\nmain --port 7000\n'

        outcome = scripted(text)

        assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "start-script")

    def test_an_empty_option_is_lost_without_quotes(self):
        outcome = scripted("#!/bin/sh\nexec redis-server $@\n")

        assert outcome.source == "start-script"

    @pytest.mark.parametrize(
        "text",
        [
            'echo $#; exec "$@"',
            'for a in "$@"; do echo $a; done; "$@"',
            'last=${!#}; exec "$@"',
            "exec $@",
            "exec $*",
            '"$1" "$2"',
            "$1 --port 7000",
            'run() { "$@"; }; run "$@" | cat; echo "$9"',
        ],
    )
    def test_a_text_that_looks_at_the_server_in_its_parameters_is_undecidable(self, text: str):
        outcome = in_shell(text, "--", "redis-server", "--port", "7000")

        assert is_left_alone(outcome, Reason.LAUNCH_UNDECIDABLE)

    def test_it_may_look_at_another_program(self):
        assert in_shell('echo $#; exec "$@"', "--", "sleep", "9").verdict is Verdict.IGNORE

    def test_a_text_among_them_is_edited_in_its_place(self):
        outcome = in_shell('echo $#; exec "$@"', "--", "sh", "-c", "exec redis-server")

        assert launch_of(outcome.after)[0][-1] == f"exec redis-server {PERSISTENT_TEXT}"

    def test_words_behind_them_are_not_theirs(self):
        outcome = in_shell('exec "$@" --appendonly no', "--", "redis-server")

        assert is_left_alone(outcome, Reason.UNREADABLE_SHELL_TEXT)

    def test_a_script_that_takes_none_runs_none(self):
        outcome = scripted(
            "#!/bin/sh\nsleep 9\n", command=["/scripts/start.sh", "redis-server", "/r.conf"]
        )

        assert outcome.verdict is Verdict.IGNORE

    def test_a_script_that_looks_at_them_and_runs_them_is_undecidable(self):
        outcome = scripted(
            '#!/bin/sh\necho "$@"\nexec "$@"\n', command=["/scripts/start.sh", "redis-server"]
        )

        assert is_left_alone(outcome, Reason.LAUNCH_UNDECIDABLE)

    def test_a_script_that_does_something_of_its_own_with_them_is_left_alone(self):
        outcome = scripted(
            '#!/bin/sh\n"$1" "$2"\n', command=["/scripts/start.sh", "redis-server", "/r.conf"]
        )

        assert is_left_alone(outcome, Reason.LAUNCH_UNDECIDABLE)

    @pytest.mark.parametrize(
        "text",
        [
            'run() { exec "$@"; }; run redis-server --port 7000',
            'S=redis-server; run() { "$1" --port 1; }; run $S',
            'f() { set -- redis-server; exec "$@"; }; f',
        ],
    )
    def test_a_function_that_runs_its_parameters_is_left_alone(self, text: str):
        assert in_shell(text).verdict is Verdict.UNENFORCEABLE

    def test_a_function_that_waits_for_a_host_runs_nothing(self):
        text = 'wait_for() { nc -z "$1" 6379; }; wait_for redis-server; exec redis-server'

        assert in_shell(text).verdict is Verdict.INJECT

    def test_a_text_that_goes_through_them_is_undecidable(self):
        outcome = in_shell('for a in "$@"; do echo $a; done', "--", "redis-server", "--port", "7")

        assert is_left_alone(outcome, Reason.LAUNCH_UNDECIDABLE)

    def test_a_script_that_goes_through_them_is_left_alone(self):
        outcome = scripted(
            '#!/bin/sh\nfor a in "$@"; do echo $a; done\n',
            command=["/scripts/start.sh", "redis-server", "/r.conf"],
        )

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)

    @pytest.mark.parametrize(
        ("words", "verdict"),
        [("redis-server --port 1", Verdict.UNENFORCEABLE), ("sleep 9", Verdict.IGNORE)],
    )
    def test_words_of_a_text_that_a_script_runs_are_not_extended(
        self, words: str, verdict: Verdict
    ):
        command = ["sh", "-c", f"/scripts/start.sh {words}"]

        outcome = scripted('#!/bin/sh\nexec "$@"\n', command=command)

        assert (outcome.verdict, outcome.after) == (verdict, None)

    @pytest.mark.parametrize(
        "text",
        [
            "trap 'redis-server --port 2' EXIT; redis-server --port 1",
            "redis-server --port 1 & curl -s http://start/ | sh -e",
            "redis-server --port 1 & bash < /start.sh",
        ],
    )
    def test_what_else_a_shell_is_given_to_run_is_not_followed(self, text: str):
        assert is_left_alone(in_shell(text), Reason.UNREADABLE_SHELL_TEXT)


class TestSetParameters:
    @pytest.mark.parametrize(
        ("text", "after"),
        [
            ('set -- redis-server --port 7000; exec "$@"', PERSISTENT_TEXT),
            ('set redis-server --port 7000; exec "$@"', PERSISTENT_TEXT),
            ('set -- redis-server; set -- "$@" --port 7000; "$@"', PERSISTENT_TEXT),
            ('S=redis-server; set -- gosu redis $S; exec "$@"', PERSISTENT_TEXT),
            (
                'set -- redis-server; [ -n "$P" ] && set -- "$@" --requirepass "$P"; exec "$@"',
                PERSISTENT_TEXT,
            ),
            (
                'set -- redis-server /r.conf; if tty; then set -- "$@" --save "1 1"; fi; exec "$@"',
                "--maxmemory 209715200",
            ),
        ],
    )
    def test_they_are_followed_to_the_command_that_runs_them(self, text: str, after: str):
        outcome = in_shell(text)

        assert launch_of(outcome.after)[0][2] == f"{text} {after}"

    def test_their_own_ceiling_counts(self):
        outcome = in_shell('set -- redis-server --maxmemory 100mb; exec "$@"')

        assert outcome.verdict is Verdict.RESPECT

    def test_a_sentinel_is_one(self):
        outcome = in_shell('set -- redis-server /s.conf --sentinel; exec "$@"')

        assert outcome.verdict is Verdict.IGNORE

    @pytest.mark.parametrize(
        "text",
        [
            '[ -n "$X" ] && set -- redis-server /r.conf; exec "$@"',
            'set -- redis-server /r.conf; shift; exec "$@"',
            'set -- redis-server /r.conf; (set -- "$@" --port 1; exec "$@")',
            'set -- redis-server /r.conf; . /lib.sh; exec "$@"',
            'exec "$@"; set -- redis-server /r.conf; exec "$@"',
            'if x; then set -- redis-server /a; else set -- redis-server /b; fi; exec "$@"',
            "set -- redis-server /r.conf",
        ],
    )
    def test_what_cannot_be_followed_is_undecidable(self, text: str):
        assert is_left_alone(in_shell(text), Reason.LAUNCH_UNDECIDABLE)

    def test_a_script_takes_options_as_arguments_that_it_puts_behind_a_server(self):
        outcome = scripted('#!/bin/sh\nset -- redis-server --port 7000 "$@"\nexec "$@"\n')

        assert launch_of(outcome.after)[1] == PERSISTENT

    def test_a_script_that_does_not_is_left_alone(self):
        outcome = scripted('#!/bin/sh\nset -- redis-server /r.conf\nexec "$@"\n')

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)


class TestSeveralServers:
    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("for p in 1 2; do redis-server --port $p & done; wait", 2),
            ("for p in 1 2; do redis-server --port $p --daemonize yes; done; sleep 9", 2),
            ("f() { redis-server --port $1 & }; f 1; f 2; wait", 2),
            ("redis-server --port 1 --daemonize yes; redis-server --port 2", 2),
            ("redis-server --port 1 | cat & redis-server --port 2", 2),
            ("if x; then redis-server --port 1 & else redis-server --port 2 & fi; wait", 1),
            ("case $X in a) redis-server & ;; b) redis-server & ;; esac; wait", 1),
            ("while :; do redis-server --port 1; sleep 1; done", 1),
            ("redis-server --port 1; redis-server --port 2", 1),
            ("setsid redis-server --port 1; redis-server --port 2", 2),
        ],
    )
    def test_they_are_counted(self, text: str, count: int):
        outcome = in_shell(text)

        assert outcome.options[:2] == ("--maxmemory", str(200 * 2**20 // count))

    @pytest.mark.parametrize(
        "text",
        [
            "for p in $PORTS; do redis-server --port $p --daemonize yes; done; tail -f /dev/null",
            "for p in $(seq 3); do redis-server --port $p & done; wait",
            "while read p; do redis-server --port $p & done < /ports; wait",
            "for ((p=1; p<4; p++)); do redis-server --port $p & done; wait",
            "for c in /conf/*.conf; do redis-server $c; done; sleep 9",
            "f() { redis-server --port $1 & }; for p in $PORTS; do f $p; done; wait",
            "f() { redis-server --port $1 & [ $1 = 9 ] || f 9; }; f 1; wait",
            'f() { redis-server --port $1 & }; $(echo f) 1; trap "f 2" EXIT; f 3',
            "f() { redis-server & }",
            CHAIN,
            "if x; then for p in $P; do redis-server --port $p & done; fi",
            "A=(); x && A=(); redis-server /r.conf & for p in $P; do redis-server --port $p & done",
        ],
    )
    @pytest.mark.parametrize("own", ["", " --maxmemory 100mb"])
    def test_those_that_cannot_be_counted_are_left_alone(self, text: str, own: str):
        outcome = in_shell(text.replace("redis-server", f"redis-server{own}"))

        assert is_left_alone(outcome, Reason.UNREADABLE_SHELL_TEXT)
        assert outcome.message.endswith("servers it starts beside one another cannot be counted")

    def test_those_of_a_script_too(self):
        outcome = scripted(
            "#!/bin/sh\nfor p in $PORTS; do\nredis-server --port $p --daemonize yes\ndone\n"
        )

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)

    def test_a_hidden_file_may_make_a_daemon(self):
        outcome = in_shell("redis-server /a.conf; redis-server /b.conf")

        assert outcome.options == ("--maxmemory", str(100 * 2**20))

    def test_nothing_comes_after_an_exec(self):
        outcome = in_shell("if x; then exec redis-server /a.conf; fi; exec redis-server /b.conf")

        assert outcome.options == ("--maxmemory", str(200 * 2**20))


class TestEval:
    ASK = 'ask() { eval "$cmd" | head -1; }\n'

    @pytest.mark.parametrize(
        "lines",
        [
            "eval redis-cli -h $HOST ping",
            "eval $cmd",
            'cmd="redis-cli -h $SENTINEL -p 26379 sentinel masters"\neval "$cmd"',
            "if tls; then cmd='valkey-cli --tls'; else cmd='valkey-cli'; fi; $(eval $cmd ping)",
            'cli() { printf "A=\\$P redis-cli -h x"; }\nm() { local c="$(cli) get x"; eval $c; }',
            'base=\'timeout 5 redis-cli\'; cmd="$base ping"; command eval "$cmd"',
        ],
    )
    def test_a_clients_command_changes_no_server(self, lines: str):
        outcome = scripted(f"#!/bin/bash\n{lines}\nexec redis-server --port 7000\n")

        assert launch_of(outcome.after)[0][2] == WRAPPER

    @pytest.mark.parametrize(
        "lines",
        [
            'eval "$START_COMMAND"',
            "cmd=$(cat /cmd); eval $cmd",
            "cmd='ARGS=(--maxmemory 1gb)'; eval $cmd",
            "cmd='redis-cli ping; cd /x'; eval $cmd",
            "read cmd; cmd=$X; eval $cmd",
            "cli() { date; echo x; }; eval $(cli)",
            "eval 'redis-cli; redis-server &'",
            "a=$b; b=$a; eval $a",
            'eval "redis-cli \'"',
            "\n".join(f"c='redis-cli {n}'" for n in range(20)) + "\neval $c",
        ],
    )
    def test_anything_else_is_not_followed(self, lines: str):
        outcome = scripted(f"#!/bin/bash\n{lines}\nexec redis-server --port 7000\n")

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)

    def test_a_function_of_a_servers_name_is_not_followed(self):
        outcome = in_shell('redis-server() { command redis-server "$@"; }; redis-server --port 1')

        assert is_left_alone(outcome, Reason.UNREADABLE_SHELL_TEXT)


class TestWords:
    def test_the_start_program_of_redis_stack_is_a_server_in_a_text_too(self):
        outcome = in_shell("exec redis-stack-server /r.conf", image="redis/redis-stack-server")

        text = "exec redis-stack-server /r.conf --maxmemory 209715200"
        assert launch_of(outcome.after)[0][2] == text

    @pytest.mark.parametrize(
        "text",
        [
            "C=--maxmemory; exec redis-server $C 100mb",
            'export V=100mb; exec redis-server --maxmemory "$V"',
            'readonly V="100mb"\nexec redis-server --maxmemory ${V}',
            'D=100; redis-server --maxmemory "${D}mb"',
            'S=redis-server; exec "$S" --maxmemory 100mb',
        ],
    )
    def test_a_variable_that_has_one_literal_value_counts(self, text: str):
        assert in_shell(text).verdict is Verdict.RESPECT

    @pytest.mark.parametrize(
        "text",
        [
            'V=100mb; V=1gb; redis-server --maxmemory "$V"',
            'V=100mb; V+=1; redis-server --maxmemory "$V"',
            'V=100mb; read V; redis-server --maxmemory "$V"',
            'V=100mb; : ${V:=1}; redis-server --maxmemory "$V"',
            'V=100mb; . /lib.sh; redis-server --maxmemory "$V"',
            'x && V=100mb; redis-server --maxmemory "$V"',
            '(V=100mb); redis-server --maxmemory "$V"',
            'V=100mb true; redis-server --maxmemory "$V"',
            'redis-server --maxmemory "$V"; V=100mb',
            'V="10 0mb"; redis-server --maxmemory x${V}',
        ],
    )
    def test_any_other_does_not(self, text: str):
        assert in_shell(text).verdict is not Verdict.RESPECT

    @pytest.mark.parametrize(
        ("text", "verdict"),
        [
            ('A=(--maxmemory 100mb); redis-server "${A[@]}"', Verdict.RESPECT),
            ('A=(--maxmemory 1gb); A=(--maxmemory 100mb); redis-server "${A[@]}"', Verdict.RESPECT),
            ('A=(); x && A+=(--maxmemory 100mb); redis-server "${A[@]}"', Verdict.INJECT),
            ('A=(); if x; then A+=(--maxmemory 1); fi; redis-server "${A[@]}"', Verdict.INJECT),
            ('A=(--maxmemory 100mb); x && A+=(--port 1); redis-server "${A[@]}"', Verdict.RESPECT),
            ('declare -a A; A=(--maxmemory 100mb); redis-server "${A[@]}"', Verdict.RESPECT),
            ('A=(--port 1); read -a A; redis-server "${A[@]}"', Verdict.INJECT),
        ],
    )
    def test_what_an_array_gets_at_times_only_is_not_certain(self, text: str, verdict: Verdict):
        outcome = in_shell(text)

        # What may or may not stand there is overridden, and hides an eviction policy.
        assert outcome.verdict is verdict
        assert verdict is Verdict.RESPECT or outcome.options == ("--maxmemory", "209715200")

    def test_a_file_that_a_variable_names_is_read(self):
        outcome = scripted(
            "",
            files={"redis.conf": "maxmemory 100mb\nmaxmemory-policy noeviction\n"},
            command=["sh", "-c", 'CONF=/scripts/redis.conf\nexec redis-server "$CONF" --port 1'],
        )

        assert (outcome.verdict, outcome.eviction_policy) == (Verdict.RESPECT, "noeviction")

    def test_a_carriage_return_belongs_to_its_word(self):
        outcome = in_shell("redis-server --port 7000\r\n")

        assert launch_of(outcome.after)[0][2] == f"redis-server --port 7000\r {FULL_TEXT}\n"


def test_a_long_script_is_read():
    lines = "".join(f"echo '{number}{'.' * 100}'\n" for number in range(400))

    outcome = scripted(f"#!/bin/bash\n{lines}exec redis-server --port 7000\n")

    assert len(lines) > 2**15
    assert outcome.verdict is Verdict.INJECT


class TestUnknownImages:
    def test_few_of_their_files_are_looked_for(self):
        """The evaluation has a bound, and the servers of the Pod come first."""
        mounts = [a_mount(f"/m{number}", "settings") for number in range(300)]
        idle = [
            a_container(
                image="corp/app:1", name=f"a{n}", command=["/m1/x"] * 8, volumeMounts=mounts
            )
            for n in range(4)
        ]
        pod = a_pod(*idle, a_container(), volumes=[a_config_map()])

        outcomes = evaluated(pod, files={"settings": {"x": "exec app"}}).outcomes

        assert [each.verdict for each in outcomes] == [Verdict.IGNORE] * 4 + [Verdict.INJECT]

    def test_a_readable_script_tells(self):
        outcome = scripted("#!/bin/bash\nexec redis-server --port 1\n", image="falkor/db:4")

        assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "start-script")

    @pytest.mark.parametrize("text", ["#!/bin/sh\nexec app --redis redis://redis-server:6379\n"])
    def test_one_that_starts_none_makes_none(self, text: str):
        assert scripted(text, image="corp/app:1", limit=None).reason is Reason.NOT_REDIS


class TestServersThatAreNotSeenToStart:
    """A server that is named and not followed is said, and never refused for it."""

    @pytest.mark.parametrize(
        "text",
        [
            'CMD=(redis-server /r.conf); exec "${CMD[@]}"',
            'exec "$(which redis-server)" /r.conf',
            "$(command -v redis-server)",
            'eval "redis-server /r.conf"',
            'CMD="redis-server"; eval $CMD',
            "alias start=redis-server; start",
            "coproc redis-server",
            "parallel redis-server --port ::: 7000 7001",
            "wait-for db:5432 -- redis-server /r.conf",
            "exec strace -f redis-server",
        ],
    )
    @pytest.mark.parametrize("by_script", [True, False])
    def test_are_said(self, text: str, by_script: bool):
        outcome = scripted(f"#!/bin/bash\n{text}\n") if by_script else in_shell(text)

        reason = Reason.UNREADABLE_SCRIPT if by_script else Reason.UNREADABLE_SHELL_TEXT
        assert is_left_alone(outcome, reason)
        assert not outcome.denied

    @pytest.mark.parametrize(
        "text",
        [
            "cat <<EOF\nhello redis-server 6379\nEOF",
            'eval "redis-cli -h redis-server ping; date"',
            "# redis-server is elsewhere\neval date",
            "parallel ping ::: redis-server:6379",
            "wait-for redis-server:6379 -- sleep 9",
        ],
    )
    def test_a_host_is_none(self, text: str):
        assert in_shell(text).verdict is Verdict.IGNORE

    def test_another_image_runs_something_of_its_own(self):
        assert in_shell('eval "$X redis-server"', image="corp/app").verdict is Verdict.IGNORE

    def test_a_program_of_the_command_line_may_run_one(self):
        outcome = outcome_of(command=["wait-for", "db:5432", "--", "redis-server", "/r.conf"])

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("exec /scripts/second.sh", "exec redis-server /r.conf"),
            (". /scripts/second.sh", "exec redis-server /r.conf"),
            ("source /scripts/second.sh", "cat <<EOF\nEOF\nexec redis-server /r.conf"),
            ("sh /scripts/second.sh\nexec redis-server", "redis-server --daemonize yes"),
        ],
    )
    def test_a_script_that_a_script_runs_may_start_one(self, first: str, second: str):
        outcome = scripted(f"#!/bin/bash\n{first}\n", files={"second.sh": second})

        assert is_left_alone(outcome, Reason.UNREADABLE_SCRIPT)
        assert outcome.message.endswith("/scripts/start.sh runs a script, which starts a server")

    @pytest.mark.parametrize(
        ("text", "second", "verdict"),
        [
            (". /scripts/second.sh", "exec redis-server /r.conf", Verdict.UNENFORCEABLE),
            (". /scripts/second.sh; exec redis-server", "exec redis-server", Verdict.UNENFORCEABLE),
            (". /scripts/second.sh; exec redis-server", "A=b", Verdict.INJECT),
            (". /scripts/second.sh; sleep 9", "A=b", Verdict.IGNORE),
            (". /nowhere.sh; exec redis-server", "", Verdict.INJECT),
        ],
    )
    def test_a_script_that_a_text_reads_into_itself(self, text: str, second: str, verdict: Verdict):
        outcome = scripted("", command=["sh", "-c", text], files={"second.sh": second})

        assert outcome.verdict is verdict
