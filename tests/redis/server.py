"""Real servers, started as a container would start them and asked what they made of it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.redis.cli import ask

START_SECONDS = 10.0
STOP_SECONDS = 10.0
PROGRAMS = ("redis-server", "valkey-server", "keydb-server")

# Stands in front of the real program in PATH, so that a server started anywhere inside a script
# listens on the socket of its test and on no port. A launch that names the socket is left as it is.
SHIM = """#!/bin/sh
case "$*" in
*'{socket}'*) exec '{program}' "$@" ;;
*) exec '{program}' "$@" --port 0 --unixsocket '{socket}' ;;
esac
"""


class LaunchError(Exception):
    """The launch ended without a server; carries what it printed."""


class RealServer:
    """One launch of the installed redis-server, in a directory of its own.

    The launch is any argv: the server itself, or a shell or script that starts it by name, as
    Redis, Valkey or KeyDB. A server that detaches itself (`daemonize yes`) is out of our hands.
    The directory's path should be short, as a socket's may have 107 characters.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.socket = directory / "s"
        self._programs = directory / "bin"
        self._log = directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._password: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        password: str | None = None,
    ) -> None:
        """Launch and wait for PONG; raises LaunchError when the launch ends or takes too long."""
        self._install_programs()
        self._password = password
        (self.directory / "stdin").write_bytes(stdin)
        path = f"{self._programs}:{os.environ['PATH']}"
        with (self.directory / "stdin").open("rb") as reader, self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._found(argv),
                cwd=self.directory,
                env={**os.environ, "PATH": path, **(environment or {})},
                stdin=reader,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_for_pong(self._process)

    def config_get(self, name: str) -> str:
        """Ask the running server for one value of its configuration."""
        return self.ask("CONFIG", "GET", name).removeprefix(f"{name}\n")

    def ask(self, *command: str) -> str:
        """Send a command and give the reply's text, without its last line end."""
        return ask(("redis-cli", "-s", str(self.socket)), *command, password=self._password)

    @property
    def log(self) -> str:
        """What the launch has printed so far."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        """Kill everything that the launch started and did not detach."""
        if self._process is None:
            return
        # The group outlives its leader when a launcher left the server in the background.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
        self._process = None

    def _found(self, argv: Sequence[str]) -> list[str]:
        # Popen looks programs up in the PATH of this process, not in the one it is given.
        if argv[0] in PROGRAMS:
            return [str(self._programs / argv[0]), *argv[1:]]
        return list(argv)

    def _install_programs(self) -> None:
        real = shutil.which("redis-server")
        assert real is not None
        self._programs.mkdir(exist_ok=True)
        for name in PROGRAMS:
            shim = self._programs / name
            shim.write_text(SHIM.format(socket=self.socket, program=real))
            shim.chmod(0o755)

    def _wait_for_pong(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.socket.exists() and self.ask("PING") == "PONG":
                return
            try:
                process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
            self.stop()
            raise LaunchError(self.log)
        self.stop()
        raise LaunchError(f"no PONG within {START_SECONDS:g} s\n{self.log}")
