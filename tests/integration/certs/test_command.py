"""The process as it is installed: its commands, its endpoints, its end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.integration.certs.api_server import CORE, REGISTRATION, ApiServer

OPTIONS = (
    *("--namespace", "system", "--service", "guard"),
    *("--ca-secret", "guard-ca", "--serving-secret", "guard-tls"),
    *("--mutating", "guard", "--validating", "guard"),
)


@pytest.fixture
def environment(server: ApiServer, tmp_path: Path) -> Mapping[str, str]:
    without = {k: v for k, v in os.environ.items() if not k.startswith("KUBERNETES_")}
    return {**without, "KUBECONFIG": str(server.write_kubeconfig(tmp_path))}


# how long is waited for what must come: no verdict on the machine's speed
PATIENCE_SECONDS = 120.0


def certs(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "certs", *OPTIONS, *arguments)
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def get(url: str) -> tuple[int, str]:
    """Return status and body; 0 while nobody listens."""
    try:
        answer = httpx.get(url, timeout=PATIENCE_SECONDS)
    except httpx.ConnectError:
        return 0, ""
    return answer.status_code, answer.text


def test_once_brings_everything_in_order(server: ApiServer, environment: Mapping[str, str]) -> None:
    done = certs(environment, "once")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "add-ca: there is no CA",
        "publish-ca-bundle: the caBundle of MutatingWebhookConfiguration/guard is not ours",
        "publish-ca-bundle: the caBundle of ValidatingWebhookConfiguration/guard is not ours",
        "issue-serving-certificate: there is no serving certificate",
        "keep: the serving certificate is renewed then",
    ]
    assert server.data("guard-tls")["ca.crt"] == server.data("guard-ca")["ca.crt"]
    assert certs(environment, "once").stdout.startswith("keep: ")


def test_inspect_reads_only(server: ApiServer, environment: Mapping[str, str]) -> None:
    done = certs(environment, "inspect")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("next           add-ca now\n  because      there is no CA\n")
    assert {method for method, _ in server.requests} == {"GET"}


@pytest.mark.parametrize("command", ["once", "inspect"])
def test_an_error_is_one_line(
    command: str, server: ApiServer, environment: Mapping[str, str]
) -> None:
    del server.documents[f"{CORE}/guard-ca"]

    done = certs(environment, command)

    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "Error: Secret/guard-ca does not exist; the Helm chart renders it\n",
    )


def test_what_somebody_has_to_look_at_is_an_error_after_all_that_could_be_done(
    server: ApiServer, environment: Mapping[str, str]
) -> None:
    path = f"{REGISTRATION}/validatingwebhookconfigurations/guard"
    server.answers["PATCH", path] = (403, b'{"message": "not permitted"}', {})

    done = certs(environment, "once")

    codes = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert (done.returncode, codes) == (
        1,
        ["add-ca", "publish-ca-bundle", "issue-serving-certificate"],
    )
    assert done.stderr == (
        "Error: forbidden: ValidatingWebhookConfiguration/guard: not permitted\n"
    )


def test_settings_are_refused_together(environment: Mapping[str, str]) -> None:
    done = certs(environment, "--namespace", "A", "--interval", "x", "once")

    assert done.returncode == 2
    assert "--namespace: not a name" in done.stderr
    assert "--interval: not a duration" in done.stderr


def test_without_a_cluster(environment: Mapping[str, str], tmp_path: Path) -> None:
    done = certs({**environment, "KUBECONFIG": str(tmp_path / "none")}, "once")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: no service account and no kubeconfig: ")


def test_a_port_that_is_taken(environment: Mapping[str, str]) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = str(listening.getsockname()[1])
        done = certs(environment, "--listen-address", "127.0.0.1", "--listen-port", port, "run")

    assert done.returncode == 1
    assert done.stderr == (
        "Error: --listen-address, --listen-port: [Errno 98] Address already in use\n"
    )


@pytest.mark.parametrize("command", [(), ("run",)], ids=["by default", "run"])
@pytest.mark.parametrize("address", ["", "127.0.0.1"], ids=["every address", "IPv4"])
def test_it_runs_until_sigterm(
    command: tuple[str, ...], address: str, server: ApiServer, environment: Mapping[str, str]
) -> None:
    port = free_port()
    listen = {
        "REDIS_MEMORY_GUARD_CERTS_LISTEN_PORT": str(port),
        "REDIS_MEMORY_GUARD_CERTS_LISTEN_ADDRESS": address,
    }
    process = subprocess.Popen(
        (sys.executable, "-m", "certs", *OPTIONS, *command),
        env={**environment, **listen},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while get(f"{url}/readyz") != (200, "ok\n"):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert get(f"{url}/livez") == (200, "ok\n")
        assert (
            'redis_memory_guard_certs_writes_total{action="issue-serving-certificate"} 1.0'
            in (get(f"{url}/metrics")[1])
        )
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()

    assert (process.returncode, errors) == (0, "")
    events = [json.loads(line)["event"] for line in output.splitlines()]
    assert events == [
        "add-ca",
        "publish-ca-bundle",
        "publish-ca-bundle",
        "issue-serving-certificate",
        "keep",
    ]
    assert "PRIVATE" not in output
