"""Arithmetic of a shell text, reckoned as every shell does it."""

import subprocess

import pytest

from tests.property.shell_recorder import SHELLS, needs_shells
from webhook.domain.shell.arithmetic import LONGEST, evaluate

KNOWN = {"M": "268435456", "ZERO": "0", "WORD": "128mb", "EMPTY": "", "OCTAL": "010"}
SUMS = {
    "100*1024*1024": 104857600,
    " M * 3 / 4 ": 201326592,
    "$M/1048576": 256,
    "${M} - 1": 268435455,
    "2+3*4": 14,
    "(2 + 3) * 4": 20,
    "7-2-1": 4,
    "100/7%4": 2,
    "0": 0,
    "((1))": 1,
    "ZERO * 5": 0,
    "1 - 2 + 3": 2,
}


@pytest.mark.parametrize(("text", "value"), SUMS.items())
def test_sums_and_products_of_known_values(text: str, value: int):
    assert evaluate(text, KNOWN.get) == value


@needs_shells
@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_comes_to_the_same(shell: str):
    script = "\n".join(f"echo $(({text}))" for text in SUMS)
    environment = {"M": KNOWN["M"], "ZERO": "0"}

    run = subprocess.run(
        [shell, "-c", script], env=environment, capture_output=True, text=True, check=True
    )

    assert [int(line) for line in run.stdout.split()] == list(SUMS.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NOBODY * 2",
        "WORD * 2",
        "EMPTY + 1",
        "1 / 0",
        "1 - 2",
        "(1 - 3) / 2",
        "5 / (1 - 3)",
        "OCTAL",
        "010",
        "0x10",
        "1_000",
        "2 ** 3",
        "M = 5",
        "M++",
        "1 << 20",
        "1 ? 2 : 3",
        "1 2",
        "(1",
        "1)",
        "1 +",
        "* 2",
        "1.5 * 2",
        "9" * 20,
        "1 +" * LONGEST + "1",
    ],
)
def test_what_is_not_certain_is_not_told(text: str):
    assert evaluate(text, KNOWN.get) is None


def test_the_longest_expression_in_parentheses_is_read():
    depth = LONGEST // 2 - 1

    assert evaluate("(" * depth + "1" + ")" * depth, KNOWN.get) == 1
