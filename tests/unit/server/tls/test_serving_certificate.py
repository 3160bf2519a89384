"""A pair counts when it has carried a handshake; until a newer one does, the last good stays."""

import shutil
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from webhook.server.tls.dev_certificate import write_certificate
from webhook.server.tls.serving_certificate import CertificateFiles, Certificates

_NOW = datetime.now(UTC).replace(microsecond=0)


def test_there_is_none_before_the_first_look(tmp_path: Path) -> None:
    certificates = Certificates(_source(tmp_path))

    assert certificates.current is None
    assert certificates.expiry is None
    assert certificates.problem == "not read yet"


def test_a_good_pair_is_taken_over_once(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    certificates = Certificates(_source(tmp_path))

    looks = [certificates.refresh(), certificates.refresh()]

    assert looks == [True, False]
    assert certificates.problem == ""
    assert certificates.expiry == (_NOW + timedelta(days=7)).timestamp()


def test_the_context_of_an_unchanged_pair_is_kept(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    certificates = Certificates(_source(tmp_path))
    certificates.refresh()
    first = certificates.current
    (tmp_path / "tls.crt").touch()

    certificates.refresh()

    assert certificates.current is first


def test_the_context_is_no_older_than_tls_1_2_and_makes_no_tickets(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    certificates = Certificates(_source(tmp_path))
    certificates.refresh()

    pair = certificates.current

    assert pair is not None
    assert pair.context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert pair.context.num_tickets == 0


@pytest.mark.parametrize("name", ["tls.crt", "tls.key"])
@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda path: path.unlink(), "No such file or directory"),
        (lambda path: path.write_bytes(b""), "no certificate with its key"),
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "no certificate with its key"),
        (lambda path: path.write_bytes(b"\x00\xff" * 1000), "no certificate with its key"),
    ],
    ids=["missing", "empty", "half-written", "binary"],
)
def test_spoilt_files_leave_the_last_good_pair(
    tmp_path: Path, name: str, spoil: object, problem: str
) -> None:
    write_certificate(tmp_path, now=_NOW)
    certificates = Certificates(_source(tmp_path))
    certificates.refresh()
    good = certificates.current
    spoil(tmp_path / name)  # type: ignore[operator]

    taken = certificates.refresh()

    assert taken is False
    assert certificates.current is good
    assert problem in certificates.problem


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    other = tmp_path / "other"
    other.mkdir()
    write_certificate(other, now=_NOW)
    shutil.copy(other / "tls.key", tmp_path / "tls.key")
    certificates = Certificates(_source(tmp_path))

    taken = certificates.refresh()

    assert taken is False
    assert certificates.current is None
    assert "key values mismatch" in certificates.problem


@pytest.mark.parametrize(
    ("issued", "problem"),
    [
        (_NOW - timedelta(days=8), "certificate has expired"),
        (_NOW + timedelta(days=1), "certificate is not yet valid"),
    ],
)
def test_a_certificate_that_is_not_valid_today_is_refused(
    tmp_path: Path, issued: datetime, problem: str
) -> None:
    write_certificate(tmp_path, now=issued)
    certificates = Certificates(_source(tmp_path))

    taken = certificates.refresh()

    assert taken is False
    assert certificates.problem == f"{tmp_path}/tls.crt: {problem}"


def test_an_encrypted_key_is_refused_without_asking_anybody(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    key = serialization.load_pem_private_key((tmp_path / "tls.key").read_bytes(), None)
    encrypted = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    (tmp_path / "tls.key").write_bytes(encrypted)
    certificates = Certificates(_source(tmp_path))

    taken = certificates.refresh()

    assert taken is False
    assert "no certificate with its key" in certificates.problem


def test_clients_need_a_certificate_when_their_authority_is_given(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    certificates = Certificates(_source(tmp_path, client_ca=tmp_path / "tls.crt"))

    certificates.refresh()

    assert certificates.current is not None
    assert certificates.current.context.verify_mode is ssl.CERT_REQUIRED


def test_a_client_authority_that_is_none_lets_nobody_in(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    (tmp_path / "ca.crt").write_text("no certificate")
    certificates = Certificates(_source(tmp_path, client_ca=tmp_path / "ca.crt"))

    taken = certificates.refresh()

    assert taken is False
    assert certificates.problem.startswith(f"{tmp_path}/ca.crt: no CA certificates in PEM")


def test_a_changed_client_authority_is_taken_over(tmp_path: Path) -> None:
    write_certificate(tmp_path, now=_NOW)
    shutil.copy(tmp_path / "tls.crt", tmp_path / "ca.crt")
    certificates = Certificates(_source(tmp_path, client_ca=tmp_path / "ca.crt"))
    certificates.refresh()
    (tmp_path / "ca.crt").write_text((tmp_path / "ca.crt").read_text() + "\n")

    taken = certificates.refresh()

    assert taken is True


def test_a_serving_context_is_broken_by_half_a_pair(tmp_path: Path) -> None:
    """Why every pair is given a context of its own: docs/decisions/0001."""
    old, new = tmp_path / "old", tmp_path / "new"
    for directory in (old, new):
        directory.mkdir()
        write_certificate(directory, now=_NOW)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(old / "tls.crt", old / "tls.key")

    with pytest.raises(ssl.SSLError, match="KEY_VALUES_MISMATCH"):
        context.load_cert_chain(new / "tls.crt", old / "tls.key")

    assert _hello_to(context, trusting=old / "tls.crt") == "NO_SHARED_CIPHER"


def _hello_to(server: ssl.SSLContext, *, trusting: Path) -> str | None:
    """Say hello and give the server's reason to end the handshake at once."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    client = ssl.create_default_context(cafile=str(trusting))
    theirs = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        theirs.do_handshake()
    with pytest.raises(ssl.SSLError) as ended:
        ours.do_handshake()
    return ended.value.reason


def _source(directory: Path, *, client_ca: Path | None = None) -> CertificateFiles:
    return CertificateFiles(
        certificate=directory / "tls.crt", key=directory / "tls.key", client_ca=client_ca
    )
