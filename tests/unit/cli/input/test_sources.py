import io
import sys
from pathlib import Path

import pytest

from webhook.cli.input.sources import InputProblem, Source, read_sources


def names(*given: str) -> list[str]:
    return [
        str(item) if isinstance(item, InputProblem) else item.name for item in read_sources(given)
    ]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.yaml", "a.yml", "sub/c.json", "sub/.git/d.yaml", "sub/readme.md", "z.yaml.bak"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "tree"


def test_a_directory_is_read_recursively_sorted_and_without_hidden_directories(tree: Path):
    assert names("tree") == ["tree/a.yml", "tree/b.yaml", "tree/sub/c.json"]


def test_a_file_is_read_whatever_its_name_and_once(tree: Path):
    assert names("tree/z.yaml.bak", "tree/b.yaml", "tree/./b.yaml", "tree/sub") == [
        "tree/z.yaml.bak",
        "tree/b.yaml",
        "tree/sub/c.json",
    ]


def test_what_cannot_be_read_is_named(tree: Path):
    (tree / "empty").mkdir()
    (tree / "latin.yaml").write_bytes(b"a: 1\nb: \xe9\n")

    read = names("absent.yaml", "tree/empty", "tree/latin.yaml")

    assert read == [
        "absent.yaml: cannot be read: No such file or directory",
        "tree/empty: holds no file named *.yaml, *.yml, *.json",
        "tree/latin.yaml: line 2: is not UTF-8",
    ]


def test_standard_input_is_a_source(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfa: 1\n")))

    (source,) = read_sources(["-"])

    assert source == Source(name="-", path=None, text="a: 1\n", has_mark=True)
