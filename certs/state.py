"""What the two Secrets hold, decoded: damage is a value with a reason, never an exception.

Authority Secret   `ca.crt`, `ca.key`   the authority that signs
                   `previous.crt`       authorities that are still trusted and sign no more
                   `settling`           what was seen in force, and since when
Serving Secret     `tls.crt`, `tls.key` the serving certificate
                   `ca.crt`             the authority that issued it

An empty value is a value that is not there: the chart may render the keys empty.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from certs.authority import KeyPair
from certs.certificate import (
    Certificate,
    CertificateError,
    encode_certificates,
    encode_key,
    parse_certificates,
    parse_key,
)


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing is there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """Something is there that cannot be used; `reason` names the key and what is wrong."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """`observed` (a `digest`) was in force at `since`, by the clock of who wrote this."""

    observed: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorities:
    """Who signs, who else is trusted. `previous` is non-empty exactly while a CA rotates."""

    signer: KeyPair
    previous: tuple[Certificate, ...] = ()
    settling: Settling | None = None

    @property
    def bundle(self) -> bytes:
        """The `caBundle` to publish, PEM, oldest authority first."""
        return encode_certificates((*self.previous, self.signer.certificate))


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The pair that the webhook serves, and the issuer recorded with it, which may be wrong."""

    pair: KeyPair
    issuer: Certificate | None


class ConfigurationKind(StrEnum):
    """The kinds of object that tell API servers whom to call."""

    MUTATING = "MutatingWebhookConfiguration"
    VALIDATING = "ValidatingWebhookConfiguration"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationName:
    """Which webhook configuration, in the notation of kubectl."""

    kind: ConfigurationKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The `caBundle` of every webhook in one configuration, as PEM."""

    configuration: ConfigurationName
    bundles: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that a plan is made from. A configuration that does not exist is not in it."""

    authorities: Authorities | Absent | Damaged
    serving: Serving | Absent | Damaged
    publications: tuple[Publication, ...]


def digest(bundle: bytes, serving: Serving | Absent | Damaged) -> str:
    """Identify what has to settle: the bundle in force and who issued what is served.

    The leaf itself is left out, so that its renewal does not start the wait anew.
    """
    issuer = b""
    if isinstance(serving, Serving):
        issuer = serving.pair.certificate.x509.issuer.public_bytes()
    return hashlib.sha256(bundle + b"\0" + issuer).hexdigest()


def decode_authorities(data: Mapping[str, bytes]) -> Authorities | Absent | Damaged:
    """Decode the authority Secret."""
    signer = _decode_pair(data, "ca.crt", "ca.key")
    if not isinstance(signer, KeyPair):
        return signer
    if not signer.certificate.is_authority:
        return Damaged(reason="ca.crt is not the certificate of an authority")
    try:
        previous_pem = data.get("previous.crt", b"")
        previous = parse_certificates(previous_pem) if previous_pem else ()
    except CertificateError as error:
        return Damaged(reason=f"previous.crt {error}")
    settling = _decode_settling(data.get("settling", b""))
    return Authorities(signer=signer, previous=previous, settling=settling)


def encode_authorities(authorities: Authorities) -> dict[str, bytes]:
    """Encode the authority Secret; every key is there, so that nothing old stays behind."""
    settling = authorities.settling
    return {
        "ca.crt": authorities.signer.certificate.pem,
        "ca.key": encode_key(authorities.signer.key),
        "previous.crt": encode_certificates(authorities.previous),
        "settling": b"" if settling is None else _encode_settling(settling),
    }


def decode_serving(data: Mapping[str, bytes]) -> Serving | Absent | Damaged:
    """Decode the serving Secret."""
    pair = _decode_pair(data, "tls.crt", "tls.key")
    if not isinstance(pair, KeyPair):
        return pair
    try:
        issuer = parse_certificates(data.get("ca.crt", b""))[0]
    except CertificateError:
        # Needed only to recover from a lost authority Secret: the pair itself is good.
        return Serving(pair=pair, issuer=None)
    return Serving(pair=pair, issuer=issuer)


def encode_serving(pair: KeyPair, issuer: Certificate) -> dict[str, bytes]:
    """Encode the serving Secret as type kubernetes.io/tls demands it, with the issuer beside."""
    return {
        "tls.crt": pair.certificate.pem,
        "tls.key": encode_key(pair.key),
        "ca.crt": issuer.pem,
    }


def parse_published(bundle: bytes) -> tuple[Certificate, ...]:
    """Return the certificates of a published `caBundle`; none at all if any is unreadable."""
    try:
        return parse_certificates(bundle)
    except CertificateError:
        return ()


def _decode_pair(
    data: Mapping[str, bytes], certificate_key: str, private_key: str
) -> KeyPair | Absent | Damaged:
    certificate_pem, key_pem = data.get(certificate_key, b""), data.get(private_key, b"")
    if not certificate_pem and not key_pem:
        return Absent()
    try:
        certificate = parse_certificates(certificate_pem)[0]
    except CertificateError as error:
        return Damaged(reason=f"{certificate_key} {error}")
    try:
        key = parse_key(key_pem)
    except CertificateError as error:
        return Damaged(reason=f"{private_key} {error}")
    if not certificate.has_key(key):
        return Damaged(reason=f"{private_key} does not belong to {certificate_key}")
    return KeyPair(certificate=certificate, key=key)


def _encode_settling(settling: Settling) -> bytes:
    return f"{settling.observed} {settling.since.astimezone(UTC).isoformat()}".encode()


def _decode_settling(text: bytes) -> Settling | None:
    """Decode the record; what cannot be read counts as not there, and the wait starts anew."""
    observed, _, since_text = text.decode(errors="replace").partition(" ")
    try:
        since = datetime.fromisoformat(since_text)
    except ValueError:
        return None
    # A time without its zone would not compare with the clock.
    return None if since.tzinfo is None else Settling(observed=observed, since=since)
