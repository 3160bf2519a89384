"""CAs as somebody else makes them: some of them work, and some do not."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.ca import KeyPair
from certs.certificate import read_certificate
from tests.unit.certs.builders import DAY, HOUR, NOW


def adopted_ca(
    *extensions: x509.ExtensionType,
    curve: ec.EllipticCurve | None = None,
    constraints_are_critical: bool = True,
    is_ca: bool = True,
) -> KeyPair:
    """A CA with BasicConstraints and these extensions, the critical ones as RFC 5280 has them."""
    key = ec.generate_private_key(curve or ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody's own")])
    constraints = x509.BasicConstraints(ca=is_ca, path_length=None)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - HOUR)
        .not_valid_after(NOW + 90 * DAY)
        .add_extension(constraints, critical=constraints_are_critical)
    )
    for extension in extensions:
        critical = isinstance(extension, x509.KeyUsage | x509.NameConstraints)
        builder = builder.add_extension(extension, critical=critical)
    return KeyPair(certificate=read_certificate(builder.sign(key, hashes.SHA256())), key=key)


def key_usage(*, key_cert_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        key_cert_sign=key_cert_sign,
        digital_signature=True,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def permit_names(*names: str) -> x509.NameConstraints:
    permitted = [x509.DNSName(name) for name in names]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def unfit_ca() -> KeyPair:
    """A CA for clients alone."""
    return adopted_ca(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))
