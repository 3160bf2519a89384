"""Parsing: what is accepted, and every way to be refused, without the text in the message."""

from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certs.ca import KeyPair, issue_leaf
from certs.certificate import (
    CertificateError,
    encode_certificates,
    encode_key,
    parse_certificates,
    parse_key,
    read_certificate,
)
from tests.unit.certs.builders import DAY, HOUR, NAMES, NOW, SECOND, ca

# A subjectAltName whose value is no ASN.1 sequence.
_UNREADABLE = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, b"\xff\xff")


def self_signed(*extensions: x509.ExtensionType) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + DAY)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256())


def leaf_of(signer: KeyPair) -> KeyPair:
    return issue_leaf(signer, dns_names=NAMES, lifetime=DAY, now=NOW)


def test_certificates_survive_encoding_in_order() -> None:
    first, second = ca().certificate, ca().certificate

    assert parse_certificates(encode_certificates((first, second))) == (first, second)


def test_a_key_survives_encoding() -> None:
    signer = ca()

    assert signer.certificate.has_key(parse_key(encode_key(signer.key)))


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="no PEM"),
        pytest.param(b"\xff\x00", id="no text"),
        pytest.param(ca().certificate.pem[:-60], id="cut off"),
        pytest.param(ca().certificate.pem.replace(b"MII", b"MIJ"), id="another length"),
        pytest.param(encode_key(ca().key), id="a key"),
    ],
)
def test_no_certificate(pem: bytes) -> None:
    with pytest.raises(CertificateError, match=r"^is not a PEM certificate$"):
        parse_certificates(pem)


@pytest.mark.parametrize("more", [ca().certificate.pem[:-9], encode_key(ca().key)])
def test_a_certificate_and_something_else(more: bytes) -> None:
    with pytest.raises(CertificateError, match=r"^holds something else than certificates$"):
        parse_certificates(ca().certificate.pem + more)


def test_a_certificate_with_an_unreadable_extension() -> None:
    with pytest.raises(CertificateError, match=r"^is a certificate with unreadable content$"):
        read_certificate(self_signed(_UNREADABLE))


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(ca().certificate.pem, id="a certificate"),
        pytest.param(
            ca().key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"secret"),
            ),
            id="encrypted",
        ),
    ],
)
def test_no_key(pem: bytes) -> None:
    with pytest.raises(CertificateError, match=r"^is not an unencrypted PEM private key$"):
        parse_key(pem)


def test_a_key_that_cannot_sign_as_ours_do() -> None:
    pem = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    with pytest.raises(CertificateError, match=r"^is not a key on an elliptic curve$"):
        parse_key(pem)


def test_a_certificate_without_extensions_is_no_ca_and_has_no_names() -> None:
    certificate = read_certificate(self_signed())

    assert (certificate.is_ca, certificate.dns_names) == (False, ())


@pytest.mark.parametrize(
    ("now", "valid"),
    [
        (NOW - HOUR - SECOND, False),
        (NOW - HOUR, True),
        (NOW + 90 * DAY, True),
        (NOW + 90 * DAY + SECOND, False),
    ],
)
def test_validity_includes_both_ends(now: datetime, valid: bool) -> None:
    assert ca(created=NOW, lifetime=90 * DAY).certificate.is_valid_at(now) is valid


def test_renewal_is_due_after_two_thirds() -> None:
    certificate = ca(created=NOW + HOUR, lifetime=9 * DAY - HOUR).certificate

    assert certificate.renewal_due == NOW + 6 * DAY


def test_issued_by() -> None:
    signer, other = ca(), ca()
    leaf = leaf_of(signer).certificate

    assert leaf.is_issued_by(signer.certificate)
    assert not leaf.is_issued_by(other.certificate)


def test_nothing_is_issued_by_what_is_no_ca() -> None:
    certificate = read_certificate(self_signed())

    assert not certificate.is_issued_by(certificate)


def test_a_key_of_another_certificate() -> None:
    assert not ca().certificate.has_key(ca().key)
