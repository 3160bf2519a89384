"""What a CA signs is accepted by API servers, or why not: Go's rules, tried beforehand.

Each case was held against crypto/x509 of Go 1.26, too.
"""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.ca import KeyPair
from certs.verification import find_ca_defect, find_leaf_defect
from tests.unit.certs.builders import DAY, HOUR, NAMES, NOW, ca, serving
from tests.unit.certs.unfit import adopted_ca, key_usage, permit_names, unfit_ca

SERVES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
ANY_PURPOSE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])


@pytest.mark.parametrize(
    "signer",
    [
        pytest.param(ca(), id="ours"),
        pytest.param(adopted_ca(), id="without a key usage"),
        pytest.param(adopted_ca(constraints_are_critical=False), id="constraints not critical"),
        pytest.param(adopted_ca(key_usage(key_cert_sign=True)), id="that may sign"),
        pytest.param(adopted_ca(SERVES), id="for servers"),
        pytest.param(adopted_ca(ANY_PURPOSE), id="for any purpose"),
        pytest.param(
            adopted_ca(permit_names("system.svc", "svc.cluster.local", "guard.system")),
            id="for our names",
        ),
        pytest.param(adopted_ca(curve=ec.SECP384R1()), id="P-384"),
        pytest.param(adopted_ca(curve=ec.SECP521R1()), id="P-521"),
    ],
)
def test_a_ca_that_works(signer: KeyPair) -> None:
    assert find_ca_defect(signer, NAMES) is None


@pytest.mark.parametrize(
    ("signer", "defect"),
    [
        pytest.param(
            adopted_ca(key_usage(key_cert_sign=False)),
            "its key usage does not permit to sign certificates (for guard.system.svc)",
            id="that may not sign",
        ),
        pytest.param(
            adopted_ca(is_ca=False),
            "basicConstraints.cA must be asserted in a CA certificate (for guard.system.svc)",
            id="that is none",
        ),
        pytest.param(
            unfit_ca(),
            "its extended key usage does not permit to serve (for guard.system.svc)",
            id="for clients",
        ),
        pytest.param(
            adopted_ca(permit_names("example.com")),
            "no permitted name constraints matched SAN (for guard.system.svc)",
            id="for others' names",
        ),
        pytest.param(
            adopted_ca(permit_names("svc")),
            "no permitted name constraints matched SAN (for guard.system.svc)",
            id="for one of our names",
        ),
        pytest.param(
            adopted_ca(curve=ec.SECP256K1()),
            "its key is on the curve secp256k1, which API servers do not verify",
            id="secp256k1",
        ),
        pytest.param(
            adopted_ca(curve=ec.BrainpoolP256R1()),
            "its key is on the curve brainpoolP256r1, which API servers do not verify",
            id="brainpool",
        ),
    ],
)
def test_a_ca_that_does_not(signer: KeyPair, defect: str) -> None:
    assert find_ca_defect(signer, NAMES) == defect


def test_a_name_that_is_none() -> None:
    assert find_ca_defect(ca(), ("guard..svc",)) == "invalid domain name (for guard..svc)"


def test_a_leaf_that_works() -> None:
    signer = ca()

    leaf = serving(signer).pair.certificate

    assert find_leaf_defect(leaf, signer.certificate, NAMES, NOW) is None


def test_a_leaf_of_a_ca_that_does_not_work() -> None:
    signer = unfit_ca()

    leaf = serving(signer).pair.certificate

    assert find_leaf_defect(leaf, signer.certificate, NAMES, NOW) == (
        "API servers would not accept the serving certificate: its extended key usage does not"
        " permit to serve (for guard.system.svc)"
    )


def test_a_ca_is_tried_whenever_it_is_valid() -> None:
    short = ca(created=NOW - DAY, lifetime=HOUR)

    assert find_ca_defect(short, NAMES) is None
