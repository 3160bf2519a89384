"""Whether API servers accept what a CA issues: asked before it is published, not after.

A CA that somebody put into the Secret may be well-formed and still be of no use. The rules are
those of Go's crypto/x509, by which API servers verify a webhook: a CA's key usage counts where it
is stated, an extended key usage and name constraints bind a root as well.
"""

from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from certs.ca import BACKDATE, KeyPair, issue_leaf
from certs.certificate import Certificate

# Go knows P-224 as well; nobody issues it any more, and the verifier here refuses it.
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_SERVES = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
# What the verifier puts before the reason that a reader needs.
_PREFIXES = (
    "validation failed: ",
    "candidates exhausted: ",
    "Python extension validator failed: ValueError: ",
)


@lru_cache(maxsize=8)
def find_ca_defect(signer: KeyPair, dns_names: tuple[str, ...]) -> str | None:
    """Return why no leaf of `signer` for `dns_names` would be accepted; None when it would.

    A leaf is issued for the trial and thrown away. Periods of validity are not looked at.
    """
    curve = signer.key.curve
    if not isinstance(curve, _CURVES):
        return f"its key is on the curve {curve.name}, which API servers do not verify"
    begin = signer.certificate.not_before + BACKDATE
    leaf = issue_leaf(signer, dns_names=dns_names, lifetime=timedelta(days=1), now=begin)
    return _find_refusal(leaf.certificate, signer.certificate, dns_names)


def find_leaf_defect(
    leaf: Certificate, issuer: Certificate, dns_names: tuple[str, ...], now: datetime
) -> str | None:
    """Return why whoever trusts `issuer` cannot be served with `leaf` now; None if they can."""
    if set(leaf.dns_names) != set(dns_names):
        return f"the serving certificate is for {', '.join(leaf.dns_names) or 'no name'}"
    if not leaf.is_valid_at(now):
        return f"the serving certificate is valid {leaf.period} only"
    if (refusal := _find_refusal(leaf, issuer, dns_names)) is not None:
        return f"API servers would not accept the serving certificate: {refusal}"
    return None


@lru_cache(maxsize=8)
def _find_refusal(leaf: Certificate, issuer: Certificate, dns_names: tuple[str, ...]) -> str | None:
    begin = max(leaf.not_before, issuer.not_before)
    builder = (
        PolicyBuilder()
        .store(Store([issuer.x509]))
        .time(begin)
        .extension_policies(ca_policy=_CA_POLICY, ee_policy=ExtensionPolicy.webpki_defaults_ee())
    )
    for name in dns_names:
        try:
            builder.build_server_verifier(x509.DNSName(name)).verify(leaf.x509, [])
        except (VerificationError, ValueError) as error:
            return f"{_reason(error)} (for {name})"
    return None


def _permit_signing(
    _policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("its key usage does not permit to sign certificates")


def _permit_serving(
    _policy: Policy, _certificate: x509.Certificate, usages: x509.ExtendedKeyUsage | None
) -> None:
    if usages is not None and _SERVES.isdisjoint(usages):
        raise ValueError("its extended key usage does not permit to serve")


_CA_POLICY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _permit_signing)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _permit_serving)
)


def _reason(error: Exception) -> str:
    reason = str(error)
    for prefix in _PREFIXES:
        reason = reason.removeprefix(prefix)
    return reason
