"""The headroom matrix's file and table."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.headroom.__main__ import headroom
from benchmarks.headroom.cases import Case, Guard, full_matrix, quick_matrix
from benchmarks.headroom.fates import Fate
from benchmarks.headroom.lines import append_lines, read_lines
from benchmarks.headroom.results import Result, make_result
from benchmarks.headroom.table import markdown
from tests.unit.trials.histories import killed, lived, pod, terminated
from webhook.trials.history import History, with_status

TODAY = date(2026, 1, 31)
CASE = Case(image="redis:7", limit=512, workload="bgsave", guard=Guard.INJECTED)


def result(history: History, case: Case = CASE) -> Result:
    return make_result(case, history, today=TODAY)


def test_a_result_is_the_history_in_short():
    assert result(lived()) == Result(
        day="2026-01-31",
        image="redis:7",
        server="Redis 7.0.15",
        cgroup=2,
        kernel="6.18",
        limit=512,
        workload="bgsave",
        guard="injected",
        repetition=1,
        maxmemory=400,
        eviction_policy="allkeys-lru",
        fate="survived",
        peak=450,
        lived=1,
        evictions=50,
        refused=0,
        forks=0,
    )


@pytest.mark.parametrize(
    ("history", "fate"),
    [
        (lived(), Fate.SURVIVED),
        (lived(evicted=0, refused=1), Fate.SURVIVED),
        (lived(evicted=0), Fate.NOT_FILLED),
        (killed(), Fate.OOM_KILLED),
        (with_status(lived(), pod(restarts=1, last=terminated(reason="Error"))), Fate.ENDED),
    ],
)
def test_the_fates(history: History, fate: Fate):
    assert result(history).fate == fate


def test_a_server_that_never_answered_has_no_result():
    with pytest.raises(ValueError, match="no sample"):
        result(History(limit=512))


def test_the_file_gives_back_what_was_added_to_it(tmp_path: Path):
    path = tmp_path / "results.csv"
    first, second = result(lived()), result(killed())

    append_lines(path, [first])
    append_lines(path, [second])

    assert read_lines(path, Result) == (first, second)
    assert read_lines(path, Result)[0].case == CASE


def test_without_a_file_there_are_no_results(tmp_path: Path):
    assert read_lines(tmp_path / "none.csv", Result) == ()


def test_every_case_of_the_matrices_is_another():
    full = list(full_matrix(("a", "b"), (1, 2), 2))
    quick = list(quick_matrix())

    assert len(set(full)) == len(full) == 2 * 2 * 2 * 11
    assert len(set(quick)) == len(quick)


def test_the_table_shows_the_worst_of_the_repetitions():
    mebibytes = 2**20
    roomy = Case(image="redis:7", limit=512 * mebibytes, workload="bgsave", guard=Guard.INJECTED)
    again = Case(
        image="redis:7",
        limit=512 * mebibytes,
        workload="bgsave",
        guard=Guard.INJECTED,
        repetition=2,
    )
    history = lived(memory=300 * mebibytes)

    table = markdown([result(history, roomy), result(killed(), again), result(lived())])

    summary = "save points on a volume, BGSAVE back to back, 1 KB overwritten at random"
    assert table.splitlines() == [
        "| server | cgroup | options | workload | 512 | 512Mi |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| Redis 7.0.15 | v2 | injected | {summary} | 0: 0 | 0: **OOM-killed** 1 of 2, 0 s |",
        "",
        "3 runs, OOM kills: 1; Redis 7.0.15; Linux 6.18; 2026-01-31.",
    ]


def test_the_table_alone_needs_no_cluster(tmp_path: Path):
    path = tmp_path / "results.csv"
    append_lines(path, [result(lived())])
    arguments = ["--table-only", "--results", str(path), "--guard", "injected", "--limit", "64Mi"]

    shown = CliRunner().invoke(headroom, arguments)

    assert shown.exit_code == 0, shown.output
    assert shown.stdout == f"{markdown(read_lines(path, Result))}\n"
