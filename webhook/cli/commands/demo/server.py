"""The real webhook, started for the demonstration and asked over TLS like the API server does."""

import json
import socket
import ssl
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

_START_SECONDS = 20.0


class DemoError(RuntimeError):
    """The demonstration cannot go on; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the webhook answered; `patch` is decoded, `message` that of a denial."""

    allowed: bool
    message: str
    warnings: tuple[str, ...]
    patch: list[Mapping[str, object]]
    milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningWebhook:
    """A webhook that serves on localhost."""

    connection: HTTPSConnection
    url: str

    def ask(self, pod: Mapping[str, object], uid: str) -> Answer:
        """Send the creation of a Pod, as the API server would."""
        review = {
            "apiVersion": "admission.k8s.io/v1",
            "kind": "AdmissionReview",
            "request": {
                "uid": uid,
                "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "operation": "CREATE",
                "namespace": "demo",
                "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"},
                "object": pod,
            },
        }
        started = time.perf_counter()
        try:
            headers = {"Content-Type": "application/json"}
            self.connection.request("POST", "/mutate", json.dumps(review), headers)
            response = json.load(self.connection.getresponse())["response"]
        except (OSError, HTTPException, ValueError, KeyError) as error:
            raise DemoError(f"the webhook gave no answer: {error}") from error
        return Answer(
            allowed=response["allowed"],
            message=response.get("status", {}).get("message", ""),
            warnings=tuple(response.get("warnings", ())),
            patch=json.loads(b64decode(response.get("patch", ""))) if "patch" in response else [],
            milliseconds=(time.perf_counter() - started) * 1000,
        )


@contextmanager
def running_webhook() -> Iterator[RunningWebhook]:
    """Start the webhook with a throw-away certificate on free ports, and end it again."""
    with TemporaryDirectory(prefix="redis-memory-guard-demo-") as name:
        directory = Path(name)
        _run("webhook.server.tls.dev_certificate", name)
        port, health_port = _free_port(), _free_port()
        with (directory / "log").open("wb") as log:
            server = subprocess.Popen(_serve(directory, port, health_port), stderr=log, stdout=log)
        try:
            _wait(server, health_port, directory / "log")
            context = ssl.create_default_context(cafile=directory / "tls.crt")
            connection = HTTPSConnection("localhost", port, context=context, timeout=10)
            yield RunningWebhook(connection=connection, url=f"https://localhost:{port}")
            connection.close()
        finally:
            server.terminate()
            server.wait(timeout=30)


def _serve(directory: Path, port: int, health_port: int) -> list[str]:
    options = {
        "--cert": directory / "tls.crt",
        "--key": directory / "tls.key",
        "--address": "localhost",
        "--port": port,
        "--health-port": health_port,
        "--drain-seconds": 0,
    }
    words = [str(word) for option in options.items() for word in option]
    return [sys.executable, "-m", "webhook.server", *words]


def _run(module: str, argument: str) -> None:
    subprocess.run([sys.executable, "-m", module, argument], check=True)


def _free_port() -> int:
    with socket.create_server(("localhost", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"http://localhost:{port}/readyz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise DemoError(f"the webhook did not start:\n{log.read_text()}")
