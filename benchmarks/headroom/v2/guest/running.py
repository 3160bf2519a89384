"""One case from its container to its report."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.headroom.v2.guest.case import GuestCase, Report
from benchmarks.headroom.v2.guest.container import CONTAINER, Container, reap
from benchmarks.headroom.v2.guest.figures import Figures
from benchmarks.headroom.v2.guest.pressing import Pressure
from benchmarks.headroom.v2.guest.server import await_pong, information

SERVERS = Path("/opt/servers")
_DATA, _REPLICA = Path("/work/data"), Path("/work/replica")
_ADDRESS = (CONTAINER, 6379)
_LOOK_SECONDS = 0.25
_PROBE_SECONDS = 1.0
_TURN_SECONDS = 0.05
_KILL_SECONDS = 10
# A minute in which nobody can go on: in turns, as the host may give this machine little time.
_STALL_TURNS = 1200
_FAILED = "err"
# As the entry point of the images does it: whoever reaches the Pod may speak to the server.
_OPEN = ("--protected-mode", "no")


def run_case(case: GuestCase) -> Report:
    """Run a case until its load is over, its time is up, or its server is gone."""
    container = Container(limit=case.limit, sysctls=case.sysctls)
    shutil.rmtree(_DATA, ignore_errors=True)
    _DATA.mkdir()
    try:
        run = _Run(case, container)
        with run.pressure:
            run.go_on()
            return run.report()
    finally:
        container.remove()


class _Run:
    """A case under way."""

    def __init__(self, case: GuestCase, container: Container) -> None:
        self._case = case
        self._container = container
        self._figures = Figures()
        argv = (str(SERVERS / case.server), *case.options, *_OPEN)
        self._server = container.start(argv, directory=_DATA)
        await_pong(_ADDRESS)
        self._replica = _replica(case) if case.load.replica else None
        self._began = time.monotonic()
        self._look_due = self._probe_due = self._began
        self._quiet_turns = 0
        self.pressure = Pressure(case.load, _ADDRESS)

    def go_on(self) -> None:
        """Turn by turn, until there is an end to it."""
        while self._server.poll() is None and not self.pressure.is_over:
            if self._seconds > self._case.seconds or self._is_stalled:
                break
            has_moved = self.pressure.turn(_TURN_SECONDS)
            self._quiet_turns = 0 if has_moved else self._quiet_turns + 1
            self._observe(time.monotonic())
        if self._replica is not None:
            self._replica.kill()
            self._replica.wait()

    def report(self) -> Report:
        """Ask the server, if there still is one, and sum up."""
        said: dict[str, str] = {}
        with suppress(OSError):
            said = information(_ADDRESS)
        has_ended = not said and self._has_ended()
        most, container, pressure = self._figures.most, self._container, self.pressure
        return Report(
            name=self._case.name,
            release=os.uname().release,
            ended=has_ended,
            stalled=self._is_stalled,
            oom_kills=container.oom_kills(),
            seconds=round(self._seconds),
            written=pressure.written,
            peak=container.peak(),
            need=most["need"],
            anon=most["anon"],
            sock=most["sock"],
            kernel=most["kernel"],
            file=most["file"],
            forks=pressure.forks,
            refused=pressure.refused,
            server=_version(said),
            maxmemory=int(said.get("maxmemory", 0)),
            eviction_policy=said.get("maxmemory_policy", ""),
            evictions=int(said.get("evicted_keys", 0)),
            curve=tuple(self._figures.curve),
            fork_failed=_FAILED
            in (said.get("rdb_last_bgsave_status"), said.get("aof_last_bgrewrite_status")),
        )

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def _is_stalled(self) -> bool:
        return self._quiet_turns >= _STALL_TURNS

    def _observe(self, now: float) -> None:
        if now >= self._look_due:
            self._look_due = now + _LOOK_SECONDS
            self._figures.add(self._container.statistics(), at=now - self._began)
        if self._case.load.probed and now >= self._probe_due:
            self._probe_due = now + _PROBE_SECONDS
            self._container.start(("sh", "-c", "timeout 5 redis-cli ping"))
            reap()
        if self._case.load.replica == "stalled" and self._replica and self.pressure.is_halfway:
            self._replica.send_signal(signal.SIGSTOP)

    def _has_ended(self) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self._server.wait(_KILL_SECONDS)
        return self._server.returncode is not None


def _replica(case: GuestCase) -> subprocess.Popen[bytes]:
    """Start a server that follows, outside of the container."""
    _REPLICA.mkdir(exist_ok=True)
    argv = (str(SERVERS / case.server), "--replicaof", *map(str, _ADDRESS), "--save", "")
    return subprocess.Popen(argv, cwd=_REPLICA, stdout=subprocess.DEVNULL)


def _version(said: dict[str, str]) -> str:
    if "valkey_version" in said:
        return f"Valkey {said['valkey_version']}"
    return f"Redis {said['redis_version']}" if "redis_version" in said else ""
