"""The certificate is swapped while serving: nothing is lost, the newest is shown, never a half."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.running import PATIENCE_SECONDS, Server
from tests.integration.steady_client import SteadyClient
from webhook.server.tls.dev_certificate import write_certificate

_SWAPS = 12


def test_a_pair_is_swapped_under_load(
    start_server: Callable[..., Server], tmp_path: Path, swap: Callable[[Path, Path], None]
) -> None:
    pairs = [_pair(tmp_path / f"pair-{number}") for number in range(_SWAPS)]
    swap(pairs[0], tmp_path)
    server = start_server(certificate=False).wait_ready()
    trust = _trust_all(pairs)
    client = SteadyClient(server.port, threads=4, trust=lambda: trust)
    redialling = _Redialling(server, trust)
    client.start()
    redialling.start()

    for pair in pairs[1:]:
        swap(pair, tmp_path)
        redialling.count_more(40)
    server.wait_until(lambda: _shown(server, trust) == _leaf(pairs[-1]), what="the newest")

    redialling.stop()
    outcomes = client.stop()
    assert set(outcomes) == {"200"}
    assert redialling.failures == []


def test_half_a_pair_leaves_the_last_good_one(start_server: Callable[..., Server]) -> None:
    server = start_server().wait_ready()
    good = (server.directory / "tls.crt").read_bytes()
    trust = server.trust()
    other = _pair(server.directory / "other")

    shutil.copy(other / "tls.crt", server.directory / "tls.crt")
    server.wait_until(lambda: bool(server.events("certificate not usable")), what="the warning")

    assert _shown(server, trust) == ssl.PEM_cert_to_DER_cert(good.decode())
    assert server.is_ready()
    (warning,) = server.events("certificate not usable")
    assert "key values mismatch" in str(warning["problem"])

    shutil.copy(other / "tls.key", server.directory / "tls.key")
    trust_other = _trust_all([other])
    server.wait_until(lambda: len(server.events("certificate loaded")) == 2, what="the new pair")
    assert _shown(server, trust_other) == _leaf(other)


def test_a_client_without_sni_gets_the_newest(start_server: Callable[..., Server]) -> None:
    server = start_server().wait_ready()
    write_certificate(server.directory, now=datetime.now(UTC))
    server.wait_until(lambda: len(server.events("certificate loaded")) == 2, what="the new pair")
    trust = server.trust()
    trust.check_hostname = False

    assert _shown(server, trust, name=None) == _leaf(server.directory)


def test_with_a_client_ca_only_its_clients_are_let_in(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    client = _client_pair(tmp_path / "client")
    server = start_server("--client-ca", str(client / "tls.crt")).wait_ready()
    trust = server.trust()

    with pytest.raises(OSError):  # noqa: PT011 - the alert, or the end behind it, is seen first
        _first_byte(server, trust)
    refused = 'redis_memory_guard_tls_handshake_failures_total{cause="client-refused"}'
    assert server.metric(refused) == 1
    trust.load_cert_chain(client / "tls.crt", client / "tls.key")
    assert _first_byte(server, trust) == b"H"


@pytest.mark.parametrize(
    "suite", ["ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256"]
)
def test_tls_1_2_takes_no_cbc_suite_and_none_without_forward_secrecy(
    server: Server, suite: str
) -> None:
    trust = server.trust()
    trust.maximum_version = ssl.TLSVersion.TLSv1_2
    assert _first_byte(server, trust) == b"H"
    trust.set_ciphers(suite)

    with pytest.raises(ssl.SSLError):
        _first_byte(server, trust)


@pytest.fixture(params=["plain copies", "symlinks as the kubelet swaps them"])
def swap(request: pytest.FixtureRequest) -> Callable[[Path, Path], None]:
    return _copy if request.param == "plain copies" else _relink


def _copy(pair: Path, mount: Path) -> None:
    for name in ("tls.crt", "tls.key"):
        shutil.copy(pair / name, mount / name)


def _relink(pair: Path, mount: Path) -> None:
    """Swap `..data` in one step, behind which both files are."""
    for name in ("tls.crt", "tls.key"):
        if not (mount / name).is_symlink():
            (mount / name).symlink_to(Path("..data") / name)
    (mount / "..data_tmp").symlink_to(pair.name)
    (mount / "..data_tmp").rename(mount / "..data")


class _Redialling:
    """Opens one connection after the other, as after every change of a caBundle."""

    def __init__(self, server: Server, trust: ssl.SSLContext) -> None:
        self.failures: list[str] = []
        self._server = server
        self._trust = trust
        self._dialled = threading.Semaphore(0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.start = self._thread.start

    def count_more(self, connections: int) -> None:
        """Wait until so many more connections were made."""
        for _ in range(connections):
            assert self._dialled.acquire(timeout=PATIENCE_SECONDS)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=PATIENCE_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                _shown(self._server, self._trust)
            except OSError as error:
                self.failures.append(repr(error))
            self._dialled.release()


def _pair(directory: Path) -> Path:
    directory.mkdir()
    write_certificate(directory, now=datetime.now(UTC))
    return directory


def _client_pair(directory: Path) -> Path:
    """Make a client's pair that is its own authority."""
    directory.mkdir()
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    files = ("-keyout", str(directory / "tls.key"), "-out", str(directory / "tls.crt"))
    subprocess.run((*command.split(), "-subj", "/CN=client", *files), check=True)
    return directory


def _leaf(directory: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert((directory / "tls.crt").read_text())


def _trust_all(pairs: list[Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata="".join((p / "tls.crt").read_text() for p in pairs))
    return context


def _shown(server: Server, trust: ssl.SSLContext, *, name: str | None = "localhost") -> bytes:
    with server.connect() as plain, trust.wrap_socket(plain, server_hostname=name) as connection:
        return connection.getpeercert(binary_form=True) or b""


def _first_byte(server: Server, trust: ssl.SSLContext) -> bytes:
    with trust.wrap_socket(server.connect(), server_hostname="localhost") as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        return connection.recv(1)
