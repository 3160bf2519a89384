"""A real redis-server, started with what was injected and asked what it took from it."""

import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

_ASKED = ("maxmemory", "maxmemory-policy", "save")
_START_SECONDS = 60.0
"""A busy machine starts a server slowly; one that cannot start ends at once."""


def has_redis() -> bool:
    """Tell whether a redis-server is installed."""
    return shutil.which("redis-server") is not None


def settings_of(command: Sequence[str]) -> Mapping[str, str]:
    """Start `redis-server …` on a socket of its own and give its settings in effect.

    Raises RuntimeError with what the server said when it does not start.
    """
    with TemporaryDirectory(prefix="redis-memory-guard-demo-") as name:
        path = Path(name) / "redis.sock"
        # The options of this place come first: the injected ones stay the last, as in a container.
        own = ("--port", "0", "--unixsocket", str(path), "--dir", name)
        words = [command[0], *own, *command[1:]]
        with (Path(name) / "log").open("wb") as log:
            server = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            _wait(server, path)
            return {setting: _config_get(path, setting) for setting in _ASKED}
        except OSError as error:
            said = (Path(name) / "log").read_text(errors="replace")
            raise RuntimeError(f"{error}\n{said}") from error
        finally:
            server.terminate()
            server.wait(timeout=10)


def _wait(server: subprocess.Popen[bytes], path: Path) -> None:
    """Wait until it answers: its socket is a file before anybody listens there."""
    deadline = time.monotonic() + _START_SECONDS
    while not _listens(path):
        if server.poll() is not None or time.monotonic() > deadline:
            raise OSError("redis-server did not start")
        time.sleep(0.02)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True


def _config_get(path: Path, setting: str) -> str:
    """Ask in the inline form of the protocol; the answer is an array of name and value."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_START_SECONDS)
        client.connect(str(path))
        client.sendall(f"CONFIG GET {setting}\r\n".encode())
        with client.makefile("r", newline="\r\n") as answer:
            lines = [answer.readline().rstrip("\r\n") for _ in range(5)]
    return lines[4]
