"""What cannot be followed to its end is left alone: words, images and starts that are not seen."""

import pytest

from tests.harness.builders import (
    FULL_TEXT,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    evaluated,
    launch_of,
    outcome_of,
)
from tests.unit.domain.launch.texts import in_shell, is_left_alone, scripted
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import Reason


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
