"""What `check`, `explain` and the denial say of cgroup v2, held to the committed measurements."""

from pathlib import Path

import pytest

from benchmarks.headroom.cases import Guard
from benchmarks.headroom.fates import Fate
from benchmarks.headroom.lines import read_lines
from benchmarks.headroom.v2 import results as measured
from benchmarks.headroom.v2.cases import Case, full_matrix, is_covered
from benchmarks.headroom.v2.results import Result
from benchmarks.headroom.v2.workloads import FORKING, ORDINARY, REPLICAS, SOCKETS
from tests.harness.cache import REPOSITORY
from webhook.domain.ceiling.sizing import ProfileName
from webhook.domain.evaluation.build_outcome import SUGGESTED_LIMIT
from webhook.domain.evaluation.evidence import GAPS, MEASURED, read_evidence
from webhook.domain.policy.settings import Policy
from webhook.trials.pods import guard

MIB = 2**20
RESULTS = read_lines(Path(measured.__file__).with_name("results.csv"), Result)
PAGE = (REPOSITORY / "docs/headroom.md").read_text()
INJECTED = [each for each in RESULTS if each.guard == Guard.INJECTED and not each.small_buffers]
DIED = [each for each in INJECTED if each.fate != Fate.SURVIVED]
SOCKET_BUFFERS = "socket buffers under cgroup v2"
REPLICATION = "replicas that stall or synchronise"


def told_gaps(case: Case) -> set[str]:
    """What `explain` names to the owner of such a server."""
    evidence = read_evidence(guard(case.pod, Policy()).outcome)
    assert evidence is not None
    return {gap.words for gap in evidence.gaps}


def test_the_whole_matrix_was_run():
    cases = set(full_matrix(1))

    assert cases <= {each.case for each in RESULTS}
    assert f"The matrix has {len(cases)} cases, all of which were run." in PAGE


@pytest.mark.parametrize("result", DIED, ids=lambda result: result.sentence)
def test_every_death_beneath_a_ceiling_is_of_a_gap_that_its_owner_is_told_of(result: Result):
    expected = REPLICATION if result.workload in REPLICAS else SOCKET_BUFFERS

    assert result.workload in {**REPLICAS, **SOCKETS}
    assert expected in told_gaps(result.case)


def test_nothing_died_that_the_rule_vouches_for():
    assert [each for each in DIED if is_covered(each.case)] == []


def test_nothing_died_for_its_sockets_under_the_limit_that_a_denial_suggests():
    roomy = [each for each in INJECTED if each.limit == SUGGESTED_LIMIT]

    assert {each.fate for each in roomy} == {Fate.SURVIVED}
    assert {each.workload for each in roomy} >= {"many-10k", "many-100k", "many-1m"}
    assert SOCKET_BUFFERS not in told_gaps(roomy[0].case)


def test_the_sockets_held_no_more_than_is_said():
    (gap,) = (gap for gap in GAPS if gap.words == SOCKET_BUFFERS)

    assert "up to 80Mi" in gap.because
    assert 60 * MIB < max(each.sock for each in INJECTED) <= 80 * MIB


@pytest.mark.parametrize(
    ("profile", "workloads"),
    [(ProfileName.CACHE, ORDINARY), (ProfileName.PERSISTENT, FORKING)],
)
def test_the_servers_and_limits_that_are_named_were_measured(
    profile: ProfileName, workloads: dict[str, object]
):
    lived = [each for each in INJECTED if each.workload in workloads and each.fate == Fate.SURVIVED]

    assert "on Redis 7 and 8 and Valkey 9 under 64Mi to 512Mi" in MEASURED[profile].survived
    assert {each.server for each in lived} >= {"redis-7.0", "redis-8.2", "valkey-9.1"}
    assert {each.limit for each in lived} >= {64 * MIB, 512 * MIB}
