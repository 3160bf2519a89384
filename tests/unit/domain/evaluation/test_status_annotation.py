"""The status annotation: what it says, and that reading it back gains nobody anything."""

import json

import pytest

from tests.harness.builders import (
    FULL,
    FULL_TEXT,
    Json,
    a_container,
    a_pod,
    evaluated,
    launch_of,
    the_outcome,
)
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.evaluation.status_annotation import encode_status, recorded_options, without_own
from webhook.domain.kubernetes.pod import Container, EnvironmentVariable
from webhook.domain.policy.annotations import INJECTED


def recorded(pod: Json) -> Json:
    text = encode_status(evaluated(pod))
    assert text is not None
    record: Json = json.loads(text)
    return record


def a_recorded_pod(options: object, *containers: Json, name: str = "redis") -> Json:
    """A Pod with a record that says these options are ours."""
    pod = a_pod(*containers)
    pod["metadata"]["annotations"] = {INJECTED: json.dumps({name: {"options": options}})}
    return pod


class TestWhatItSays:
    def test_the_whole_of_it(self):
        assert recorded(a_pod(a_container(), a_container(name="app", image="app"))) == {
            "redis": {
                "limit": 536870912,
                "headroom": 117440512,
                "maxmemory": 419430400,
                "policy": "allkeys-lru",
                "profile": "cache",
                "source": "arguments",
                "options": list(FULL),
            }
        }

    def test_options_that_differ_within_a_text_are_all_in_it(self):
        text = "redis-server --save '' & redis-server --save '' --maxmemory-policy noeviction"

        entry = recorded(a_pod(a_container(command=["sh", "-c", text])))["redis"]

        assert (entry["options"], entry["otherOptions"]) == (
            ["--maxmemory", "209715200", "--maxmemory-policy", "allkeys-lru"],
            [["--maxmemory", "209715200"]],
        )

    @pytest.mark.parametrize(
        "starts",
        [
            "redis-server ;; *) redis-server --maxmemory 100gb",
            "redis-server --maxmemory 100gb ;; *) redis-server",
        ],
    )
    def test_the_options_are_those_of_the_ceiling_that_it_names(self, starts: str):
        text = f"case $A in a) {starts} ;; esac"

        entry = recorded(a_pod(a_container(command=["sh", "-c", text])))["redis"]

        assert entry["maxmemory"] == 456340275
        assert entry["options"] == ["--maxmemory", "456340275", "--maxmemory-policy", "allkeys-lru"]
        assert entry["otherOptions"] == [
            ["--maxmemory", "209715200", "--maxmemory-policy", "allkeys-lru"]
        ]

    @pytest.mark.parametrize(
        "container",
        [
            a_container(image="app"),
            a_container(limit=None),
            a_container(
                args=["--save", "", "--maxmemory", "1mb", "--maxmemory-policy", "noeviction"]
            ),
        ],
    )
    def test_without_options_there_is_none(self, container: Json):
        assert encode_status(evaluated(a_pod(container))) is None


class TestReadingItBack:
    @pytest.mark.parametrize(
        "options",
        [
            ["--maxmemory", "1"],
            ["--maxmemory-policy", "allkeys-lru"],
            ["--save", ""],
            ["--maxmemory", "1", "--maxmemory-policy", "noeviction", "--save", ""],
            ["--maxmemory", "1", "--save", ""],
        ],
    )
    def test_options_of_our_make_are_read(self, options: list[str]):
        annotations = {INJECTED: json.dumps({"redis": {"options": options}})}

        assert recorded_options(annotations) == {"redis": (tuple(options),)}

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "{",
            "null",
            "[]",
            "7",
            "[" * 100_000,
            '{"redis": null}',
            '{"redis": []}',
            '{"redis": {}}',
            '{"redis": {"options": null}}',
            '{"redis": {"options": []}}',
            '{"redis": {"options": [1]}}',
            '{"redis": {"options": "--maxmemory 1"}}',
            '{"redis": {"options": ["--maxmemory"]}}',
            '{"redis": {"options": ["--maxmemory", "1mb"]}}',
            '{"redis": {"options": ["--maxmemory", "111111111111111111111"]}}',
            '{"redis": {"options": ["--save", "60 1"]}}',
            '{"redis": {"options": ["--save", "", "--maxmemory", "1"]}}',
            '{"redis": {"options": ["--appendonly", "yes"]}}',
            '{"redis": {"options": ["--maxmemory", "1", "--requirepass", "x"]}}',
            '{"redis": {"options": ["--maxmemory", "1\\n"]}}',
            '{"redis": {"otherOptions": {"a": "b"}}}',
        ],
    )
    def test_nothing_else_is(self, value: str):
        assert recorded_options({INJECTED: value}) == {}

    def test_no_annotation(self):
        assert recorded_options({}) == {}


OURS = ("--maxmemory", "100", "--save", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Container(name="a", args=("x", *OURS)), Container(name="a", args=("x",))),
        (Container(name="a", args=OURS), Container(name="a")),
        (Container(name="a", args=(*OURS, "x")), None),
        (
            Container(name="a", command=("sh", "-c", 'r --maxmemory 100 --save "" & x')),
            Container(name="a", command=("sh", "-c", "r & x")),
        ),
        (
            Container(name="a", args=('r --maxmemory 100 --save ""',)),
            Container(name="a", args=("r",)),
        ),
        (
            Container(name="a", args=('r --maxmemory 100 --save "" 2>&1 | tee l',)),
            Container(name="a", args=("r 2>&1 | tee l",)),
        ),
        (
            Container(name="a", args=('r --maxmemory 100 --save "" # last\nx',)),
            Container(name="a", args=("r # last\nx",)),
        ),
        (
            Container(name="a", args=('r --maxmemory 100 --save "" $(EMPTY)',)),
            Container(name="a", args=("r $(EMPTY)",)),
        ),
        (Container(name="a", args=('r --maxmemory 100 --save "" --port 1',)), None),
        (Container(name="a", args=('r --maxmemory 100 --save ""x',)), None),
        (Container(name="a", args=('r--maxmemory 100 --save ""',)), None),
        (
            Container(
                name="a",
                env=(EnvironmentVariable(name="F", value='--port 1 --maxmemory 100 --save ""'),),
            ),
            Container(name="a", env=(EnvironmentVariable(name="F", value="--port 1"),)),
        ),
        (
            Container(
                name="a", env=(EnvironmentVariable(name="F", value='--maxmemory 100 --save ""'),)
            ),
            Container(name="a", env=(EnvironmentVariable(name="F", value=""),)),
        ),
        (Container(name="a", env=(EnvironmentVariable(name="F"),)), None),
        (
            Container(
                name="a",
                env=(EnvironmentVariable(name="F", value='--maxmemory 100 --save "" x'),),
            ),
            None,
        ),
    ],
)
def test_our_options_are_taken_out(before: Container, after: Container | None):
    assert without_own(before, [OURS]) == (after or before)


def test_the_beginning_of_a_longer_value_is_not_ours():
    before = Container(name="a", command=("sh", "-c", "redis-server --maxmemory 100mb"))

    assert without_own(before, [("--maxmemory", "100")]) == before


def test_without_a_record_nothing_is_taken_out():
    before = Container(name="a", args=OURS)

    assert without_own(before, ()) is before


class TestForgery:
    """Options said to be ours are dropped and computed anew: a forged record gains nothing."""

    def test_a_raised_ceiling_is_lowered(self):
        raised = a_container(args=["--maxmemory", "536870912"])

        outcome = the_outcome(a_recorded_pod(["--maxmemory", "536870912"], raised))

        assert launch_of(outcome.after) == ((), ("redis-server", *FULL), {})

    def test_a_record_without_options_in_the_pod_changes_nothing(self):
        outcome = the_outcome(a_recorded_pod(["--maxmemory", "999999999"]))

        assert launch_of(outcome.after) == ((), ("redis-server", *FULL), {})

    def test_a_record_of_another_container_changes_nothing(self):
        container = a_container(args=["--maxmemory", "1048576", "--save", ""])

        outcome = the_outcome(a_recorded_pod(["--maxmemory", "1048576"], container, name="other"))

        assert outcome.verdict is Verdict.RESPECT

    def test_a_limit_cannot_be_forged(self):
        pod = a_recorded_pod(list(FULL), a_container(limit=None, args=["redis-server", *FULL]))

        assert the_outcome(pod).verdict is Verdict.DENY

    def test_another_program_is_not_touched(self):
        app = a_container(image="app", command=["app"], args=["--x", "redis-server", *FULL])

        assert the_outcome(a_recorded_pod(list(FULL), app)).after is None


class TestEvaluatedAgain:
    """Our own earlier values are computed anew, as after another webhook changed the limit."""

    def test_a_new_limit(self):
        pod = a_recorded_pod(list(FULL), a_container(limit="1Gi", args=["redis-server", *FULL]))

        outcome = the_outcome(pod)

        assert launch_of(outcome.after)[1] == (
            "redis-server", "--maxmemory", "855638016", *FULL[2:],
        )  # fmt: skip

    def test_the_same_limit(self):
        pod = a_recorded_pod(list(FULL), a_container(args=["redis-server", *FULL]))

        outcome = the_outcome(pod)

        assert (outcome.verdict, outcome.options, outcome.after) == (Verdict.INJECT, FULL, None)

    def test_a_limit_that_became_too_small_takes_the_options_out(self):
        pod = a_recorded_pod(
            list(FULL), a_container(limit="16Mi", command=["sh", "-c", f"redis-server {FULL_TEXT}"])
        )

        outcome = the_outcome(pod)

        assert outcome.verdict is Verdict.UNENFORCEABLE
        assert launch_of(outcome.after)[0] == ("sh", "-c", "redis-server")

    def test_every_server_of_a_text(self):
        text = "redis-server --save '' & redis-server --save '' --maxmemory-policy noeviction"
        once = evaluated(a_pod(a_container(command=["sh", "-c", text])))
        after, record = once.outcomes[0].after, encode_status(once)
        assert after is not None
        assert record is not None

        pod = a_pod(a_container(limit="1Gi", command=list(after.command)))
        pod["metadata"]["annotations"] = {INJECTED: record}

        assert launch_of(the_outcome(pod).after)[0][2] == (
            "redis-server --save '' --maxmemory 427819008 --maxmemory-policy allkeys-lru & "
            "redis-server --save '' --maxmemory-policy noeviction --maxmemory 427819008"
        )
