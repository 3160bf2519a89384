"""Running another program to its end."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.harness.failure import ClusterError

Output = subprocess.CompletedProcess[str]


class CommandError(ClusterError):
    """A program ended with another code than 0, or not in time."""

    def __init__(self, argv: tuple[str, ...], *, code: int, stdout: str, stderr: str) -> None:
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        said = "\n".join((stdout + stderr).splitlines()[-40:])
        super().__init__(f"{' '.join(argv)}: ended with {code}\n{said}")


def run(
    *argv: str,
    stdin: str | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    timeout: float = 600,
    check: bool = True,
) -> Output:
    """Run `argv` and return what it said.

    `environment` is added to that of this process; `timeout` is in seconds and ends the program
    with code 124, as timeout(1) does. Raises CommandError for another code than 0, if `check`.
    """
    try:
        output = subprocess.run(
            argv,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            env={**os.environ, **(environment or {})},
            cwd=directory,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        raise CommandError(
            argv, code=124, stdout=_text(expired.stdout), stderr=_text(expired.stderr)
        ) from expired
    if check and output.returncode:
        raise CommandError(argv, code=output.returncode, stdout=output.stdout, stderr=output.stderr)
    return output


def _text(captured: bytes | str | None) -> str:
    # subprocess hands over bytes when the time is up, in spite of text=True.
    return captured.decode(errors="replace") if isinstance(captured, bytes) else captured or ""
