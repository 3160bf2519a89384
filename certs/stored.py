"""What the two Secrets hold, to and from values.

CA Secret        `ca.crt`, `ca.key`    the CA that signs
                 `previous.crt`        CAs that are still trusted and sign no more
                 `propagation`         what was seen in force, and since when
Serving Secret   `tls.crt`, `tls.key`  the serving certificate
                 `ca.crt`              the CA that issued it

An empty value is a value that is not there: the chart may render the keys empty.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from certs.ca import KeyPair
from certs.certificate import (
    Certificate,
    CertificateError,
    OtherKeyError,
    encode_certificates,
    encode_key,
    parse_certificates,
    parse_key,
)
from certs.state import Absent, Damaged, Propagation, Serving, TrustedCAs, Unfit


def decode_cas(data: Mapping[str, bytes]) -> TrustedCAs | Absent | Damaged | Unfit:
    """Decode the CA Secret."""
    try:
        signer = _decode_pair(data, "ca.crt", "ca.key")
    except OtherKeyError as error:
        return Unfit(reason=f"ca.key {error}")
    if not isinstance(signer, KeyPair):
        return signer
    if not signer.certificate.is_ca:
        return Damaged(reason="ca.crt is not the certificate of a CA")
    try:
        previous_pem = data.get("previous.crt", b"")
        previous = parse_certificates(previous_pem) if previous_pem else ()
    except CertificateError as error:
        return Damaged(reason=f"previous.crt {error}")
    propagation = _decode_propagation(data.get("propagation", b""))
    return TrustedCAs(signer=signer, previous=previous, propagation=propagation)


def encode_cas(cas: TrustedCAs) -> dict[str, bytes]:
    """Encode the CA Secret; every key is there, so that nothing old stays behind."""
    propagation = cas.propagation
    return {
        "ca.crt": cas.signer.certificate.pem,
        "ca.key": encode_key(cas.signer.key),
        "previous.crt": encode_certificates(cas.previous),
        "propagation": b"" if propagation is None else _encode_propagation(propagation),
    }


def decode_serving(data: Mapping[str, bytes]) -> Serving | Absent | Damaged:
    """Decode the serving Secret."""
    try:
        pair = _decode_pair(data, "tls.crt", "tls.key")
    except OtherKeyError as error:
        return Damaged(reason=f"tls.key {error}")
    if not isinstance(pair, KeyPair):
        return pair
    try:
        issuer = parse_certificates(data.get("ca.crt", b""))[0]
    except CertificateError:
        # Needed only to recover from a lost CA Secret: the pair itself is good.
        return Serving(pair=pair, issuer=None)
    return Serving(pair=pair, issuer=issuer)


def encode_serving(pair: KeyPair, issuer: Certificate) -> dict[str, bytes]:
    """Encode the serving Secret as type kubernetes.io/tls demands it, with the issuer beside."""
    return {
        "tls.crt": pair.certificate.pem,
        "tls.key": encode_key(pair.key),
        "ca.crt": issuer.pem,
    }


def _decode_pair(
    data: Mapping[str, bytes], certificate_key: str, private_key: str
) -> KeyPair | Absent | Damaged:
    """Decode a certificate with its key; raises OtherKeyError."""
    certificate_pem, key_pem = data.get(certificate_key, b""), data.get(private_key, b"")
    if not certificate_pem and not key_pem:
        return Absent()
    try:
        certificate = parse_certificates(certificate_pem)[0]
    except CertificateError as error:
        return Damaged(reason=f"{certificate_key} {error}")
    try:
        key = parse_key(key_pem)
    except OtherKeyError:
        raise
    except CertificateError as error:
        return Damaged(reason=f"{private_key} {error}")
    if not certificate.has_key(key):
        return Damaged(reason=f"{private_key} does not belong to {certificate_key}")
    return KeyPair(certificate=certificate, key=key)


def _encode_propagation(propagation: Propagation) -> bytes:
    return f"{propagation.observed} {propagation.since.astimezone(UTC).isoformat()}".encode()


def _decode_propagation(text: bytes) -> Propagation | None:
    """Decode the record; what cannot be read counts as not there, and the wait starts anew."""
    observed, _, since_text = text.decode(errors="replace").partition(" ")
    try:
        since = datetime.fromisoformat(since_text)
    except ValueError:
        return None
    # A time without its zone would not compare with the clock.
    return None if since.tzinfo is None else Propagation(observed=observed, since=since)
