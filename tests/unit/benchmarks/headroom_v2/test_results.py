"""The matrix on cgroup v2: its cases, its file, its table, what has to come out."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.headroom.cases import Guard
from benchmarks.headroom.fates import Fate
from benchmarks.headroom.lines import append_lines, read_lines
from benchmarks.headroom.v2.__main__ import headroom
from benchmarks.headroom.v2.cases import Case, full_matrix, is_covered, quick_matrix
from benchmarks.headroom.v2.expectations import closing_line, compare
from benchmarks.headroom.v2.guest.case import Report
from benchmarks.headroom.v2.results import Result, make_result
from benchmarks.headroom.v2.table import markdown
from benchmarks.headroom.v2.workloads import WORKLOADS

MIB = 2**20
CASE = Case(server="redis-7.0", limit=512 * MIB, workload="many-100k", guard=Guard.INJECTED)
LIVED = Report(
    name="0",
    release="6.1.0",
    ended=False,
    stalled=False,
    oom_kills=0,
    seconds=60,
    written=900 * MIB,
    peak=480 * MIB,
    need=466 * MIB,
    anon=430 * MIB,
    sock=60 * MIB,
    kernel=2 * MIB,
    file=10 * MIB,
    forks=0,
    refused=0,
    server="Redis 7.0.15",
    maxmemory=400 * MIB,
    eviction_policy="allkeys-lru",
    evictions=3006,
)
KILLED = replace(LIVED, ended=True, oom_kills=1, server="", maxmemory=0, evictions=0)


def result(report: Report = LIVED, case: Case = CASE) -> Result:
    return make_result(case, report, today=date(2026, 1, 31))


@pytest.mark.parametrize(
    ("report", "fate"),
    [
        (LIVED, Fate.SURVIVED),
        (replace(LIVED, evictions=0), Fate.NOT_FILLED),
        (replace(LIVED, fork_failed=True), Fate.FORK_FAILED),
        (replace(LIVED, stalled=True), Fate.STALLED),
        (replace(LIVED, ended=True), Fate.ENDED),
        (KILLED, Fate.OOM_KILLED),
    ],
)
def test_the_fates(report: Report, fate: Fate):
    assert result(report).fate == fate


def test_what_a_killed_server_was_given_is_known_all_the_same():
    assert result(KILLED).maxmemory == 400 * MIB


@pytest.mark.parametrize(
    ("guard", "options"),
    [
        (Guard.NONE, ()),
        (
            Guard.INJECTED,
            ("--maxmemory", "419430400", "--maxmemory-policy", "allkeys-lru", "--save", ""),
        ),
    ],
)
def test_the_options_are_what_the_webhook_makes_of_the_image(
    guard: Guard, options: tuple[str, ...]
):
    assert replace(CASE, guard=guard).options == options


def test_the_users_own_options_come_first():
    case = replace(CASE, workload="aof-rewrite")

    assert case.options[:4] == ("--appendonly", "yes", "--save", "")
    assert case.maxmemory == 200 * MIB


def test_every_case_of_the_matrices_is_another():
    for matrix in (list(full_matrix(2)), list(quick_matrix())):
        assert len(set(matrix)) == len(matrix)


def test_every_workload_is_measured():
    assert {case.workload for case in full_matrix(1)} == set(WORKLOADS)


def test_something_has_to_come_out_of_every_case_of_the_spread():
    cases = list(quick_matrix())

    results = [result(case=case) for case in cases]

    assert [each.result.case for each in compare(results)] == cases


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, True),
        ({"limit": 256 * MIB}, False),
        ({"limit": 64 * MIB, "workload": "random-size"}, True),
        ({"server": "redis-6.2", "workload": "random-size"}, False),
        ({"workload": "replica"}, False),
        ({"workload": "bgsave"}, True),
        ({"workload": "bgsave", "guard": Guard.CACHE}, False),
    ],
)
def test_what_the_rule_covers(changes: dict[str, object], covered: bool):
    assert is_covered(replace(CASE, **changes)) is covered  # type: ignore[arg-type]


def test_the_baseline_has_to_die_and_what_is_covered_to_live():
    baseline = replace(CASE, workload="set-1k", guard=Guard.NONE)
    small = replace(CASE, limit=64 * MIB)
    results = [
        result(),
        result(KILLED),
        result(KILLED, baseline),
        result(replace(LIVED, stalled=True), baseline),
        result(LIVED, baseline),
        result(KILLED, small),
    ]

    comparisons = list(compare(results))

    assert [each.passed for each in comparisons] == [True, False, True, True, False]
    assert closing_line(comparisons) == "3 passed, 2 failed"
    assert comparisons[1].sentence == (
        "FAILED redis-7.0 512Mi many-100k injected: OOM-killed after 60 s, needed 466Mi, of it "
        "sockets 60Mi"
    )


def test_the_file_gives_back_what_was_added_to_it(tmp_path: Path):
    path = tmp_path / "results.csv"
    small = result(KILLED, replace(CASE, small_buffers=True))

    append_lines(path, [result()])
    append_lines(path, [small])

    assert read_lines(path, Result) == (result(), small)
    assert read_lines(path, Result)[1].case == replace(CASE, small_buffers=True)


def test_the_table_shows_the_worst_of_the_repetitions():
    again = replace(CASE, repetition=2)
    small = replace(CASE, limit=64 * MIB, small_buffers=True)

    table = markdown([result(), result(KILLED, again), result(LIVED, small)])

    summary = "SET of 100 KB, 200 clients, 4 deep"
    assert table.splitlines() == [
        "| server | cgroup | options | workload | 64Mi | 512Mi |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| Redis 7.0.15 | v2 | injected | {summary} |  | 400: **OOM-killed** 1 of 2, 466 (60) |",
        f"| Redis 7.0.15 | v2 | injected, small buffers | {summary} | 400: 466 (60) |  |",
        "",
        "3 runs, OOM kills: 1; Redis 7.0.15; Linux 6.1.0; 2026-01-31.",
    ]


@pytest.mark.parametrize(
    ("halfway", "after", "told"),
    [
        ("", "", ""),
        ("online", "online", ", replica online"),
        ("online", "absent", ", replica online, then absent"),
        ("send_bulk", "unknown", ", replica send_bulk"),
        ("", "unknown", ", replica unknown"),
    ],
)
def test_the_table_says_how_far_a_replica_was(halfway: str, after: str, told: str):
    report = replace(LIVED, replica_halfway=halfway, replica_after=after)

    assert f"| 400: 466 (60){told} |" in markdown([result(report)])


@pytest.mark.parametrize(("report", "code"), [(LIVED, 0), (KILLED, 1)])
def test_the_table_alone_needs_no_machine(tmp_path: Path, report: Report, code: int):
    path = tmp_path / "results.csv"
    append_lines(path, [result(report)])

    shown = CliRunner().invoke(headroom, ["--table-only", "--results", str(path)])

    assert shown.exit_code == code, shown.output
    assert shown.stdout.startswith(markdown(read_lines(path, Result)))
    assert shown.stdout.endswith("1 passed, 0 failed\n" if code == 0 else "0 passed, 1 failed\n")
