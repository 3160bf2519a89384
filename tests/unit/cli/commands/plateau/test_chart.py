"""The picture, and what is said where it cannot be drawn."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.unit.trials.histories import killed, lived
from tests.unit.trials.loader_log import node, sample
from webhook.cli.commands.group import commands
from webhook.cli.commands.plateau.chart import draw
from webhook.cli.commands.plateau.verdict import Trials
from webhook.trials.history import History, with_log


def text_of(svg: Path) -> str:
    """The comments that matplotlib leaves where it draws letters as paths."""
    lines = svg.read_text().splitlines()
    return "\n".join(line.strip() for line in lines if line.strip().startswith("<!--"))


def test_both_pictures_show_the_kills_and_the_evictions(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="pip install 'redis-memory-guard[plot]'")

    png, svg = draw(Trials(guarded=lived(), unguarded=killed(2)), tmp_path, subject="redis:7")

    assert png.read_bytes().startswith(b"\x89PNG\r\n")
    said = text_of(svg)
    assert said.count("<!-- OOM kill -->") == 2
    assert "<!-- redis:7 -->" in said
    assert "<!-- guarded, maxmemory 400: 50 evictions -->" in said
    assert "<!-- without a ceiling: OOM-killed 2 times -->" in said


def test_a_ceiling_that_was_set_on_the_way_is_marked(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="pip install 'redis-memory-guard[plot]'")
    lines = (node(), sample(1, at=0, maxmemory=0), sample(2, at=100, maxmemory=400))
    given = with_log(History(limit=512), lines)

    png, svg = draw(Trials(guarded=given, unguarded=None), tmp_path, subject="", name="apply")

    assert (png.name, svg.name) == ("apply.png", "apply.svg")
    assert "<!-- maxmemory 400 -->" in text_of(svg)


def test_the_same_trials_give_the_same_file(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="pip install 'redis-memory-guard[plot]'")
    trials = Trials(guarded=lived(), unguarded=None)

    _, svg = draw(trials, tmp_path, subject="redis:7")
    first = svg.read_bytes()
    draw(trials, tmp_path, subject="redis:7")

    assert svg.read_bytes() == first


def test_without_the_plotting_library_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    result = CliRunner().invoke(commands, ["plateau", "--output", str(tmp_path / "out")])

    assert result.exit_code == 2
    assert result.stderr == (
        "Error: a chart needs matplotlib: pip install 'redis-memory-guard[plot]'\n"
    )
    assert not (tmp_path / "out").exists()
