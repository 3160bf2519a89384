"""Texts that look at their parameters, or set them themselves."""

import pytest

from tests.harness.builders import PERSISTENT, launch_of
from tests.unit.domain.launch.texts import (
    PERSISTENT_TEXT,
    in_shell,
    is_left_alone,
    scripted,
)
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import Reason


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
