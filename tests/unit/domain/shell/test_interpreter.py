import subprocess

import pytest

from webhook.domain.shell.interpreter import ShellCommandText, ShellScript, read_interpreter


@pytest.mark.parametrize(
    ("argv", "index"),
    [
        (["sh", "-c", "TEXT"], 2),
        (["/bin/bash", "-ec", "TEXT", "a", "b"], 2),
        (["dash", "-ce", "TEXT"], 2),
        (["ash", "-lc", "TEXT"], 2),
        (["ksh", "-e", "-c", "TEXT"], 3),
        (["zsh", "-e", "+x", "-c", "TEXT"], 4),
        (["bash", "-euxo", "pipefail", "-c", "TEXT"], 4),
        (["bash", "-euxo", "pipefail", "-O", "extglob", "-c", "TEXT"], 6),
        (["bash", "-o", "errexit", "-c", "TEXT"], 4),
        (["bash", "-ceuo", "pipefail", "TEXT"], 3),
        (["bash", "+o", "errexit", "-c", "TEXT"], 4),
        (["bash", "--login", "-c", "TEXT"], 3),
        (["bash", "--norc", "--rcfile", "f", "-c", "TEXT"], 5),
        (["sh", "-c", "-e", "TEXT"], 3),
        (["sh", "-c", "--", "TEXT"], 3),
        (["sh", "-c", "-", "TEXT"], 3),
        (["busybox", "sh", "-c", "TEXT"], 3),
        (["/bin/busybox", "ash", "-ec", "TEXT"], 3),
        (["sh", "-c", None], 2),
    ],
)
def test_shell_text(argv: list[str | None], index: int) -> None:
    assert read_interpreter(argv) == ShellCommandText(index=index, positional_from=index + 1)


@pytest.mark.parametrize(
    ("argv", "index"),
    [
        (["sh", "/x.sh"], 1),
        (["sh", "-e", "/x.sh", "a", "-c", "b"], 2),
        (["bash", "-o", "pipefail", "/x.sh"], 3),
        (["bash", "--", "-c"], 2),
        (["sh", "-", "/x.sh"], 2),
        (["bash", "--posix", "+e", "/x.sh"], 3),
        (["busybox", "sh", "/x.sh"], 2),
        (["sh", None, "a"], 1),
    ],
)
def test_shell_script(argv: list[str | None], index: int) -> None:
    assert read_interpreter(argv) == ShellScript(index=index)


@pytest.mark.parametrize(
    "argv",
    [
        [],
        [None],
        [None, "-c", "TEXT"],
        ["redis-server", "-c", "TEXT"],
        ["sh"],
        ["sh", "-c"],
        ["sh", "-c", "--"],
        ["sh", "-e"],
        ["bash", "-o"],
        ["bash", "-co", "pipefail"],
        ["bash", "--rcfile", "f"],
        ["sh", "-s", "a"],
        ["sh", "-n", "/x.sh"],
        ["sh", "-cs", "TEXT"],
        ["sh", "+c", "TEXT"],
        ["sh", "+", "/x.sh"],
        ["bash", "--version"],
        ["busybox"],
        ["busybox", "ls", "-c", "TEXT"],
        ["busybox", None, "-c", "TEXT"],
    ],
)
def test_neither(argv: list[str | None]) -> None:
    assert read_interpreter(argv) is None


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize(
    "options",
    [
        ["-c"],
        ["-ec"],
        ["-e", "-c"],
        ["-c", "-e"],
        ["-c", "--"],
        ["-c", "-"],
        ["-eo", "noglob", "-c"],
        ["+e", "-c"],
        ["+o", "errexit", "-c"],
        ["-co", "noglob"],
        ["-lc"],
    ],
)
def test_index_is_where_a_real_shell_finds_its_text(shell: str, options: list[str]) -> None:
    argv = [shell, *options, 'printf %s,%s "$0" "$1"', "zero", "one"]

    read = read_interpreter(argv)

    assert read == ShellCommandText(index=len(options) + 1, positional_from=len(options) + 2)
    shown = subprocess.run(
        argv, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )
    assert shown.stdout == "zero,one"
