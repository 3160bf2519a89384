"""One case from its container to its report."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.headroom.v2.guest.case import GuestCase, Report
from benchmarks.headroom.v2.guest.container import Container, reap
from benchmarks.headroom.v2.guest.figures import Figures
from benchmarks.headroom.v2.guest.pressing import Pressure
from benchmarks.headroom.v2.guest.server import Address, await_pong, information, replica_state

SERVERS = Path("/opt/servers")
_DATA, _REPLICA = Path("/work/data"), Path("/work/replica")
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
    for directory in (_DATA, _REPLICA):
        # What one version leaves there another may not be able to read.
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
    try:
        return Run(case, container).to_its_end()
    finally:
        container.remove()


class Run:
    """A case under way, in a container of its own."""

    def __init__(self, case: GuestCase, container: Container) -> None:
        self._case = case
        self._container = container
        self._figures = Figures()
        argv = (str(SERVERS / case.server), *case.options, *_OPEN)
        self._server = container.start(argv, directory=_DATA)
        self._replica: subprocess.Popen[bytes] | None = None
        self._replica_halfway = ""
        self._began = self._look_due = self._probe_due = time.monotonic()
        self._quiet_turns = 0
        self._pressure = Pressure(case.load, container.address)

    def to_its_end(self) -> Report:
        """Go on until there is an end to it; a server that does not even start has come to one."""
        with self._pressure:
            try:
                if self._begins():
                    self._go_on()
                return self._report()
            finally:
                if self._replica is not None:
                    self._replica.kill()
                    self._replica.wait()

    def _begins(self) -> bool:
        try:
            await_pong(self._container.address, is_gone=self._is_gone)
            self._began = time.monotonic()
            self._pressure.connect()
        except OSError:
            return False
        return True

    def _go_on(self) -> None:
        if self._case.load.replica:
            self._replica = _start_replica(self._case, self._container.address)
        while not self._pressure.is_over:
            has_moved = self._pressure.turn(_TURN_SECONDS)
            self._quiet_turns = 0 if has_moved else self._quiet_turns + 1
            now = time.monotonic()
            # A look costs as much as many turns.
            if now >= self._look_due:
                self._look_due = now + _LOOK_SECONDS
                if self._has_to_end(now):
                    return
                self._look(now)

    def _report(self) -> Report:
        """Ask the server, if there still is one, and sum up."""
        said = self._said()
        has_ended = not said and self._has_ended()
        most, container, pressure = self._figures.most, self._container, self._pressure
        return Report(
            name=self._case.name,
            release=os.uname().release,
            ended=has_ended,
            # One that lives and does not tell of itself answers nobody.
            stalled=self._is_stalled or not (said or has_ended),
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
            replica_halfway=self._replica_halfway,
            replica_after=replica_state(said) if self._replica else "",
            curve=tuple(self._figures.curve),
            fork_failed=_FAILED
            in (said.get("rdb_last_bgsave_status"), said.get("aof_last_bgrewrite_status")),
        )

    def _said(self) -> dict[str, str]:
        with suppress(OSError):
            return information(self._container.address)
        return {}

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def _is_stalled(self) -> bool:
        return self._quiet_turns >= _STALL_TURNS

    def _has_to_end(self, now: float) -> bool:
        return self._is_gone() or self._is_stalled or now - self._began > self._case.seconds

    def _look(self, now: float) -> None:
        self._figures.add(self._container.statistics(), at=now - self._began)
        if self._case.load.probed and now >= self._probe_due:
            self._probe_due = now + _PROBE_SECONDS
            self._container.start(("sh", "-c", "timeout 5 redis-cli ping"))
            reap()
        if self._replica and not self._replica_halfway and self._pressure.is_halfway:
            self._replica_halfway = replica_state(self._said())
            if self._case.load.replica == "stalled":
                self._replica.send_signal(signal.SIGSTOP)

    def _is_gone(self) -> bool:
        return self._server.poll() is not None

    def _has_ended(self) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self._server.wait(_KILL_SECONDS)
        return self._server.returncode is not None


def _start_replica(case: GuestCase, master: Address) -> subprocess.Popen[bytes]:
    """Start a server that follows, outside of the container."""
    argv = (str(SERVERS / case.server), "--replicaof", *map(str, master), "--save", "")
    return subprocess.Popen(argv, cwd=_REPLICA, stdout=subprocess.DEVNULL)


def _version(said: dict[str, str]) -> str:
    if "valkey_version" in said:
        return f"Valkey {said['valkey_version']}"
    return f"Redis {said['redis_version']}" if "redis_version" in said else ""
