"""The wrapper that runs a start script with options, and scripts that would notice it."""

import pytest

from tests.harness.builders import (
    PERSISTENT,
    Files,
    Json,
    a_claim,
    a_config_map,
    a_container,
    a_mount,
    a_pod,
    launch_of,
    outcome_of,
    the_outcome,
)
from tests.unit.domain.launch.texts import is_left_alone, scripted, wrapper
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.reasons import Reason

CHART = "/opt/bitnami/scripts/start-scripts/start-master.sh"


class TestTheWrapper:
    """Read back, as it stands after our own patch, it changes nothing and gains nothing."""

    def again(self, outcome: Outcome, files: Files, volumes: list[Json]) -> Outcome:
        assert outcome.after is not None
        container = a_container(
            image=outcome.after.image,
            command=list(outcome.after.command),
            args=list(outcome.after.args),
            volumeMounts=[a_mount(m.path, m.name) for m in outcome.after.mounts],
        )
        return the_outcome(a_pod(container, volumes=volumes), files=files)

    @pytest.mark.parametrize("shell", ["sh", "bash"])
    def test_its_options_are_seen(self, shell: str):
        """Called by one shell though its first line names another."""
        text = "#!/bin/bash\nexec redis-server\n"
        once = scripted(text, command=[shell, "/scripts/start.sh"])

        again = self.again(once, {"settings": {"start.sh": text}}, [a_config_map()])

        assert (again.verdict, again.after) == (Verdict.RESPECT, None)

    def test_around_a_script_that_cannot_be_read_too(self):
        once = outcome_of(image="bitnami/redis", command=["bash", CHART])

        again = self.again(once, {}, [])

        assert (again.verdict, again.after) == (Verdict.RESPECT, None)

    @pytest.mark.parametrize(
        "text",
        [
            wrapper("--maxmemory 1") + " ",
            wrapper("--maxmemory 1").replace("exec bash", "exec evil"),
            wrapper("x" * 1000),
        ],
    )
    def test_a_text_that_only_looks_like_it_is_none(self, text: str):
        outcome = outcome_of(image="bitnami/redis", command=["bash", "-c", text, CHART])

        assert outcome.source != "start-script"

    def test_without_a_script_behind_it_nothing_is_started(self):
        outcome = outcome_of(command=["bash", "-c", wrapper("--maxmemory 1")])

        assert outcome.verdict is Verdict.IGNORE

    def test_parameters_behind_the_script_are_followed(self):
        text = '#!/bin/sh\nexec "$@"\n'
        outcome = scripted(
            text, command=["sh", "-c", wrapper(""), "/scripts/start.sh"], args=["redis-server"]
        )

        assert launch_of(outcome.after)[1] == ("redis-server", *PERSISTENT)

    def test_a_claim_anywhere_may_hold_the_data_of_a_script(self):
        container = a_container(
            command=["/scripts/start.sh"],
            volumeMounts=[a_mount("/scripts", "settings"), a_mount("/somewhere")],
        )
        pod = a_pod(container, volumes=[a_config_map(), a_claim()])

        outcome = the_outcome(pod, files={"settings": {"start.sh": "#!/bin/sh\nredis-server\n"}})

        assert "--save" not in outcome.options


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
