"""Floors out of a mounted file, which may be missing, broken or old."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from webhook.domain.policy.floors import ServerName
from webhook.floors.record import Held
from webhook.floors.text import encode_record
from webhook.server.floors import MountedFloors

NOW = datetime(2026, 3, 4, 3, 30, tzinfo=UTC)
SERVER = ServerName(namespace="shop", kind="StatefulSet", name="orders", container="redis")


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")


def write(path: Path, text: str) -> None:
    """Put another file in its place, as the kubelet does."""
    new = path.with_name("new")
    new.write_text(text)
    new.replace(path)


def record(most: int) -> str:
    return encode_record({SERVER: Held(seen=NOW, days={NOW.date(): most})})


def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    floors = MountedFloors(path)
    seen = []
    for text in (record(300), record(400), encode_record({})):
        write(path, text)
        floors.look(NOW)
        seen.append(floors.current)

    assert seen == [{SERVER: 300}, {SERVER: 400}, {}]


def test_one_that_is_not_there_is_no_problem(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "floors.json"
    floors = MountedFloors(path)
    floors.look(NOW)
    assert (floors.current, caplog.messages) == ({}, [])

    write(path, record(300))
    floors.look(NOW)
    assert floors.current == {SERVER: 300}

    path.unlink()
    floors.look(NOW)
    assert (floors.current, caplog.messages) == ({}, ["floors loaded"])


def test_one_that_is_broken_floors_nothing_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "floors.json"
    floors = MountedFloors(path)
    write(path, record(300))
    floors.look(NOW)
    write(path, "{")

    floors.look(NOW)
    floors.look(NOW)

    assert floors.current == {}
    assert caplog.messages == ["floors loaded", "floors not usable"]


def test_one_that_cannot_be_read_floors_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    floors = MountedFloors(tmp_path)

    floors.look(NOW)

    assert (floors.current, caplog.messages) == ({}, ["floors not usable"])


def test_what_is_old_ceases_to_count_without_a_change(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    floors = MountedFloors(path)
    write(path, record(300))

    floors.look(NOW)
    assert floors.current == {SERVER: 300}
    floors.look(NOW + timedelta(hours=49))
    assert floors.current == {}


def test_without_a_file_there_are_none() -> None:
    floors = MountedFloors(None)

    floors.look(NOW)

    assert floors.current == {}
