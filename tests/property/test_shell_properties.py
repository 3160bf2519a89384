"""The scanner against real shells: what it finds, and what an edit at its offsets does."""

import shlex
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from tests.property.shell_programs import SOUP, programs
from tests.property.shell_recorder import SHELLS, install_recorder, needs_shells, recorded
from webhook.domain.shell import SimpleCommand, Unscannable, scan

real_shells = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# The last one would be taken for a file descriptor if it came to stand before ">".
EXTRA = ("--maxmemory", "42")


@pytest.fixture(scope="module")
def bin_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("bin")
    install_recorder(directory, "record")
    return directory


def recorders(text: str) -> list[SimpleCommand]:
    return [
        command for command in scan(text) if any(word.value == "record" for word in command.words)
    ]


def extended(text: str) -> str:
    for command in reversed(recorders(text)):
        text = f"{text[: command.end]} {' '.join(EXTRA)}{text[command.end :]}"
    return text


def known_calls(text: str) -> dict[str, tuple[str, ...]]:
    """By number, the arguments of each ``record`` all of whose words have a value."""
    calls = {}
    for command in recorders(text):
        values = [word.value for word in command.words]
        arguments = values[values.index("record") + 1 :]
        if None not in arguments:
            calls[str(arguments[0])] = tuple(str(value) for value in arguments)
    return calls


def check_with_real_shells(text: str, shells: tuple[str, ...], directory: Path) -> None:
    for shell in shells:
        before = recorded(shell, text, directory)

        after = recorded(shell, extended(text), directory)

        assert after == Counter({(*call, *EXTRA): count for call, count in before.items()})
        known = known_calls(text)
        assert {call for call in before if known.get(call[0], call) != call} == set()


@needs_shells
@real_shells
@given(text=programs(bash=False))
def test_words_added_at_end_reach_exactly_their_command(text: str, bin_directory: Path) -> None:
    check_with_real_shells(text, SHELLS, bin_directory)


@needs_shells
@real_shells
@given(text=programs(bash=True))
def test_words_added_in_bash_reach_exactly_their_command(text: str, bin_directory: Path) -> None:
    check_with_real_shells(text, ("bash",), bin_directory)


def accepts(shell: str, text: str) -> bool:
    """Whether the shell takes the text for well formed; it runs nothing of it."""
    checked = subprocess.run(
        [shell, "-n", "-c", text], check=False, stdin=subprocess.DEVNULL, capture_output=True
    )
    return checked.returncode == 0


@needs_shells
@settings(real_shells, max_examples=100)
@given(text=SOUP)
def test_an_edit_never_makes_a_text_malformed(text: str) -> None:
    try:
        commands = scan(text)
    except Unscannable:
        reject()
    shells = [shell for shell in SHELLS if accepts(shell, text)]
    for command in reversed(commands):
        text = f"{text[: command.end]} {' '.join(EXTRA)}{text[command.end :]}"

    assert [shell for shell in shells if not accepts(shell, text)] == []


@given(text=st.one_of(SOUP, st.text(), st.text(alphabet="ab \n\t'\"\\$`(){}[]<>&|;#!=*~0\0\ue000")))
def test_offsets_are_those_of_the_text(text: str) -> None:
    try:
        commands = scan(text)
    except Unscannable:
        return

    words = [word for command in commands for word in (*command.assignments, *command.words)]
    assert [text[word.start : word.end] for word in words] == [word.raw for word in words]
    offsets = [offset for word in words for offset in (word.start, word.end)]
    assert offsets == sorted(offsets)
    assert all(0 <= offset <= len(text) for offset in offsets)
    for command in commands:
        assert max(word.end for word in (*command.assignments, *command.words)) <= command.end
        assert command.end <= len(text)


@given(text=st.text(alphabet="xy '\"\\=./-,:"))
def test_values_are_those_of_shlex(text: str) -> None:
    try:
        expected = shlex.split(text)
    except ValueError:
        with pytest.raises(Unscannable):
            scan(text)
        return

    values = [
        word.value for command in scan(text) for word in (*command.assignments, *command.words)
    ]
    assert values == expected


@given(words=st.lists(st.text(alphabet=st.characters(exclude_characters="\0\ue000")), min_size=1))
def test_quoted_words_come_back(words: list[str]) -> None:
    text = f"echo {shlex.join(words)}"

    (command,) = scan(text)

    assert [word.value for word in command.words] == ["echo", *words]
