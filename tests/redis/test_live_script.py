"""The question to a running server, asked of real ones as `pods/exec` would run it."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from webhook.audit.apply_plan import Setting
from webhook.audit.applying import Applied, set_on, undo
from webhook.audit.live import LiveServer, Silence, parse_answer
from webhook.audit.live_script import Question, question
from webhook.cluster.execution import ExecTarget
from webhook.domain.kubernetes.pod import Container

pytestmark = pytest.mark.redis

SECONDS = 10.0
TARGET = ExecTarget(namespace="shop", pod="cart-0", container="redis")


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def server(
    directory: Path, *options: str, configuration: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A redis-server of its own that has opened its port."""
    log = directory / "log"
    arguments = ["--dir", str(directory), "--logfile", str(log), "--save", "", *options]
    files = () if configuration is None else (str(configuration),)
    process = subprocess.Popen(["redis-server", *files, *arguments])
    try:
        deadline = time.monotonic() + SECONDS
        while "Ready to accept connections" not in (log.read_text() if log.exists() else ""):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()


def ask(
    container: Container,
    settings: Sequence[tuple[str, str]] = (),
    **environment: str,
) -> LiveServer | Silence:
    return asked_locally(question(container, settings), **environment)


def asked_locally(asked: Question, **environment: str) -> LiveServer | Silence:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("REDIS")}
    done = subprocess.run(
        asked.command,
        input=None if asked.line is None else f"{asked.line}\n",
        stdin=subprocess.DEVNULL if asked.line is None else None,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return parse_answer(done.stdout)


def told(answer: LiveServer | Silence) -> LiveServer:
    assert isinstance(answer, LiveServer), answer
    return answer


def a_server(port: str, *options: str) -> Container:
    return Container(name="redis", command=("redis-server",), args=("--port", port, *options))


def test_a_server_tells_what_it_holds(tmp_path: Path):
    port = free_port()
    with server(tmp_path, "--port", port, "--maxmemory", "64mb"):
        subprocess.run(["redis-cli", "-p", port, "SET", "a", "1"], check=True, timeout=SECONDS)
        subprocess.run(
            ["redis-cli", "-p", port, "SET", "b", "1", "EX", "900"], check=True, timeout=SECONDS
        )

        live = told(ask(a_server(port)))

    assert (live.maxmemory, live.eviction_policy, live.role) == (2**26, "noeviction", "master")
    assert (live.keys, live.expiring, live.saves, live.appends) == (2, 1, "", False)
    assert live.peak >= live.used > 0
    assert live.settings == {}


def test_settings_are_made_up_to_the_first_that_fails_and_read_back(tmp_path: Path):
    port = free_port()
    with server(tmp_path, "--port", port):
        live = told(
            ask(
                a_server(port),
                [("save", "900 1"), ("maxmemory-policy", "nonsense"), ("maxmemory", "1000000")],
            )
        )

    assert (live.saves, live.eviction_policy, live.maxmemory) == ("900 1", "noeviction", 0)
    assert list(live.settings) == ["save", "maxmemory-policy"]
    assert live.settings["save"] == ""
    assert live.settings["maxmemory-policy"].startswith("ERR")


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("--requirepass", "s3cret"), {}),
        (("--requirepass", "$(CACHE_PASS)"), {"CACHE_PASS": "s3cret"}),
        ((), {"REDIS_PASSWORD": "s3cret"}),
        ((), {"REDISCLI_AUTH": "s3cret"}),
    ],
    ids=["visible", "variable", "usual variable", "client's own"],
)
def test_a_password_is_found(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str]
):
    port = free_port()
    with server(tmp_path, "--port", port, "--requirepass", "s3cret"):
        container = a_server(port, *arguments)
        assert isinstance(ask(container, **environment), LiveServer)
        assert "s3cret" not in " ".join(question(container).command)


def test_a_password_in_a_file_is_found(tmp_path: Path):
    port = free_port()
    (tmp_path / "password").write_text("s3cret\n")
    with server(tmp_path, "--port", port, "--requirepass", "s3cret"):
        assert isinstance(
            ask(a_server(port), REDIS_PASSWORD_FILE=str(tmp_path / "password")), LiveServer
        )


@pytest.mark.parametrize("password", [{}, {"REDIS_PASSWORD": "wrong"}], ids=["none", "wrong"])
def test_without_its_password_it_says_noauth(tmp_path: Path, password: dict[str, str]):
    port = free_port()
    with server(tmp_path, "--port", port, "--requirepass", "s3cret"):
        assert ask(a_server(port), **password) is Silence.NOAUTH


def test_a_user_without_the_right_says_noperm(tmp_path: Path):
    port = free_port()
    configuration = tmp_path / "redis.conf"
    configuration.write_text("user default on nopass ~* +get\n")
    with server(tmp_path, "--port", port, configuration=configuration):
        assert ask(a_server(port)) is Silence.NOPERM


def test_where_config_is_renamed_its_info_still_tells(tmp_path: Path):
    port = free_port()
    with server(tmp_path, "--port", port, "--rename-command", "CONFIG", ""):
        live = told(ask(a_server(port), [("maxmemory", "1000000")]))

    assert (live.maxmemory, live.saves) == (0, None)
    assert live.settings["maxmemory"].startswith("ERR unknown command")


def test_nobody_at_the_port_is_no_answer():
    assert ask(a_server(free_port())) is Silence.NO_ANSWER


def test_an_image_without_a_client_says_so(tmp_path: Path):
    for name in ("sh", "cat"):
        program = shutil.which(name)
        assert program is not None
        (tmp_path / name).symlink_to(program)

    assert ask(a_server("6379"), PATH=str(tmp_path)) is Silence.NO_CLIENT


def test_a_stopped_server_does_not_answer_in_time(tmp_path: Path):
    port = free_port()
    with server(tmp_path, "--port", port) as process:
        process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                subprocess.run(
                    question(a_server(port)).command,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=1,
                    check=False,
                )
        finally:
            process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    directory = tmp_path_factory.mktemp("tls")
    certificate, key = directory / "tls.crt", directory / "tls.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=localhost", "-out", str(certificate), "-keyout", str(key)),
        ],
        check=True,
        capture_output=True,
    )
    return str(certificate), str(key)


@pytest.mark.parametrize("clients", ["no", "yes"])
def test_tls_only_is_tried_and_else_said(tmp_path: Path, pair: tuple[str, str], clients: str):
    port = free_port()
    certificate, key = pair
    options = ["--port", "0", "--tls-port", port, "--tls-cert-file", certificate]
    options += ["--tls-key-file", key, "--tls-ca-cert-file", certificate]
    with server(tmp_path, *options, "--tls-auth-clients", clients):
        answer = ask(Container(name="redis", args=("--port", "0", "--tls-port", port)))
        hidden = ask(a_server(port))

    if clients == "no":
        assert isinstance(answer, LiveServer)
        assert isinstance(hidden, LiveServer)
    else:
        assert (answer, hidden) == (Silence.TLS_ONLY, Silence.TLS_ONLY)


def a_record(live: LiveServer) -> Applied:
    return Applied(workload="cart", target=TARGET, run_id=live.run_id, settings=())


def test_what_is_set_is_undone_where_the_same_process_runs(tmp_path: Path):
    port = free_port()
    container = a_server(port)
    settings = (
        Setting(directive="save", before="900 1", after=""),
        Setting(directive="maxmemory-policy", before="noeviction", after="allkeys-lru"),
        Setting(directive="maxmemory", before="0", after="50000000"),
    )

    def answer(_target: ExecTarget, asked: Question) -> LiveServer | Silence:
        return asked_locally(asked)

    with server(tmp_path, "--port", port, "--save", "900 1"):
        before = told(ask(container))
        applied = set_on(a_record(before), container, settings, answer)
        between = told(ask(container))
        undone = undo(applied, container, between, answer)
        after = told(ask(container))
    (tmp_path / "later").mkdir()
    with server(tmp_path / "later", "--port", port):
        late = undo(applied, container, told(ask(container)), answer)

    assert (applied.problem, applied.settings) == ("", settings)
    assert (between.saves, between.eviction_policy, between.maxmemory) == (
        "",
        "allkeys-lru",
        50000000,
    )
    assert undone.problem == ""
    assert (after.saves, after.eviction_policy, after.maxmemory) == ("900 1", "noeviction", 0)
    assert late.problem == "it has restarted since, and has its own again"


def test_what_was_changed_since_is_not_undone(tmp_path: Path):
    port = free_port()
    container = a_server(port)
    settings = (Setting(directive="maxmemory", before="0", after="50000000"),)

    def answer(_target: ExecTarget, asked: Question) -> LiveServer | Silence:
        return asked_locally(asked)

    with server(tmp_path, "--port", port):
        applied = set_on(a_record(told(ask(container))), container, settings, answer)
        subprocess.run(
            ["redis-cli", "-p", port, "CONFIG", "SET", "maxmemory", "60mb"],
            check=True,
            timeout=SECONDS,
        )
        undone = undo(applied, container, told(ask(container)), answer)
        after = told(ask(container))

    assert undone.problem == "maxmemory was changed since"
    assert after.maxmemory == 60 * 2**20
