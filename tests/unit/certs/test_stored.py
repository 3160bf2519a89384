"""The two Secrets: what was written is read back, and every damage has its reason."""

from collections.abc import Mapping
from datetime import timedelta, timezone

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from certs.state import Absent, Damaged, Propagation, Serving, TrustedCAs
from certs.stored import decode_cas, decode_serving, encode_cas, encode_serving
from tests.unit.certs.builders import NOW, ca, serving

SIGNER, OLD = ca(), ca()
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)
SERVING = serving(SIGNER)
STORED = encode_cas(TrustedCAs(signer=SIGNER, previous=(OLD.certificate,)))
SERVED = encode_serving(SERVING.pair, SIGNER.certificate)


@pytest.mark.parametrize(
    "cas",
    [
        pytest.param(TrustedCAs(signer=SIGNER), id="at rest"),
        pytest.param(
            TrustedCAs(signer=SIGNER, previous=(OLD.certificate, ca().certificate)),
            id="rotating",
        ),
        pytest.param(
            TrustedCAs(
                signer=SIGNER,
                previous=(OLD.certificate,),
                propagation=Propagation(observed="0f", since=NOW),
            ),
            id="propagation",
        ),
    ],
)
def test_cas_survive_encoding(cas: TrustedCAs) -> None:
    assert decode_cas(encode_cas(cas)) == cas


def test_a_serving_pair_survives_encoding() -> None:
    assert decode_serving(encode_serving(SERVING.pair, SIGNER.certificate)) == SERVING


@pytest.mark.parametrize(
    ("data", "decoded"),
    [
        pytest.param({}, Absent(), id="no keys"),
        pytest.param({"ca.crt": b"", "ca.key": b""}, Absent(), id="empty, as rendered"),
        pytest.param({**STORED, "ca.crt": b""}, "ca.crt is not a PEM certificate", id="no crt"),
        pytest.param({**STORED, "ca.key": b""}, "ca.key is not an unencrypted PEM private key"),
        pytest.param({**STORED, "ca.crt": OLD.certificate.pem}, "ca.key does not belong to ca.crt"),
        pytest.param(
            {**STORED, "ca.crt": SERVED["tls.crt"], "ca.key": SERVED["tls.key"]},
            "ca.crt is not the certificate of a CA",
        ),
        pytest.param({**STORED, "previous.crt": b"?"}, "previous.crt is not a PEM certificate"),
    ],
)
def test_ca_secret_that_cannot_be_used(data: Mapping[str, bytes], decoded: Absent | str) -> None:
    expected = Damaged(reason=decoded) if isinstance(decoded, str) else decoded
    assert decode_cas(data) == expected


@pytest.mark.parametrize(
    ("data", "decoded"),
    [
        pytest.param({}, Absent(), id="no keys"),
        pytest.param({"tls.crt": b"", "tls.key": b""}, Absent(), id="empty, as rendered"),
        pytest.param({**SERVED, "tls.crt": b"x"}, "tls.crt is not a PEM certificate"),
        pytest.param({**SERVED, "tls.key": b"x"}, "tls.key is not an unencrypted PEM private key"),
        pytest.param(
            {**SERVED, "tls.crt": OLD.certificate.pem}, "tls.key does not belong to tls.crt"
        ),
        pytest.param(
            {**SERVED, "tls.key": RSA_KEY}, "tls.key is not a key on an elliptic curve", id="RSA"
        ),
    ],
)
def test_serving_secret_that_cannot_be_used(
    data: Mapping[str, bytes], decoded: Absent | str
) -> None:
    expected = Damaged(reason=decoded) if isinstance(decoded, str) else decoded
    assert decode_serving(data) == expected


@pytest.mark.parametrize("issuer", [b"", b"?"])
def test_a_serving_pair_is_good_without_its_issuer(issuer: bytes) -> None:
    assert decode_serving({**SERVED, "ca.crt": issuer}) == Serving(pair=SERVING.pair, issuer=None)


@pytest.mark.parametrize(
    "propagation",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"0f", id="no time"),
        pytest.param(b"0f yesterday", id="no ISO time"),
        pytest.param(b"0f 2026-03-01T12:00:00", id="no time zone"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
def test_an_unreadable_note_counts_as_none(propagation: bytes) -> None:
    assert decode_cas({**STORED, "propagation": propagation}) == TrustedCAs(
        signer=SIGNER, previous=(OLD.certificate,)
    )


def test_a_note_is_stored_in_utc() -> None:
    local = NOW.astimezone(timezone(timedelta(hours=2)))
    noted = TrustedCAs(signer=SIGNER, propagation=Propagation(observed="0f", since=local))

    assert encode_cas(noted)["propagation"] == b"0f 2026-03-01T12:00:00+00:00"
