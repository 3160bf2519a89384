"""The long-running parts of a node: started, waited for, and quoted when they fail."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.harness.failure import ClusterError
from tests.harness.namespace import Namespaces

READY_SECONDS = 180.0
"""How long a part may take: seconds when nothing else runs, much more beside a build."""


class DaemonError(ClusterError):
    """A part of the node ended, or was not ready in time; the message has the end of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """A program of the node and how it is started."""

    program: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDaemon:
    """A daemon that was started; its output goes to `log`."""

    program: str
    process: subprocess.Popen[bytes]
    log: Path

    def log_end(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-25:])


def start(daemon: Daemon, *, namespaces: Namespaces, search_path: str) -> RunningDaemon:
    """Start `daemon` inside, with its output in log/<program>.log of the cluster's directory."""
    log = namespaces.directory / "log" / f"{daemon.program}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            (*namespaces.enter(), "env", f"PATH={search_path}", daemon.program, *daemon.flags),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return RunningDaemon(program=daemon.program, process=process, log=log)


def wait_until(condition: Callable[[], bool], *, what: str, needs: Sequence[RunningDaemon]) -> None:
    """Wait for `condition`. Raises DaemonError when one that it needs ends, or after a while."""
    deadline = time.monotonic() + READY_SECONDS
    while not condition():
        for daemon in needs:
            if (code := daemon.process.poll()) is not None:
                raise DaemonError(f"{daemon.program} ended with {code}:\n{daemon.log_end()}")
        if time.monotonic() > deadline:
            logs = "\n".join(f"--- {daemon.log}\n{daemon.log_end()}" for daemon in needs)
            raise DaemonError(f"{what}: not after {READY_SECONDS:.0f} s\n{logs}")
        time.sleep(0.1)
