"""A server process to measure: started, waited for, and looked at from outside."""

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server

from benchmarks.memory_cgroup import MemoryCgroup
from webhook.server.tls.dev_certificate import write_certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A ready server; `seconds_to_ready` from the start of its process."""

    process: subprocess.Popen[bytes]
    port: int
    certificate: Path
    seconds_to_ready: float

    def worker_megabytes(self) -> float:
        """The resident memory of the process that answers."""
        status = (self._process() / "status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def worker_seconds(self) -> float:
        """The processor time of the process that answers, to the nanosecond."""
        threads = (self._process() / "task").iterdir()
        return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9

    def worker(self) -> str:
        """The number of the process that answers."""
        pid = self.process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]

    def _process(self) -> Path:
        return Path("/proc") / self.worker()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


def start(
    module: str,
    directory: Path,
    *,
    cgroup: MemoryCgroup | None = None,
    environment: Mapping[str, str] | None = None,
) -> Running:
    """Start `python -m module` with a certificate of its own and wait until it is ready."""
    directory.mkdir()
    write_certificate(directory, now=datetime.now(UTC))
    port, health_port = _free_port(), _free_port()
    command = (
        *(sys.executable, "-m", module, "--address", "127.0.0.1", "--drain-seconds", "0"),
        *("--port", str(port), "--health-port", str(health_port)),
        *("--cert", str(directory / "tls.crt"), "--key", str(directory / "tls.key")),
    )
    with (directory / "log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            command if cgroup is None else cgroup.command(command),
            stdout=log,
            stderr=log,
            env=environment,
        )
    while not _is_ready(health_port):
        if process.poll() is not None:
            raise RuntimeError((directory / "log").read_text())
        time.sleep(0.005)
    return Running(
        process=process,
        port=port,
        certificate=directory / "tls.crt",
        seconds_to_ready=time.perf_counter() - began,
    )


def _is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
