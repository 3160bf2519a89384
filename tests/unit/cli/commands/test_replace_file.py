from pathlib import Path

import pytest

from webhook.cli.commands.replace_file import replace_file


def test_a_file_that_cannot_be_replaced_stays_whole(tmp_path: Path):
    directory = tmp_path / "sub"
    directory.mkdir()
    target = directory / "a.yaml"
    target.mkdir()

    with pytest.raises(OSError, match="directory"):
        replace_file(target, b"new")

    assert list(directory.iterdir()) == [target]


def test_a_name_as_long_as_a_file_system_takes_is_replaced(tmp_path: Path):
    target = tmp_path / ("a" * 250 + ".yaml")
    target.write_bytes(b"old")

    replace_file(target, b"new")

    assert [(path, path.read_bytes()) for path in tmp_path.iterdir()] == [(target, b"new")]


def test_an_absent_file_is_not_made(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "absent", b"new")

    assert list(tmp_path.iterdir()) == []
