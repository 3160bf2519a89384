"""A spread of the headroom matrix: what is injected survives, what is not does not."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.headroom.cases import MEBIBYTE, Case, Guard, quick_matrix
from benchmarks.headroom.fates import Fate
from benchmarks.headroom.lines import read_lines
from benchmarks.headroom.results import Result
from tests.harness.cache import REPOSITORY
from tests.harness.cluster import Cluster
from tests.harness.command import run

pytestmark = [pytest.mark.cluster, pytest.mark.plateau]

_SECONDS = 900


@pytest.fixture(scope="session")
def results(
    cluster: Cluster,
    redis_image: str,
    valkey_image: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Sequence[Result]:
    """The results of `python -m benchmarks.headroom --quick`."""
    path: Path = tmp_path_factory.mktemp("headroom") / "results.csv"
    tool = (sys.executable, "-m", "benchmarks.headroom", "--quick", "--results", str(path))
    run(
        *(*cluster.enter, *tool),
        environment=cluster.environment,
        directory=REPOSITORY,
        timeout=_SECONDS,
    )
    return read_lines(path, Result)


def of(results: Sequence[Result], guard: Guard) -> dict[Case, str]:
    return {each.case: each.fate for each in results if each.guard == guard}


def cases(guard: Guard) -> list[Case]:
    return [case for case in quick_matrix() if case.guard is guard]


def test_without_a_ceiling_every_server_is_oom_killed(results: Sequence[Result]) -> None:
    assert of(results, Guard.NONE) == dict.fromkeys(cases(Guard.NONE), Fate.OOM_KILLED)


def test_with_what_is_injected_every_server_survives(results: Sequence[Result]) -> None:
    assert of(results, Guard.INJECTED) == dict.fromkeys(cases(Guard.INJECTED), Fate.SURVIVED)


def test_the_injected_ceilings_are_those_of_the_profiles(results: Sequence[Result]) -> None:
    ceilings = {
        (each.limit // MEBIBYTE, each.workload): each.maxmemory // MEBIBYTE
        for each in results
        if each.guard == Guard.INJECTED
    }

    assert ceilings == {
        (64, "set-1k"): 36,
        (128, "random-size"): 88,
        (256, "sessions"): 192,
        (512, "default-snapshots"): 400,
        (128, "bgsave"): 44,
        (256, "aof-rewrite"): 96,
    }


def test_the_persistent_ones_have_forked_again_and_again(results: Sequence[Result]) -> None:
    forks = {each.workload: each.forks for each in results if each.guard == Guard.INJECTED}

    assert forks["bgsave"] >= 5
    assert forks["aof-rewrite"] >= 5
    # The default snapshots are what is turned off: no volume could bring them back.
    assert forks["default-snapshots"] == 0


def test_400_of_512_with_snapshots_dies_at_the_first_one(results: Sequence[Result]) -> None:
    (dead,) = (each for each in results if each.guard == Guard.CACHE)

    assert (dead.maxmemory, dead.limit) == (400 * MEBIBYTE, 512 * MEBIBYTE)
    assert dead.fate == Fate.OOM_KILLED
    # It is due after a minute, and counted as it begins: seen, unless the kill came before a look.
    assert 55 <= dead.lived <= 80
    assert dead.forks <= 1
