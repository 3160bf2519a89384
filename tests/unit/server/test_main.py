"""A process that cannot serve says everything that is wrong and ends with 2."""

from pathlib import Path

import pytest

from webhook.server.__main__ import main


def test_all_problems_of_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--port", "0", "--log-level", "loud"])

    assert status == 2
    assert capsys.readouterr().err == (
        "--port: expected a number from 1 to 65535, not '0'\n"
        "--log-level: expected one of debug, info, warning, error, not 'loud'\n"
    )


def test_a_policy_file_that_is_none(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status = main(["--policy", str(tmp_path / "policy.yaml")])

    assert status == 2
    assert capsys.readouterr().err == (
        f"{tmp_path}/policy.yaml: cannot be read: No such file or directory\n"
    )
