"""The human reports and the fixed manifests, word for word.

`UPDATE_GOLDEN=1 pytest tests/golden/test_cli.py` writes them anew; read the difference before it is
committed.
"""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from webhook.cli.commands.group import commands

CASES = Path(__file__).parent / "cli"
RUNS = {
    "check": ["check"],
    "check-all": ["check", "--all"],
    "check-json": ["check", "--output", "json"],
    "explain": ["explain"],
    "fix": ["fix", "--memory-limit", "128Mi"],
    "fix-diff": ["fix", "--memory-limit", "128Mi", "--diff"],
}


@pytest.mark.parametrize("manifest", ["shop.yaml", "trouble.yaml", "list.json"])
@pytest.mark.parametrize("run", RUNS)
def test_the_output_is_the_golden_one(run: str, manifest: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(CASES)
    golden = CASES / f"{manifest}.{run}.txt"

    result = CliRunner(env={"COLUMNS": None}).invoke(commands, [*RUNS[run], manifest])

    actual = f"{result.stdout}--- stderr\n{result.stderr}--- exit {result.exit_code}\n"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(actual)
    assert actual == golden.read_text()
