"""What is issued: seen by a TLS client, and extension by extension."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.ca import KeyPair, create_ca, issue_leaf
from certs.certificate import encode_certificates, encode_key
from tests.unit.certs.builders import DAY, HOUR, NAMES, NOW, ca


def shake_hands(pair: KeyPair, *, bundle: bytes, name: str, directory: Path) -> None:
    """Run a whole TLS handshake in memory; raises ssl.SSLError as the client would."""
    chain, key = directory / "tls.crt", directory / "tls.key"
    chain.write_bytes(pair.certificate.pem)
    key.write_bytes(encode_key(pair.key))
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(chain, key)
    client_context = ssl.create_default_context(cadata=bundle.decode())
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


def fresh_pair(*, names: tuple[str, ...] = NAMES) -> tuple[KeyPair, KeyPair]:
    """A CA and a leaf of it that are valid by the real clock, which OpenSSL asks."""
    now = datetime.now(UTC)
    signer = create_ca(lifetime=90 * DAY, now=now)
    return signer, issue_leaf(signer, dns_names=names, lifetime=30 * DAY, now=now)


@pytest.mark.parametrize("name", NAMES)
def test_a_client_accepts_the_leaf_for_each_name(name: str, tmp_path: Path) -> None:
    signer, leaf = fresh_pair()

    shake_hands(leaf, bundle=signer.certificate.pem, name=name, directory=tmp_path)


def test_a_client_with_both_cas_accepts_a_leaf_of_either(tmp_path: Path) -> None:
    old, old_leaf = fresh_pair()
    new, new_leaf = fresh_pair()
    bundle = encode_certificates((old.certificate, new.certificate))

    for leaf in (old_leaf, new_leaf):
        shake_hands(leaf, bundle=bundle, name=NAMES[0], directory=tmp_path)


def test_a_client_refuses_another_name(tmp_path: Path) -> None:
    signer, leaf = fresh_pair()

    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(leaf, bundle=signer.certificate.pem, name="other.svc", directory=tmp_path)


def test_a_client_refuses_a_leaf_of_another_ca(tmp_path: Path) -> None:
    _, leaf = fresh_pair()
    other, _ = fresh_pair()

    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        shake_hands(leaf, bundle=other.certificate.pem, name=NAMES[0], directory=tmp_path)


def test_a_ca_is_valid_from_an_hour_ago_for_its_lifetime() -> None:
    signer = create_ca(lifetime=90 * DAY, now=NOW)

    assert (signer.certificate.not_before, signer.certificate.not_after) == (
        NOW - HOUR,
        NOW + 90 * DAY,
    )


@pytest.mark.parametrize(
    ("issued", "not_before", "not_after"),
    [
        pytest.param(NOW, NOW - HOUR, NOW + 30 * DAY, id="its own lifetime"),
        pytest.param(NOW + 60 * DAY, NOW + 60 * DAY - HOUR, NOW + 90 * DAY, id="ends together"),
        pytest.param(NOW + 61 * DAY, NOW + 61 * DAY - HOUR, NOW + 90 * DAY, id="cut at the end"),
        pytest.param(NOW - HOUR / 2, NOW - HOUR, NOW + 30 * DAY - HOUR / 2, id="cut at the start"),
    ],
)
def test_a_leaf_never_reaches_beyond_its_ca(
    issued: datetime, not_before: datetime, not_after: datetime
) -> None:
    signer = ca(created=NOW, lifetime=90 * DAY)

    leaf = issue_leaf(signer, dns_names=NAMES, lifetime=30 * DAY, now=issued).certificate

    assert (leaf.not_before, leaf.not_after) == (not_before, not_after)


def test_extensions_of_a_ca() -> None:
    certificate = ca().certificate.x509

    assert {type(e.value): e.critical for e in certificate.extensions} == {
        x509.SubjectKeyIdentifier: False,
        x509.BasicConstraints: True,
        x509.KeyUsage: True,
    }
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert constraints == x509.BasicConstraints(ca=True, path_length=0)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)


def test_extensions_of_a_leaf() -> None:
    signer = ca()

    leaf = issue_leaf(signer, dns_names=NAMES, lifetime=DAY, now=NOW).certificate.x509

    assert {type(e.value): e.critical for e in leaf.extensions} == {
        x509.SubjectKeyIdentifier: False,
        x509.BasicConstraints: True,
        x509.KeyUsage: True,
        x509.ExtendedKeyUsage: False,
        x509.SubjectAlternativeName: False,
        x509.AuthorityKeyIdentifier: False,
    }
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]
    issuer_id = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    own_id = signer.certificate.x509.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert issuer_id.key_identifier == own_id.value.digest


def test_keys_are_p256() -> None:
    signer = ca()
    leaf = issue_leaf(signer, dns_names=NAMES, lifetime=DAY, now=NOW)

    assert isinstance(signer.key.curve, ec.SECP256R1)
    assert isinstance(leaf.key.curve, ec.SECP256R1)


def test_two_cas_of_one_instant_differ_in_name_and_serial() -> None:
    first, second = ca().certificate.x509, ca().certificate.x509

    assert first.subject != second.subject
    assert first.serial_number != second.serial_number


def test_a_pair_does_not_show_its_key() -> None:
    assert "key=" not in repr(ca()).replace("public_key=", "")
