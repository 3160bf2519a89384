"""Make CAs and the serving certificates they sign."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.certificate import Certificate, read_certificate

# A node whose clock is behind must not find a new certificate "not yet valid".
BACKDATE = timedelta(hours=1)

_COMMON_NAME = "redis-memory-guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A certificate and its private key, which belong together. The key is never shown."""

    certificate: Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False, compare=False)


def create_ca(*, lifetime: timedelta, now: datetime) -> KeyPair:
    """Create a self-signed P-256 CA that may sign end-entity certificates only.

    Its name is its own, so that a verifier that holds two of them picks the right one by name.
    Valid from one hour before `now` until `now + lifetime`.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"{_COMMON_NAME} {now:%Y-%m-%d} {x509.random_serial_number():x}"[:64])
    builder = (
        _builder(key.public_key(), subject=name, issuer=name)
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_CA_USAGE, critical=True)
    )
    return KeyPair(certificate=_sign(builder, key), key=key)


def issue_leaf(
    ca: KeyPair, *, dns_names: tuple[str, ...], lifetime: timedelta, now: datetime
) -> KeyPair:
    """Issue a P-256 serving certificate for `dns_names`.

    Valid from one hour before `now` until `now + lifetime`, but never outside its CA's
    own validity: a leaf that outlives its CA fails without being expired.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = ca.certificate
    names = x509.SubjectAlternativeName([x509.DNSName(name) for name in dns_names])
    builder = (
        _builder(key.public_key(), subject=_name(_COMMON_NAME), issuer=issuer.x509.subject)
        .not_valid_before(max(now - BACKDATE, issuer.not_before))
        .not_valid_after(min(now + lifetime, issuer.not_after))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_LEAF_USAGE, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(names, critical=False)
        .add_extension(_authority_key_identifier(ca), critical=False)
    )
    return KeyPair(certificate=_sign(builder, ca.key), key=key)


def _builder(
    public_key: ec.EllipticCurvePublicKey, *, subject: x509.Name, issuer: x509.Name
) -> x509.CertificateBuilder:
    """Start what a CA and a leaf share: names, key, key identifier, random serial."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _sign(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> Certificate:
    return read_certificate(builder.sign(key, hashes.SHA256()))


def _name(common_name: str) -> x509.Name:
    # 64 characters is the upper bound of a common name (RFC 5280, appendix A).
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _authority_key_identifier(ca: KeyPair) -> x509.AuthorityKeyIdentifier:
    # From the key, not from the certificate: both of ours say the same, and a key has no gaps.
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())


def _key_usage(*, digital_signature: bool, certificate_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=certificate_sign,
        crl_sign=certificate_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


_CA_USAGE = _key_usage(digital_signature=False, certificate_sign=True)
_LEAF_USAGE = _key_usage(digital_signature=True, certificate_sign=False)
