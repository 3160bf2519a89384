"""Asking a server about itself."""

import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from benchmarks.headroom.v2.guest.commands import command

Address = tuple[str, int]
"""A host and a port."""

_ANSWER_SECONDS = 120


def ask(address: Address, *words: str, seconds: float = _ANSWER_SECONDS) -> str:
    """Send one command and give the reply's text; raises OSError where none comes."""
    with socket.create_connection(address, timeout=seconds) as connection:
        connection.sendall(command(*(word.encode() for word in words)))
        stream = connection.makefile("rb")
        heading = stream.readline().decode().strip()
        if not heading.startswith("$"):
            return heading[1:]
        return stream.read(int(heading[1:])).decode()


def information(address: Address) -> dict[str, str]:
    """Give INFO by its names; raises OSError where no answer comes."""
    lines = ask(address, "INFO").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def replica_state(said: Mapping[str, str]) -> str:
    """Read off a server's INFO how far its replica is, in its words: `online` is synchronised.

    `absent` where none is connected, `unknown` where the server told nothing.
    """
    if not said:
        return "unknown"
    slave = dict(word.partition("=")[::2] for word in said.get("slave0", "").split(","))
    return slave.get("state", "absent")


def await_pong(
    address: Address,
    *,
    is_gone: Callable[[], bool] = lambda: False,
    seconds: float = _ANSWER_SECONDS,
) -> None:
    """Wait until a server answers; raises OSError where it is gone or does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_gone():
            raise ConnectionRefusedError("it ended before its first PONG")
        with suppress(OSError):
            if ask(address, "PING", seconds=5) == "PONG":
                return
        time.sleep(0.2)
    raise TimeoutError(f"no PONG within {seconds:g} s")
