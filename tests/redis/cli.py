"""Asking a real server by the real redis-cli."""

import os
import subprocess

_ANSWER_SECONDS = 15.0


def ask(redis_cli: tuple[str, ...], *command: str, password: str | None) -> str:
    """Send a command; give the reply's text without its last line end, empty where none comes.

    `redis_cli` is the program with what leads it to the server.
    """
    asked = subprocess.run(
        [*redis_cli, *command],
        env={**os.environ, **({"REDISCLI_AUTH": password} if password else {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=_ANSWER_SECONDS,
    )
    return asked.stdout.removesuffix("\n")
