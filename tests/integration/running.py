"""A serving process of its own for a test, and ways to talk to it."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from webhook.server.tls.dev_certificate import write_certificate

_SERVED = Path(__file__).with_name("served.py")

# how long a test waits for what must come, so that a broken server ends it: a wait that long on a
# machine however busy is no verdict on its speed
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server; `directory` holds its tls.crt, tls.key and log."""

    process: subprocess.Popen[bytes]
    directory: Path
    port: int
    health_port: int

    def post(self, path: str = "/mutate", **request: object) -> httpx.Response:
        """Send one request over a TLS connection of its own; a review unless told otherwise."""
        request.setdefault("headers", {"Content-Type": "application/json"})
        if "content" not in request:
            request["content"] = review()
        base = f"https://localhost:{self.port}"
        with httpx.Client(verify=self.trust(), base_url=base, timeout=PATIENCE_SECONDS) as client:
            return client.request(str(request.pop("method", "POST")), path, **request)

    def get(self, path: str) -> httpx.Response:
        """Ask on the health port."""
        return httpx.get(f"http://127.0.0.1:{self.health_port}{path}", timeout=PATIENCE_SECONDS)

    def metric(self, line: str) -> float:
        """Give the value of one metric line, 0 when it is not there yet."""
        for shown in self.get("/metrics").text.splitlines():
            if shown.startswith(f"{line} "):
                return float(shown.rsplit(" ", 1)[1])
        return 0.0

    def trust(self) -> ssl.SSLContext:
        """Trust the certificate that the server has now."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.directory / "tls.crt")
        return context

    def connect(self) -> socket.socket:
        """Open a TCP connection that sends at once what it is given, and send nothing."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)
        # else a few bytes wait for the acknowledgement of the handshake's end, up to 40 ms
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def connect_tls(self) -> ssl.SSLSocket:
        """Open a connection with a finished handshake."""
        return self.trust().wrap_socket(self.connect(), server_hostname="localhost")

    def events(self, name: str) -> Sequence[Mapping[str, object]]:
        """Give the log's events of that name; every line of the log is JSON."""
        text = (self.directory / "log").read_text()
        # the last piece is a line only when it has ended
        lines = [json.loads(line) for line in text.split("\n")[:-1]]
        return [line for line in lines if line["event"] == name]

    def is_ready(self) -> bool:
        """Tell whether the server says that it is ready."""
        return self.get("/readyz").status_code == 200

    def wait_until(self, condition: Callable[[], bool], *, what: str) -> None:
        """Wait for a condition; the test fails when it does not come true or the process ends."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except httpx.TransportError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        log = (self.directory / "log").read_text()
        raise AssertionError(f"not within {PATIENCE_SECONDS} s: {what}; the server's log:\n{log}")

    def wait_ready(self) -> "Server":
        """Wait until the server is ready."""
        self.wait_until(self.is_ready, what="ready")
        return self

    def worker(self) -> int:
        """Give the process id of the worker."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def worker_megabytes(self) -> float:
        """Give the resident memory of the worker."""
        status = Path(f"/proc/{self.worker()}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def terminate(self) -> int:
        """Ask the process to stop and give its exit status."""
        self.process.terminate()
        return self.wait_end()

    def interrupt(self) -> int:
        """Stop the process without a drain."""
        self.process.send_signal(signal.SIGINT)
        return self.wait_end()

    def wait_end(self) -> int:
        """Wait until the process has ended and give its exit status."""
        return self.process.wait(timeout=PATIENCE_SECONDS)


def start(
    directory: Path, *options: str, certificate: bool = True, open_files: int | None = None
) -> Server:
    """Start a server on free ports, with a limit of open files; returns before it is ready."""
    if certificate:
        write_certificate(directory, now=datetime.now(UTC))
    port, health_port = _free_ports()
    command = (
        *(() if open_files is None else ("prlimit", f"--nofile={open_files}")),
        *(sys.executable, str(_SERVED), "--address", "127.0.0.1"),
        *("--port", str(port), "--health-port", str(health_port)),
        *("--cert", str(directory / "tls.crt"), "--key", str(directory / "tls.key")),
        *options,
    )
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))
    return Server(process=process, directory=directory, port=port, health_port=health_port)


def review(image: str = "redis:7.2", *, uid: str = "uid-1", container: str = "main") -> bytes:
    """Encode the review of a Pod with one container, as kube-apiserver sends it."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "cache", "namespace": "shop"},
        "spec": {
            "containers": [
                {"name": container, "image": image, "resources": {"limits": {"memory": "512Mi"}}}
            ]
        },
    }
    request = {
        "uid": uid,
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "requestKind": {"group": "", "version": "v1", "kind": "Pod"},
        "requestResource": {"group": "", "version": "v1", "resource": "pods"},
        "name": "cache",
        "namespace": "shop",
        "operation": "CREATE",
        "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"},
        "object": pod,
        "oldObject": None,
        "dryRun": False,
        "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
    }
    envelope = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}
    return json.dumps(envelope).encode()


def http_request(body: bytes, path: str = "/mutate") -> bytes:
    """Write a request down as kube-apiserver does."""
    head = (
        f"POST {path}?timeout=3s HTTP/1.1\r\nHost: guard.svc:443\r\n"
        f"User-Agent: kube-apiserver-admission\r\nContent-Length: {len(body)}\r\n"
        "Accept: application/json, */*\r\nContent-Type: application/json\r\n"
        "Accept-Encoding: gzip\r\n\r\n"
    )
    return head.encode() + body


def read_answer(connection: ssl.SSLSocket) -> bytes:
    """Read one whole answer: its head and as much body as the head says."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1)
    length = int(received.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    body = b""
    while len(body) < length:
        body += connection.recv(length - len(body))
    return received + body


def _free_ports() -> tuple[int, int]:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        return one.getsockname()[1], other.getsockname()[1]
