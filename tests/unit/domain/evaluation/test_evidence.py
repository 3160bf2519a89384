"""What the measurements say of a ceiling: the truth table, and the sentences for people."""

from fractions import Fraction

import pytest

from tests.harness.builders import (
    MEBI,
    Json,
    a_container,
    a_mount,
    a_pod,
    evaluated,
    outcome_of,
    the_outcome,
)
from webhook.domain.ceiling.sizing import ProfileName
from webhook.domain.evaluation.evidence import (
    GAPS,
    MEASURED,
    Evidence,
    preview,
    read_evidence,
    summary,
)
from webhook.domain.policy.profile import Headroom, Profile
from webhook.domain.policy.settings import ExplicitCeiling, NamespaceSettings, Policy, ProfileChoice

CACHE = ["--save", ""]
PERSISTENT = ["--appendonly", "yes"]
CACHE_SURVIVED = (
    "The cache profile survived every cache workload measured, on Redis 7 and Valkey 8 under "
    "limits of 32Mi to 4Gi: values of 10 B to 1 MB, hashes, lists, sets, streams, sessions, slow "
    "readers. Spot checks under cgroup v2 agree, on Redis 7 and 8 and Valkey 9 under 64Mi to 512Mi."
)
PERSISTENT_SURVIVED = (
    "The persistent profile survived snapshots and rewrites of the append-only file while values "
    "were overwritten, on Redis 7 and Valkey 8 under limits of 32Mi to 2Gi. Spot checks under "
    "cgroup v2 agree, on Redis 7 and 8 and Valkey 9 under 64Mi to 512Mi."
)
SOCKETS = next(gap for gap in GAPS if gap.words == "socket buffers under cgroup v2")
PERSISTENT_GAPS = tuple(gap for gap in GAPS if gap is not SOCKETS)
CACHE_GAPS = tuple(
    gap for gap in PERSISTENT_GAPS if gap.words != "an append-only file on a slow volume"
)
UNCOVERED = (
    "No headroom covers values whose sizes shift, one huge reply (KEYS *), replicas that stall or "
    "synchronise, Redis 6.2 with values of random sizes: docs/headroom.md."
)
UNCOVERED_OF_BOTH = (
    "No headroom covers values whose sizes shift, one huge reply (KEYS *), replicas that stall or "
    "synchronise, an append-only file on a slow volume, Redis 6.2 with values of random sizes: "
    "docs/headroom.md."
)


def with_own(maxmemory: str, args: list[str]) -> Json:
    return a_pod(a_container(args=["--maxmemory", maxmemory, *args]))


def annotated(headroom: str, args: list[str]) -> Json:
    return a_pod(a_container(args=args), annotations={"headroom": headroom})


def leaving(of_limit: Fraction) -> Policy:
    """A policy whose profiles leave another part of the limit free."""
    cache = Profile(of_limit=of_limit)
    return Policy(headroom=Headroom(cache=cache, persistent=Profile(of_limit=of_limit)))


def choosing(**settings: object) -> Policy:
    return Policy(defaults=NamespaceSettings(**settings))  # type: ignore[arg-type]


def doubt(sentence: str) -> Evidence:
    return Evidence(profile=None, sentences=(sentence,), gaps=CACHE_GAPS)


class TestTheMeasuredProfiles:
    @pytest.mark.parametrize(
        "pod",
        [
            a_pod(),  # its snapshots are turned off
            a_pod(a_container(args=CACHE)),
            with_own("400mb", CACHE),
            with_own("512mb", CACHE),  # lowered to it
            annotated("112Mi", CACHE),
        ],
    )
    def test_a_cache(self, pod: Json):
        assert read_evidence(the_outcome(pod)) == Evidence(
            profile=ProfileName.CACHE, sentences=(CACHE_SURVIVED,), gaps=CACHE_GAPS
        )

    @pytest.mark.parametrize(
        "pod",
        [
            a_pod(a_container(args=PERSISTENT)),
            a_pod(a_container(args=["/etc/redis/redis.conf"])),  # out of sight
            a_pod(annotations={"snapshots": "keep"}),
            with_own("200mb", PERSISTENT),
        ],
    )
    def test_a_persistent_server(self, pod: Json):
        assert read_evidence(the_outcome(pod)) == Evidence(
            profile=ProfileName.PERSISTENT, sentences=(PERSISTENT_SURVIVED,), gaps=PERSISTENT_GAPS
        )


class TestGaps:
    """What no headroom covers depends on what the server does, and on its limit."""

    @pytest.mark.parametrize("args", [CACHE, PERSISTENT])
    @pytest.mark.parametrize(("limit", "hurt"), [("511Mi", True), ("512Mi", False)])
    def test_sockets_only_hurt_under_small_limits(self, args: list[str], limit: str, *, hurt: bool):
        found = read_evidence(outcome_of(args=args, limit=limit))

        assert found is not None
        assert (SOCKETS in found.gaps) is hurt


class TestBelowThem:
    """Less maxmemory under the same limit is at least as safe, whoever chose it."""

    @pytest.mark.parametrize(
        ("pod", "policy", "sentence"),
        [
            (with_own("300mb", CACHE), Policy(), "Its own 300Mi"),
            (annotated("25%", CACHE), Policy(), "The annotation's 384Mi"),
            (a_pod(), leaving(Fraction(1, 4)), "The policy's 368Mi"),
            (a_pod(), choosing(profile=ProfileChoice.PERSISTENT), "The policy's 200Mi"),
        ],
    )
    def test_a_cache(self, pod: Json, policy: Policy, sentence: str):
        assert read_evidence(the_outcome(pod, policy)) == Evidence(
            profile=ProfileName.CACHE,
            sentences=(f"{sentence} is below the 400Mi of the cache profile.", CACHE_SURVIVED),
            gaps=CACHE_GAPS,
        )

    def test_a_persistent_server(self):
        assert read_evidence(the_outcome(with_own("100mb", PERSISTENT))) == Evidence(
            profile=ProfileName.PERSISTENT,
            sentences=(
                "Its own 100Mi is below the 200Mi of the persistent profile.",
                PERSISTENT_SURVIVED,
            ),
            gaps=PERSISTENT_GAPS,
        )


class TestAboveThem:
    """What nobody measured is not covered for, whoever chose it."""

    @pytest.mark.parametrize(
        ("pod", "policy", "who"),
        [
            (with_own("401mb", CACHE), Policy(), "its own 401Mi"),
            (annotated("15%", CACHE), Policy(), "the annotation's 435.1Mi"),
            (a_pod(), leaving(Fraction(1, 8)), "the policy's 432Mi"),
        ],
    )
    def test_a_cache(self, pod: Json, policy: Policy, who: str):
        assert read_evidence(the_outcome(pod, policy)) == doubt(
            f"The measurements do not cover {who} of 512Mi: the cache profile gives 400Mi."
        )

    @pytest.mark.parametrize(
        ("pod", "policy", "who"),
        [
            (with_own("201mb", PERSISTENT), Policy(), "its own 201Mi"),
            (annotated("50%", PERSISTENT), Policy(), "the annotation's 256Mi"),
            (
                a_pod(a_container(args=PERSISTENT)),
                choosing(profile=ProfileChoice.CACHE),
                "the policy's 400Mi",
            ),
        ],
    )
    def test_a_persistent_server(self, pod: Json, policy: Policy, who: str):
        assert read_evidence(the_outcome(pod, policy)) == Evidence(
            profile=None,
            sentences=(
                f"The measurements do not cover {who} of 512Mi: the persistent profile gives "
                "200Mi.",
            ),
            gaps=PERSISTENT_GAPS,
        )

    def test_volumes_in_memory_are_taken_off(self):
        volumes = [{"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}]

        def own(maxmemory: str) -> Evidence | None:
            args = ["--maxmemory", maxmemory, *CACHE]
            return read_evidence(
                outcome_of(volumes=volumes, volumeMounts=[a_mount("/v", "v")], args=args)
            )

        assert own("336mb") == Evidence(
            profile=ProfileName.CACHE, sentences=(CACHE_SURVIVED,), gaps=CACHE_GAPS
        )
        assert own("337mb") == doubt(
            "The measurements do not cover its own 337Mi of 512Mi: the cache profile gives 336Mi."
        )


class TestWhatWasNotMeasured:
    @pytest.mark.parametrize(
        ("args", "limit", "is_measured"),
        [
            (CACHE, 32 * MEBI, True),
            (CACHE, 4096 * MEBI, True),
            (CACHE, 4096 * MEBI + 1, False),
            (PERSISTENT, 32 * MEBI, True),
            (PERSISTENT, 2048 * MEBI, True),
            (PERSISTENT, 2048 * MEBI + 1, False),
        ],
    )
    def test_limits(self, args: list[str], limit: int, *, is_measured: bool):
        found = read_evidence(outcome_of(args=args, limit=limit))

        assert found is not None
        assert (found.profile is not None) == is_measured

    @pytest.mark.parametrize(
        ("args", "limit", "sentence"),
        [
            (
                ["--maxmemory", "1mb", *CACHE],
                "31Mi",
                "The cache profile was measured under limits of 32Mi to 4Gi, not of 31Mi.",
            ),
            (
                PERSISTENT,
                "3Gi",
                "The persistent profile was measured under limits of 32Mi to 2Gi, not of 3Gi.",
            ),
        ],
    )
    def test_they_are_named(self, args: list[str], limit: str, sentence: str):
        found = read_evidence(outcome_of(args=args, limit=limit))

        assert found is not None
        assert (found.profile, found.sentences) == (None, (sentence,))

    def test_servers_side_by_side(self):
        script = 'redis-server --save "" & redis-server --save "" --port 6380'

        assert read_evidence(outcome_of(command=["sh", "-c", script])) == doubt(
            "Several servers that share 512Mi were not measured."
        )

    @pytest.mark.parametrize("own", ["0", "400Mi", "500mb"])
    def test_an_unsafe_ceiling_that_the_policy_leaves(self, own: str):
        policy = choosing(explicit_ceiling=ExplicitCeiling.RESPECT)

        assert read_evidence(the_outcome(with_own(own, CACHE), policy)) == doubt(
            "No measurement covers its own ceiling, which the policy leaves as it is."
        )

    @pytest.mark.parametrize(
        "container",
        [
            a_container(limit=None),
            a_container(limit="16Mi"),
            a_container(image="app"),
            a_container(image="redislabs/redismod"),
        ],
    )
    def test_without_a_ceiling_there_is_nothing_to_say(self, container: Json):
        assert read_evidence(the_outcome(a_pod(container))) is None


class TestFootnote:
    """For several servers each thing is said once."""

    def test_no_server(self):
        assert summary(evaluated(a_pod(a_container(image="app"))).outcomes) == ()

    def test_one_profile(self):
        pod = a_pod(a_container(name="a"), a_container(name="b"))

        assert summary(evaluated(pod).outcomes) == (CACHE_SURVIVED, UNCOVERED)

    @pytest.mark.parametrize("reverse", [False, True])
    def test_both_in_their_order(self, *, reverse: bool):
        containers = [a_container(name="a"), a_container(name="b", args=PERSISTENT)]
        pod = a_pod(*(containers[::-1] if reverse else containers))

        assert summary(evaluated(pod).outcomes) == (
            CACHE_SURVIVED,
            PERSISTENT_SURVIVED,
            UNCOVERED_OF_BOTH,
        )

    def test_doubts_are_counted(self):
        containers = [
            a_container(name="a", args=["--maxmemory", "420mb", *CACHE]),
            a_container(name="b", args=["--maxmemory", "430mb", *CACHE]),
            a_container(name="c"),
        ]

        assert summary(evaluated(a_pod(*containers)).outcomes) == (
            CACHE_SURVIVED,
            "The measurements do not cover 2 of 3 ceilings; `redis-memory-guard explain` says why.",
            UNCOVERED,
        )

    def test_a_doubt_alone(self):
        assert summary([the_outcome(with_own("420mb", CACHE))]) == (
            "The measurements do not cover 1 of 1 ceiling; `redis-memory-guard explain` says why.",
            UNCOVERED,
        )


class TestOutlook:
    """What a refused server would survive under the limit that its remedy names."""

    def test_alike_servers_are_told_once(self):
        pod = a_pod(a_container(name="a", limit=None), a_container(name="b", limit=None))

        assert preview(evaluated(pod).denied) == (CACHE_SURVIVED, UNCOVERED)

    def test_a_doubt_is_told_with_its_values(self):
        pod = a_pod(a_container(limit=None, args=["--maxmemory", "420mb", *CACHE]))

        assert preview(evaluated(pod).denied) == (
            "The measurements do not cover its own 420Mi of 512Mi: the cache profile gives 400Mi.",
            UNCOVERED,
        )

    @pytest.mark.parametrize(
        "container", [a_container(), a_container(limit=None, image="redislabs/redismod")]
    )
    def test_nothing_where_a_limit_would_give_no_ceiling_or_is_there(self, container: Json):
        assert preview(evaluated(a_pod(container)).outcomes) == ()


@pytest.mark.parametrize("profile", MEASURED)
def test_the_sentence_names_the_limits_that_count(profile: ProfileName):
    gibibytes = MEASURED[profile].most // (1024 * MEBI)

    assert MEASURED[profile].least == 32 * MEBI
    assert f"under limits of 32Mi to {gibibytes}Gi" in MEASURED[profile].survived
