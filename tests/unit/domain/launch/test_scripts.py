"""Launches by a script: the image's own, a Bitnami chart's, one in a ConfigMap, one unread."""

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
from tests.unit.domain.launch.texts import PERSISTENT_TEXT, scripted, wrapper
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import Reason

CHART = "/opt/bitnami/scripts/start-scripts/start-master.sh"
RUN = "/opt/bitnami/scripts/redis/run.sh"


class TestBitnamiChartScripts:
    @pytest.mark.parametrize(
        ("launch", "command", "args"),
        [
            (
                {"command": ["/bin/bash"], "args": ["-c", CHART]},
                ("/bin/bash",),
                ("-c", wrapper("--maxmemory 209715200"), CHART),
            ),
            (
                {"command": ["/bin/bash", "-ec", f"exec {CHART}"]},
                ("/bin/bash", "-ec", wrapper("--maxmemory 209715200"), CHART),
                (),
            ),
            (
                {"command": ["bash", CHART]},
                ("bash", "-c", wrapper("--maxmemory 209715200"), CHART),
                (),
            ),
            (
                {"command": [CHART]},
                ("bash", "-c", wrapper("--maxmemory 209715200"), CHART),
                (),
            ),
            (
                {"args": [CHART]},
                (),
                ("bash", "-c", wrapper("--maxmemory 209715200"), CHART),
            ),
        ],
    )
    def test_a_wrapper_runs_the_same_script_with_the_options(
        self, launch: Json, command: tuple[str, ...], args: tuple[str, ...]
    ):
        outcome = outcome_of(image="bitnami/redis:7.2", **launch)

        assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "start-script")
        assert launch_of(outcome.after) == (command, args, {})

    def test_a_valkey_image_starts_valkey(self):
        outcome = outcome_of(
            image="bitnami/valkey", command=["bash", CHART.replace("master", "primary")]
        )

        assert launch_of(outcome.after)[0][2] == wrapper(
            "--maxmemory 209715200", program="valkey-server"
        )

    @pytest.mark.parametrize("image", ["corp/redis:1", "corp/unknown:1"])
    def test_an_image_of_another_name_starts_redis(self, image: str):
        outcome = outcome_of(image=image, command=["bash", CHART])

        is_known = image == "corp/redis:1"
        assert (outcome.verdict is Verdict.INJECT) == is_known

    @pytest.mark.parametrize(
        "command",
        [
            ["bash", "-c", f"echo x; {CHART}"],
            ["bash", "-c", CHART, "zero"],
            ["bash", "-e", CHART],
        ],
    )
    def test_a_call_of_another_form_is_unenforceable(self, command: list[str]):
        outcome = outcome_of(image="bitnami/redis", command=command)

        assert (outcome.verdict, outcome.reason, outcome.message) == (
            Verdict.UNENFORCEABLE,
            Reason.UNREADABLE_SCRIPT,
            f"no memory ceiling could be injected: {CHART} is called in a way of its own",
        )

    def test_the_sentinels_script_is_no_server(self):
        path = CHART.replace("master", "sentinel")

        assert outcome_of(image="bitnami/redis", command=["bash", path]).reason is Reason.SENTINEL


class TestReadableScripts:
    @pytest.mark.parametrize("shell", ["sh", "bash", "dash"])
    def test_a_wrapper_extends_the_servers_line(self, shell: str):
        outcome = scripted(f"#!/bin/{shell}\nexec redis-server --port 7000\n")

        assert launch_of(outcome.after) == (
            (shell, "-c", wrapper(FULL_TEXT, shell=shell), "/scripts/start.sh"),
            (),
            {},
        )

    @pytest.mark.parametrize(
        ("launch", "command"),
        [
            (
                {"command": ["bash", "/scripts/start.sh", "x"]},
                ("bash", "-c", wrapper(FULL_TEXT), "/scripts/start.sh", "x"),
            ),
            (
                {"command": ["sh", "-c", "bash /scripts/start.sh"]},
                ("sh", "-c", wrapper(FULL_TEXT), "/scripts/start.sh"),
            ),
        ],
    )
    def test_the_calling_shell_is_kept(self, launch: Json, command: tuple[str, ...]):
        outcome = scripted("redis-server", **launch)

        assert launch_of(outcome.after)[0] == command

    def test_its_own_ceiling_counts(self):
        outcome = scripted("#!/bin/sh\nexec redis-server --maxmemory 100mb\n")

        assert outcome.verdict is Verdict.RESPECT

    def test_its_parameters_are_the_servers_and_take_options(self):
        outcome = scripted(
            '#!/bin/sh\nexec redis-server "$@"\n',
            command=["/scripts/start.sh"],
            args=["--maxmemory", "100mb", "--save", "60 1"],
        )

        assert outcome.verdict is Verdict.RESPECT
        assert launch_of(outcome.after)[1] == (
            "--maxmemory", "100mb", "--save", "60 1", "--maxmemory-policy", "allkeys-lru",
        )  # fmt: skip

    def test_what_runs_its_parameters_is_followed(self):
        outcome = scripted(
            '#!/bin/sh\nmkdir /x\nexec "$@"\n',
            command=["/scripts/start.sh"],
            args=["redis-server"],
        )

        assert launch_of(outcome.after) == (
            ("/scripts/start.sh",),
            ("redis-server", *PERSISTENT),
            {},
        )

    def test_a_copy_of_the_entrypoint_is_followed(self):
        outcome = scripted(
            "#!/bin/sh\n"
            'if [ "${1#-}" != "$1" ]; then\n  set -- redis-server "$@"\nfi\n'
            'if [ "$1" = redis-server ]; then\n  exec gosu redis "$0" "$@"\nfi\nexec "$@"\n',
            command=["/scripts/start.sh"],
            args=["--port", "7000"],
        )

        assert launch_of(outcome.after)[1] == ("--port", "7000", *PERSISTENT)

    def test_a_script_called_in_a_text_has_that_texts_words(self):
        outcome = scripted(
            '#!/bin/sh\nexec redis-server "$@"\n',
            command=["sh", "-c", "/scripts/start.sh --maxmemory 100mb"],
        )

        assert (outcome.verdict, outcome.reason, outcome.message) == (
            Verdict.UNENFORCEABLE,
            Reason.UNREADABLE_SCRIPT,
            "no memory ceiling could be injected: /scripts/start.sh is called in a way of its own",
        )

    @pytest.mark.parametrize(
        ("text", "detail"),
        [
            (
                "#!/bin/sh\nredis-server | tee /log\n",
                "the line of /scripts/start.sh that starts the server cannot be extended",
            ),
            (
                "#!/bin/sh -e\nredis-server\n",
                "the line of /scripts/start.sh that starts the server cannot be extended",
            ),
            (
                "redis-server\n",
                "the line of /scripts/start.sh that starts the server cannot be extended",
            ),
            (
                "#!/bin/sh\nredis-server --port 1\nvalkey-server --port 2\n",
                "the line of /scripts/start.sh that starts the server cannot be extended",
            ),
            (
                "#!/bin/sh\ncat <<EOF >/r.conf\nEOF\nexec redis-server\n",
                "/scripts/start.sh: a here-document at offset 14",
            ),
            (
                "#!/bin/sh\nsh -c 'redis-server; exit'\n",
                "/scripts/start.sh starts a server by a shell within the shell, or by unknown "
                "words",
            ),
            (
                "#!/bin/sh\nredis-server --maxmemory 50mb\nredis-server --maxmemory 1gb\n",
                "it starts servers with different options of their own, which would all get the "
                "same",
            ),
        ],
    )
    def test_lines_that_cannot_be_extended_say_why(self, text: str, detail: str):
        outcome = scripted(text)

        assert (outcome.verdict, outcome.reason, outcome.after) == (
            Verdict.UNENFORCEABLE,
            Reason.UNREADABLE_SCRIPT,
            None,
        )
        assert outcome.message == f"no memory ceiling could be injected: {detail}"

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("#!/bin/sh\nredis-cli cluster fix\n", Reason.OTHER_PROGRAM),
            ("#!/bin/sh\ncat <<EOF\nEOF\nredis-cli ping\n", Reason.OTHER_PROGRAM),
            ("#!/bin/sh\nredis-server --version\n", Reason.OTHER_PROGRAM),
            ("#!/bin/sh\nexec redis-sentinel /s.conf\n", Reason.SENTINEL),
            ("#!/bin/sh\nexec redis-server /s.conf --sentinel\n", Reason.SENTINEL),
        ],
    )
    def test_a_script_without_a_server_is_left_alone(self, text: str, reason: Reason):
        outcome = scripted(text)

        assert (outcome.verdict, outcome.reason) == (Verdict.IGNORE, reason)

    def test_a_script_that_runs_the_images_own_takes_the_variable(self):
        outcome = scripted(f"#!/bin/bash\n. /opt/x\nexec {RUN}\n", image="bitnami/redis")

        assert launch_of(outcome.after)[2] == {"REDIS_EXTRA_FLAGS": PERSISTENT_TEXT}


class TestUnreadableScripts:
    @pytest.mark.parametrize(
        "launch",
        [
            {"command": ["/start.sh"]},
            {"command": ["sh", "/start.sh"]},
            {"args": ["/start.sh"]},
            {"command": ["sh", "-c", "/start.sh"]},
            {"command": ["/mnt/start"], "volumeMounts": [a_mount("/mnt")]},
        ],
    )
    def test_on_a_redis_image_it_is_likely_a_server_and_never_refused(self, launch: Json):
        outcome = outcome_of(**launch, limit=None)

        assert (outcome.verdict, outcome.reason, outcome.denied) == (
            Verdict.UNENFORCEABLE,
            Reason.UNREADABLE_SCRIPT,
            False,
        )

    def test_with_a_servers_words_behind_it_it_is_one(self):
        outcome = outcome_of(command=["/start.sh", "redis-server", "--port", "1"], limit=None)

        assert (outcome.verdict, outcome.denied) == (Verdict.DENY, True)

    @pytest.mark.parametrize(
        "args",
        [["redis-server", "--port", "1"], ["valkey-server", "/etc/v.conf"]],
    )
    def test_on_an_unknown_image_a_servers_words_may_be_another_programs(self, args: list[str]):
        outcome = outcome_of(image="corp/app", command=["/start.sh", *args], limit=None)

        assert (outcome.verdict, outcome.reason, outcome.denied) == (
            Verdict.UNENFORCEABLE,
            Reason.UNREADABLE_SCRIPT,
            False,
        )

    @pytest.mark.parametrize(
        "command",
        [
            ["/wait-for-it.sh", "redis-server", "--timeout=30", "--", "app"],
            ["/wait.sh", "redis-server"],
            ["/app/start", "redis-server", "--x"],
        ],
    )
    def test_a_script_that_waits_for_a_host_is_no_server(self, command: list[str]):
        assert outcome_of(image="corp/app", command=command).verdict is Verdict.IGNORE

    def test_what_runs_to_completion_is_no_server(self):
        pod = a_pod(a_container(command=["/migrate.sh"]), restartPolicy="OnFailure")

        assert the_outcome(pod).verdict is Verdict.IGNORE

    def test_a_script_before_the_server_does_not_stand_in_its_way(self):
        outcome = outcome_of(command=["sh", "-c", "/prepare.sh && exec redis-server"])

        assert launch_of(outcome.after)[0][2] == (
            "/prepare.sh && exec redis-server --maxmemory 209715200 --maxmemory-policy allkeys-lru"
        )

    def test_nor_before_positional_parameters(self):
        outcome = outcome_of(
            command=["sh", "-c", '/prepare.sh; exec "$@"', "x"], args=["redis-server"]
        )

        assert launch_of(outcome.after)[1] == ("redis-server", *PERSISTENT)

    def test_the_config_map_of_a_script_is_asked_for(self):
        pod = a_pod(
            a_container(command=["/scripts/s.sh"], volumeMounts=[a_mount("/scripts", "settings")]),
            volumes=[a_config_map()],
        )

        assert evaluated(pod).wanted == ("settings",)
        assert evaluated(pod, files={"settings": {}}).wanted == ()
