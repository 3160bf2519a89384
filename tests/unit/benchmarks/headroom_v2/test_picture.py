"""The plateau under cgroup v2, out of two reports."""

from dataclasses import replace
from pathlib import Path

from benchmarks.headroom.cases import Guard
from benchmarks.headroom.v2.picture import draw_plateau, history_of
from tests.unit.benchmarks.headroom_v2.test_results import CASE, KILLED, LIVED, MIB, result
from webhook.cli.commands.plateau.curve import Point, down_times, pieces


def test_a_killed_servers_curve_ends_at_its_limit():
    freed = replace(KILLED, curve=((0.0, 2 * MIB), (12.1, 500 * MIB), (13.2, 20 * MIB), (14.3, 0)))

    drawn = history_of(result(freed, replace(CASE, guard=Guard.NONE)), freed, 60.0)

    assert pieces(drawn) == (
        (
            Point(at=0.0, memory=2 * MIB),
            Point(at=12.1, memory=500 * MIB),
            Point(at=13.0, memory=512 * MIB),
        ),
    )
    assert down_times(drawn) == ((13.0, 60.0),)


def test_the_picture_shows_both_to_the_end_of_the_longer_one(tmp_path: Path):
    lived = replace(LIVED, curve=((0.0, 2 * MIB), (30.0, 410 * MIB), (60.0, 414 * MIB)))
    killed = replace(KILLED, curve=((0.0, 2 * MIB), (12.0, 500 * MIB), (13.0, MIB)))
    unguarded = replace(CASE, guard=Guard.NONE)

    draw_plateau((result(lived), lived), (result(killed, unguarded), killed), tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["plateau-v2.png", "plateau-v2.svg"]
    svg = (tmp_path / "plateau-v2.svg").read_text()
    for text in (
        "Redis 7.0.15 under 512Mi, cgroup v2",
        "guarded, maxmemory 400Mi: 3,006 evictions",
        "without a ceiling: OOM-killed 1 time",
    ):
        assert f"<!-- {text} -->" in svg
