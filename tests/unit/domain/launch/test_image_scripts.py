"""Launches by the image's own start script."""

import pytest

from tests.harness.builders import Json, launch_of, outcome_of
from tests.unit.domain.launch.texts import PERSISTENT_TEXT, scripted, wrapper
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import Reason

RUN = "/opt/bitnami/scripts/redis/run.sh"
SECRET = {"secretRef": {"name": "s"}}


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
