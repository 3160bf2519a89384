"""Launches by a script: the image's own, a Bitnami chart's, one in a ConfigMap, one unread."""

import pytest

from tests.harness.builders import (
    FULL_TEXT,
    PERSISTENT,
    Files,
    Json,
    a_claim,
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

CHART = "/opt/bitnami/scripts/start-scripts/start-master.sh"
RUN = "/opt/bitnami/scripts/redis/run.sh"
PERSISTENT_TEXT = "--maxmemory 209715200 --maxmemory-policy allkeys-lru"
SECRET = {"secretRef": {"name": "s"}}


def wrapper(options: str, *, shell: str = "bash", program: str = "redis-server") -> str:
    return wrapper_text(shell=shell, program=program, options=options)


class TestTheImagesOwnScript:
    @pytest.mark.parametrize(
        "launch",
        [
            {"args": [RUN, "--timeout", "17"]},
            {"command": ["bash", "-c", f"exec {RUN} --timeout 17"]},
        ],
    )
    @pytest.mark.parametrize(
        ("tag", "flags", "is_undecidable"),
        [
            ("5.0", "--maxmemory 1gb", True),
            ("6.0", "--save 60 1", True),
            ("6.0", "--databases 4", False),
            ("6.2", "--maxmemory 1gb", False),
            ("latest", "--maxmemory 1gb", False),
        ],
    )
    def test_old_ones_may_put_their_variable_behind_the_words_of_a_call(
        self, launch: Json, tag: str, flags: str, *, is_undecidable: bool
    ):
        env = [{"name": "REDIS_EXTRA_FLAGS", "value": flags}]

        outcome = outcome_of(image=f"bitnami/redis:{tag}", env=env, **launch)

        assert (outcome.reason is Reason.LAUNCH_UNDECIDABLE) == is_undecidable
        assert (outcome.after is None) == is_undecidable

    @pytest.mark.parametrize(
        ("image", "launch", "variable"),
        [
            ("bitnami/redis", {"command": [RUN]}, "REDIS_EXTRA_FLAGS"),
            ("bitnami/redis", {"args": [RUN]}, "REDIS_EXTRA_FLAGS"),
            (
                "bitnami/redis",
                {"command": ["/opt/bitnami/scripts/redis/entrypoint.sh"], "args": [RUN]},
                "REDIS_EXTRA_FLAGS",
            ),
            ("bitnami/redis", {"command": ["sh", "-c", f"cd /; exec {RUN}"]}, "REDIS_EXTRA_FLAGS"),
            ("bitnami/redis", {"command": ["bash", RUN]}, "REDIS_EXTRA_FLAGS"),
            (
                "bitnami/valkey",
                {"command": ["/opt/bitnami/scripts/valkey/run.sh"]},
                "VALKEY_EXTRA_FLAGS",
            ),
            ("redis/redis-stack", {"command": ["/entrypoint.sh"]}, "REDIS_ARGS"),
            # Its script ignores what stands behind it.
            ("redis/redis-stack", {"command": ["/entrypoint.sh", "--port", "1"]}, "REDIS_ARGS"),
            ("redis/redis-stack", {"command": ["sh", "-c", "/entrypoint.sh"]}, "REDIS_ARGS"),
        ],
    )
    def test_options_go_into_its_variable(self, image: str, launch: Json, variable: str):
        outcome = outcome_of(image=image, **launch)

        assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "variable")
        assert launch_of(outcome.after)[2] == {variable: PERSISTENT_TEXT}

    def test_words_behind_it_win_over_the_variable_so_options_go_behind_them(self):
        env = [{"name": "REDIS_EXTRA_FLAGS", "value": "--maxmemory-policy noeviction"}]

        outcome = outcome_of(image="bitnami/redis", args=[RUN, "--port", "1"], env=env)

        assert launch_of(outcome.after) == (
            (),
            (RUN, "--port", "1", "--maxmemory", "209715200"),
            {"REDIS_EXTRA_FLAGS": "--maxmemory-policy noeviction"},
        )

    @pytest.mark.parametrize(
        ("text", "after"),
        [
            (f"{RUN} --port 1", f"{RUN} --port 1 {PERSISTENT_TEXT}"),
            (
                'A=("--port" "1")\n/run.sh ${A[@]}\n',
                f'A=("--port" "1")\n/run.sh ${{A[@]}} {PERSISTENT_TEXT}\n',
            ),
            (f'exec {RUN} "$X"; exit', f'exec {RUN} "$X" --maxmemory 209715200; exit'),
        ],
    )
    def test_words_behind_it_in_a_text_are_extended(self, text: str, after: str):
        outcome = outcome_of(image="bitnami/redis", command=["bash", "-c", text])

        assert (outcome.verdict, outcome.source) == (Verdict.INJECT, "shell-text")
        assert launch_of(outcome.after)[0] == ("bash", "-c", after)

    def test_a_cluster_images_script_in_a_text_is_extended_behind_its_entrypoint(self):
        scripts = "/opt/bitnami/scripts/redis-cluster"
        text = f"export A=1\n{scripts}/entrypoint.sh {scripts}/run.sh\n"

        outcome = outcome_of(
            image="bitnami/redis-cluster:7.2.4", command=["/bin/bash", "-c"], args=[text]
        )

        assert launch_of(outcome.after)[1] == (text[:-1] + f" {PERSISTENT_TEXT}\n",)

    def test_run_redis_hands_its_words_on(self):
        outcome = outcome_of(image="quay.io/sclorg/redis-7-c9s", args=["run-redis", "--port", "1"])

        assert launch_of(outcome.after)[1] == (
            "run-redis", "--port", "1", "--maxmemory", "209715200",
            "--maxmemory-policy", "allkeys-lru",
        )  # fmt: skip

    def test_run_redis_in_a_text_is_extended(self):
        outcome = outcome_of(
            image="quay.io/sclorg/redis-7-c9s", command=["sh", "-c", "exec run-redis"]
        )

        assert launch_of(outcome.after)[0][2] == f"exec run-redis {PERSISTENT_TEXT}"

    def test_a_sentinel_by_its_words_is_none(self):
        text = f"{RUN} /etc/sentinel.conf --sentinel"

        assert (
            outcome_of(image="bitnami/redis", command=["sh", "-c", text]).reason is Reason.SENTINEL
        )

    def test_the_variable_stands_before_what_a_script_hands_on_so_options_go_behind_that(self):
        outcome = scripted(
            '#!/bin/bash\nARGS=("--include" "/c")\nexec /run.sh "${ARGS[@]}"\n',
            image="bitnami/redis:6.2",
            command=["/bin/bash", "-c", "/scripts/start.sh"],
        )

        assert launch_of(outcome.after) == (
            (
                "/bin/bash",
                "-c",
                wrapper("--maxmemory 209715200", program="run.sh"),
                "/scripts/start.sh",
            ),
            (),
            {},
        )

    def test_the_script_of_an_image_out_of_reach_says_so(self):
        outcome = outcome_of(image="registry.k8s.io/redis:v1", command=["/run.sh"])

        assert (outcome.verdict, outcome.reason) == (
            Verdict.UNENFORCEABLE,
            Reason.IMAGE_IGNORES_OPTIONS,
        )

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"envFrom": [SECRET]}, "REDIS_EXTRA_FLAGS may be set where it cannot be read"),
            (
                {"env": [{"name": "REDIS_EXTRA_FLAGS", "valueFrom": {"secretKeyRef": {}}}]},
                "REDIS_EXTRA_FLAGS may be set where it cannot be read",
            ),
            (
                # The last of two entries of a name wins.
                {
                    "env": [
                        {"name": "REDIS_EXTRA_FLAGS", "value": "--port 1"},
                        {"name": "REDIS_EXTRA_FLAGS", "valueFrom": {"secretKeyRef": {}}},
                    ]
                },
                "REDIS_EXTRA_FLAGS may be set where it cannot be read",
            ),
            (
                {"env": [{"name": "REDIS_EXTRA_FLAGS_FILE", "value": "/f"}]},
                "REDIS_EXTRA_FLAGS_FILE is set, which makes REDIS_EXTRA_FLAGS void",
            ),
        ],
    )
    def test_a_variable_that_may_be_set_elsewhere_is_not_overridden(
        self, fields: Json, message: str
    ):
        outcome = outcome_of(image="bitnami/redis", **fields)

        assert (outcome.verdict, outcome.reason, outcome.message) == (
            Verdict.UNENFORCEABLE,
            Reason.OPTIONS_VARIABLE_HIDDEN,
            f"no memory ceiling could be injected: {message}",
        )

    def test_a_secrets_prefix_that_does_not_fit_hides_nothing(self):
        outcome = outcome_of(image="bitnami/redis", envFrom=[{**SECRET, "prefix": "APP_"}])

        assert launch_of(outcome.after)[2] == {"REDIS_EXTRA_FLAGS": PERSISTENT_TEXT}

    def test_a_literal_value_with_a_secret_in_it_is_extended(self):
        env = [
            {"name": "P", "valueFrom": {"secretKeyRef": {}}},
            {"name": "REDIS_EXTRA_FLAGS", "value": "--masterauth $(P)"},
        ]

        outcome = outcome_of(image="bitnami/redis", env=env, envFrom=[SECRET])

        assert launch_of(outcome.after)[2] == {
            "P": None,
            "REDIS_EXTRA_FLAGS": f"--masterauth $(P) {PERSISTENT_TEXT}",
        }

    @pytest.mark.parametrize(
        "fields",
        [
            {"envFrom": [{"configMapRef": {"name": "settings"}}]},
            {"envFrom": [{"configMapRef": {"name": "settings"}, "prefix": "REDIS_"}]},
        ],
    )
    def test_a_value_from_a_config_map_is_taken_along(self, fields: Json):
        files = {"settings": {"REDIS_EXTRA_FLAGS": "--port $1", "EXTRA_FLAGS": "--port $1"}}

        outcome = outcome_of(image="bitnami/redis", files=files, **fields)

        assert launch_of(outcome.after)[2] == {
            "REDIS_EXTRA_FLAGS": f"$(REDIS_EXTRA_FLAGS) {PERSISTENT_TEXT}"
        }

    def test_behind_the_end_of_a_line_nothing_is_added(self):
        files = {"settings": {"REDIS_EXTRA_FLAGS": "--port 1\n"}}
        source = [{"configMapRef": {"name": "settings"}}]

        outcome = outcome_of(image="bitnami/redis", files=files, envFrom=source)

        assert (outcome.reason, outcome.after) == (Reason.OPTIONS_VARIABLE_HIDDEN, None)


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


def scripted(text: str, image: str = "redis:7", *, ends: bool = False, **launch: object) -> Outcome:
    """A container that runs /scripts/start.sh, which a readable ConfigMap gives it."""
    container = a_container(
        image=image,
        volumeMounts=[a_mount("/scripts", "settings")],
        **(launch or {"command": ["/scripts/start.sh"]}),
    )
    pod = a_pod(
        container,
        volumes=[a_config_map()],
        **({"restartPolicy": "Never"} if ends else {}),
    )
    return the_outcome(pod, files={"settings": {"start.sh": text}})


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
