"""The cluster's own authority and what it signs: a pair for each part, and kubeconfigs."""

import base64
import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = dt.timedelta(days=30)
_ALLOWANCE = dt.timedelta(minutes=5)  # for clocks that were set back


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a certificate is for; with hosts, it may serve under these too."""

    name: str
    group: str | None = None
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A self-signed CA that keeps what it issues in one directory."""

    directory: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def path(self) -> Path:
        return self.directory / "ca.crt"

    def issue(self, file_name: str, identity: Identity) -> tuple[Path, Path]:
        """Write `file_name`.crt and .key; return their paths."""
        key = ec.generate_private_key(ec.SECP256R1())
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
        unsigned = _unsigned(identity, key.public_key()).issuer_name(self.certificate.subject)
        if identity.hosts:
            usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
            names = x509.SubjectAlternativeName([_general_name(host) for host in identity.hosts])
            unsigned = unsigned.add_extension(names, critical=False)
        certificate = unsigned.add_extension(x509.ExtendedKeyUsage(usages), critical=False).sign(
            self.key, hashes.SHA256()
        )
        return _write_pair(self.directory / file_name, certificate, key)

    def write_kubeconfig(self, file: Path, *, server: str, pair: tuple[Path, Path]) -> None:
        """Write a kubeconfig that holds its certificates, so that it can be copied."""
        certificate, key = (path.read_text() for path in pair)
        cluster = {"server": server, "certificate-authority-data": _base64(self.path.read_text())}
        user = {"client-certificate-data": _base64(certificate), "client-key-data": _base64(key)}
        context = {"cluster": "node", "user": "node"}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "node",
            "clusters": [{"name": "node", "cluster": cluster}],
            "users": [{"name": "node", "user": user}],
            "contexts": [{"name": "node", "context": context}],
        }
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump(document))


def create_authority(directory: Path) -> Authority:
    """Make a CA and write its certificate to `directory`/ca.crt."""
    directory.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    identity = Identity(name="node test authority")
    usage = x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _unsigned(identity, key.public_key())
        .issuer_name(_subject(identity))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_pair(directory / "ca", certificate, key)
    return Authority(directory=directory, key=key, certificate=certificate)


def _unsigned(identity: Identity, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_subject(identity))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _ALLOWANCE)
        .not_valid_after(now + LIFETIME)
    )


def _subject(identity: Identity) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, identity.name)]
    if identity.group is not None:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, identity.group))
    return x509.Name(attributes)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write_pair(
    stem: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> tuple[Path, Path]:
    pair = stem.with_name(f"{stem.name}.crt"), stem.with_name(f"{stem.name}.key")
    pair[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pair[1].touch(mode=0o600)
    pair[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pair


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
