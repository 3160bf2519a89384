"""Several servers that a launch starts, and how many of them run at one time."""

import pytest

from tests.unit.domain.launch.texts import in_shell, is_left_alone, scripted
from webhook.domain.reasons import Reason

CHAIN = "".join(f"f{n}() {{ f{n - 1}; }}; " for n in range(1, 40)) + "f0() { redis-server & }; f39"


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
