"""One X.509 certificate as a value: parsed once, completely, or refused with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

# What `cryptography` raises for bytes that are no certificate, or no key, that we can use.
_UNUSABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class CertificateError(ValueError):
    """PEM text that is not what it should be; the message never quotes it."""


class OtherKeyError(CertificateError):
    """A good private key, but of a kind that nothing here signs with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate whose extensions, names and key are known to be readable."""

    x509: x509.Certificate
    dns_names: tuple[str, ...]
    is_ca: bool

    @property
    def not_before(self) -> datetime:
        """First instant of validity, UTC."""
        return self.x509.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        """Last instant of validity, UTC, itself included (RFC 5280, 4.1.2.5)."""
        return self.x509.not_valid_after_utc

    @property
    def renewal_due(self) -> datetime:
        """When two thirds of its life have passed, cert-manager's default as well."""
        return self.not_before + (self.not_after - self.not_before) * 2 / 3

    @property
    def period(self) -> str:
        """The period of validity, for people."""
        return f"from {self.not_before:%Y-%m-%dT%H:%M:%SZ} to {self.not_after:%Y-%m-%dT%H:%M:%SZ}"

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the DER form, in lower-case hexadecimal."""
        return self.x509.fingerprint(hashes.SHA256()).hex()

    @property
    def pem(self) -> bytes:
        """The one spelling under which a certificate is stored, published and compared."""
        return self.x509.public_bytes(serialization.Encoding.PEM)

    def is_valid_at(self, now: datetime) -> bool:
        """Tell whether `now` lies in the period of validity, both ends included."""
        return self.not_before <= now <= self.not_after

    def is_issued_by(self, issuer: "Certificate") -> bool:
        """Tell whether `issuer` signed this certificate; validity periods are not looked at."""
        try:
            self.x509.verify_directly_issued_by(issuer.x509)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return issuer.is_ca

    def has_key(self, key: ec.EllipticCurvePrivateKey) -> bool:
        """Tell whether `key` is the private half of the certified key."""
        return _encode_public(self.x509.public_key()) == _encode_public(key.public_key())


def read_certificate(certificate: x509.Certificate) -> Certificate:
    """Take a certificate's lazily parsed parts once; raises CertificateError."""
    try:
        certificate.public_key()
        return Certificate(
            x509=certificate,
            dns_names=_dns_names(certificate.extensions),
            is_ca=_is_ca(certificate.extensions),
        )
    except _UNUSABLE as error:
        raise CertificateError("is a certificate with unreadable content") from error


def parse_certificates(pem: bytes) -> tuple[Certificate, ...]:
    """Parse one or more PEM certificates, in order; raises CertificateError."""
    try:
        certificates = x509.load_pem_x509_certificates(pem)
    except _UNUSABLE as error:
        raise CertificateError("is not a PEM certificate") from error
    # The parser passes over what it cannot read once it has found one certificate.
    if len(certificates) != pem.count(b"-----BEGIN "):
        raise CertificateError("holds something else than certificates")
    return tuple(read_certificate(certificate) for certificate in certificates)


def parse_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Parse an unencrypted PEM private key on an elliptic curve; raises CertificateError."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except _UNUSABLE as error:
        raise CertificateError("is not an unencrypted PEM private key") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise OtherKeyError("is not a key on an elliptic curve")
    return key


def encode_certificates(certificates: Iterable[Certificate]) -> bytes:
    """Join certificates as PEM, in the order given."""
    return b"".join(certificate.pem for certificate in certificates)


def encode_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Encode a private key as unencrypted PKCS #8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _encode_public(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _dns_names(extensions: x509.Extensions) -> tuple[str, ...]:
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(names.value.get_values_for_type(x509.DNSName))


def _is_ca(extensions: x509.Extensions) -> bool:
    try:
        return extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
