from pathlib import Path

import pytest

from webhook.cli.replace_file import replace_file


def test_a_file_that_cannot_be_replaced_stays_whole(tmp_path: Path):
    directory = tmp_path / "sub"
    directory.mkdir()
    target = directory / "a.yaml"
    target.mkdir()

    with pytest.raises(OSError, match="directory"):
        replace_file(target, b"new")

    assert list(directory.iterdir()) == [target]


def test_an_absent_file_is_not_made(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "absent", b"new")

    assert list(tmp_path.iterdir()) == []
