"""How much of a memory limit a server may fill."""

import pytest

from tests.harness.builders import (
    DURABLE,
    MEBI,
    Json,
    a_claim,
    a_container,
    a_mount,
    a_pod,
    evaluated,
    maxmemory,
    outcome_of,
    the_outcome,
)
from webhook.domain.ceiling.sizing import ProfileName
from webhook.domain.evaluation.outcome import Outcome, Verdict
from webhook.domain.reasons import AdmissionWarning, Reason


@pytest.mark.parametrize(
    ("limit", "cache", "persistent"),
    [
        ("32Mi", 10 * MEBI, 5 * MEBI),
        ("48Mi", 23 * MEBI, 23 * MEBI // 2),
        ("64Mi", 36 * MEBI, 18 * MEBI),
        ("128Mi", 88 * MEBI, 44 * MEBI),
        ("512Mi", 400 * MEBI, 200 * MEBI),
        ("1Gi", 816 * MEBI, 408 * MEBI),
        ("2Gi", 1648 * MEBI, 824 * MEBI),
        # Rounded down: (33554433 - 16Mi) - 3/16 of 33554433 is 10485760.8125.
        ("33554433", 10485760, 5242880),
    ],
)
def test_the_two_profiles(limit: str, cache: int, persistent: int):
    assert maxmemory(outcome_of(limit=limit, args=["--save", ""])) == cache
    assert maxmemory(outcome_of(limit=limit, args=["--appendonly", "yes"])) == persistent


def test_the_issues_numbers():
    claimed = a_pod(
        a_container(args=["--appendonly", "yes"], volumeMounts=[a_mount("/data")]),
        volumes=[a_claim()],
    )

    assert maxmemory(outcome_of()) == 419430400
    assert maxmemory(the_outcome(claimed)) * 2 == 419430400
    assert the_outcome(claimed).options == DURABLE


class TestTinyLimits:
    def test_below_32mi_nothing_is_injected(self):
        outcome = outcome_of(limit=32 * MEBI - 1)

        assert (outcome.verdict, outcome.reason, outcome.denied, outcome.after) == (
            Verdict.UNENFORCEABLE,
            Reason.LIMIT_TOO_SMALL,
            False,
            None,
        )
        assert outcome.message == "no sensible ceiling fits 33554431; the least is 32Mi"
        assert outcome.remedy is not None
        assert outcome.remedy.endswith("memory: 64Mi")

    def test_at_32mi_something_is(self):
        assert outcome_of(limit="32Mi").verdict is Verdict.INJECT

    def test_a_small_explicit_ceiling_is_respected_below(self):
        outcome = outcome_of(limit="16Mi", args=["--maxmemory", "4mb", "--save", ""])

        assert (outcome.verdict, outcome.options) == (
            Verdict.RESPECT,
            ("--maxmemory-policy", "allkeys-lru"),
        )

    @pytest.mark.parametrize(
        ("limit", "args", "warning"),
        [
            (64 * MEBI, ["--save", ""], "of 64Mi only 36Mi are for data"),
            (64 * MEBI + 1, ["--save", ""], None),
            (128 * MEBI, ["--appendonly", "yes"], "of 128Mi only 44Mi are for data"),
            (128 * MEBI + 1, ["--appendonly", "yes"], None),
            (64 * MEBI, ["--save", "", "--maxmemory", "30mb"], None),
        ],
    )
    def test_a_warning_up_to_64mi_and_twice_that_where_a_copy_must_fit(
        self, limit: int, args: list[str], warning: str | None
    ):
        outcome = outcome_of(limit=limit, args=args)

        warnings = [each.message for each in outcome.warnings if each.reason is Reason.SMALL_LIMIT]
        assert warnings == ([] if warning is None else [warning])


@pytest.mark.parametrize(("memory", "expected"), [({}, None), ({"memory": "512Mi"}, 400 * MEBI)])
def test_huge_pages_are_no_part_of_a_memory_limit(memory: Json, expected: int | None):
    """The kernel counts them apart."""
    resources = {"limits": {"hugepages-2Mi": "1Gi", **memory}}

    outcome = outcome_of(limit=None, resources=resources, args=["--save", ""])

    assert (outcome.sizing.maxmemory if outcome.sizing else None) == expected
    assert (outcome.reason is Reason.NO_MEMORY_LIMIT) == (expected is None)


class TestMemoryVolumes:
    """A volume in memory counts against the limit of each container that mounts it."""

    @pytest.mark.parametrize(
        ("volumes", "expected"),
        [
            ([{"medium": "Memory", "sizeLimit": "64Mi"}], 336 * MEBI),
            ([{"medium": "Memory", "sizeLimit": "64Mi"}, {"medium": "Memory"}], 336 * MEBI),
            ([{"sizeLimit": "64Mi"}], 400 * MEBI),
            ([{"medium": "Memory", "sizeLimit": "0"}], 400 * MEBI),
        ],
    )
    def test_their_sizes_are_added_to_the_headroom(self, volumes: list[Json], expected: int):
        named = [{"name": f"v{i}", "emptyDir": each} for i, each in enumerate(volumes)]
        mounts = [a_mount(f"/v{i}", f"v{i}") for i in range(len(volumes))]

        outcome = outcome_of(volumes=named, volumeMounts=mounts, args=["--save", ""])

        assert maxmemory(outcome) == expected

    def test_one_mounted_twice_counts_once(self):
        volume = {"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}
        mounts = [a_mount("/a", "v"), a_mount("/b", "v")]

        outcome = outcome_of(volumes=[volume], volumeMounts=mounts, args=["--save", ""])

        assert maxmemory(outcome) == 336 * MEBI
        assert "volumes in memory may take 64Mi of it" in outcome.steps

    def test_one_without_a_size_is_said(self):
        volume = {"name": "v", "emptyDir": {"medium": "Memory"}}

        outcome = outcome_of(volumes=[volume], volumeMounts=[a_mount("/v", "v")])

        assert (
            AdmissionWarning(
                reason=Reason.MEMORY_VOLUME_UNBOUNDED,
                message="the volume v is in memory, counts against the limit, has no sizeLimit",
            )
            in outcome.warnings
        )

    def test_one_that_takes_it_all_leaves_nothing_to_inject(self):
        volume = {"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "2Gi"}}

        outcome = outcome_of(volumes=[volume], volumeMounts=[a_mount("/v", "v")])

        assert (outcome.verdict, outcome.reason) == (
            Verdict.UNENFORCEABLE,
            Reason.LIMIT_TOO_SMALL,
        )


class TestPodLevelLimits:
    def pod(self, limit: str | None, *siblings: Json, pod_limit: str = "1Gi") -> Json:
        return a_pod(
            a_container(limit=limit, args=["--save", ""]),
            *siblings,
            resources={"limits": {"memory": pod_limit}},
        )

    def first(self, pod: Json) -> Outcome:
        return evaluated(pod).outcomes[0]

    def test_alone_it_is_the_containers(self):
        outcome = self.first(self.pod(None))

        assert (maxmemory(outcome), outcome.warnings) == (816 * MEBI, ())

    def test_siblings_limits_are_taken_off(self):
        outcome = self.first(self.pod(None, a_container(name="app", image="app", limit="512Mi")))

        assert (maxmemory(outcome), outcome.warnings) == (400 * MEBI, ())

    def test_so_are_requests_of_siblings_without_one_which_are_warned_of(self):
        sibling = a_container(name="app", image="app", limit=None)
        sibling["resources"] = {"requests": {"memory": "512Mi"}}

        outcome = self.first(self.pod(None, sibling))

        assert maxmemory(outcome) == 400 * MEBI
        assert outcome.warnings == (
            AdmissionWarning(
                reason=Reason.POD_LIMIT_SHARED,
                message="the Pod's limit of 1Gi is shared with app, which could take a part that "
                "this server counts on",
            ),
        )

    def test_a_plain_init_container_takes_nothing_and_a_sidecar_does(self):
        pod = self.pod(None)
        pod["spec"]["initContainers"] = [
            a_container(name="setup", image="app", limit="512Mi"),
            a_container(name="proxy", image="app", limit="512Mi", restartPolicy="Always"),
        ]

        assert maxmemory(self.first(pod)) == 400 * MEBI

    @pytest.mark.parametrize(
        ("own", "sibling", "expected", "is_warned"),
        [
            ("512Mi", "512Mi", 400 * MEBI, False),
            ("512Mi", "513Mi", 400 * MEBI, True),
            ("2Gi", "1Mi", 816 * MEBI, True),
        ],
    )
    def test_the_smaller_of_both_counts(
        self, own: str, sibling: str, expected: int, *, is_warned: bool
    ):
        other = a_container(name="app", image="app", limit=sibling)

        outcome = self.first(self.pod(own, other))

        assert maxmemory(outcome) == expected
        assert bool(outcome.warnings) == is_warned

    def test_siblings_that_take_it_all_leave_nothing_to_inject(self):
        outcome = self.first(self.pod(None, a_container(name="app", image="app", limit="2Gi")))

        assert outcome.reason is Reason.LIMIT_TOO_SMALL

    def test_it_is_sized_alike_when_it_is_evaluated_again(self):
        """Its own request is not a sibling's."""
        pod = self.pod(None)
        pod["spec"]["containers"][0]["resources"] = {"requests": {"memory": "512Mi"}}
        pod["spec"]["containers"][0]["args"] += [
            "--maxmemory", "1", "--maxmemory-policy", "allkeys-lru",
        ]  # fmt: skip
        pod["metadata"]["annotations"] = {
            "redis-memory-guard.dev/injected": '{"redis":{"options":["--maxmemory","1",'
            '"--maxmemory-policy","allkeys-lru"]}}'
        }

        assert maxmemory(self.first(pod)) == 816 * MEBI


class TestAnnotatedHeadroom:
    @pytest.mark.parametrize(
        ("headroom", "expected"),
        [
            ("25%", 384 * MEBI),
            ("128Mi", 384 * MEBI),
            ("15%", 456340275),
            ("75%", 128 * MEBI),
        ],
    )
    def test_it_is_what_stays_free(self, headroom: str, expected: int):
        outcome = the_outcome(
            a_pod(a_container(args=["--save", ""]), annotations={"headroom": headroom})
        )

        assert (maxmemory(outcome), outcome.warnings) == (expected, ())
        assert outcome.sizing is not None
        assert outcome.sizing.profile is ProfileName.ANNOTATION
        assert outcome.steps[-2] == (
            "the profile is annotation because the Pod's annotation asks for this headroom: "
            f"maxmemory {expected} bytes ({expected * 10 // MEBI / 10:g}Mi)"
        )

    @pytest.mark.parametrize(
        ("headroom", "asked"), [("14%", "75161927"), ("76%", "408021893"), ("1", "1")]
    )
    def test_out_of_bounds_the_profile_holds(self, headroom: str, asked: str):
        outcome = the_outcome(
            a_pod(a_container(args=["--save", ""]), annotations={"headroom": headroom})
        )

        assert maxmemory(outcome) == 400 * MEBI
        assert outcome.warnings == (
            AdmissionWarning(
                reason=Reason.ANNOTATION_REFUSED,
                message=f"the annotation redis-memory-guard.dev/headroom asks for {asked}; allowed "
                "are 80530636 to 384Mi of 512Mi",
            ),
        )

    def test_volumes_in_memory_come_on_top(self):
        volume = {"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}
        pod = a_pod(
            a_container(args=["--save", ""], volumeMounts=[a_mount("/v", "v")]),
            volumes=[volume],
            annotations={"headroom": "25%"},
        )

        assert maxmemory(the_outcome(pod)) == 320 * MEBI
