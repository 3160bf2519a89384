"""What is wrong with the CA that signs, and with the certificate that is served."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from certs.certificate import Certificate
from certs.state import Absent, Damaged, Serving, TrustedCAs
from certs.verification import find_leaf_defect


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafDefect:
    """Why the leaf has to be issued anew. One of the signer can be at once, whoever trusts it."""

    reason: str
    is_of_signer: bool = False


def find_signer_defect(cas: TrustedCAs, now: datetime, *, is_reachable: bool) -> str | None:
    """Return why another CA has to sign; an old one waits until configurations are reachable."""
    certificate = cas.signer.certificate
    if not certificate.is_valid_at(now):
        return f"the CA is valid {certificate.period} only"
    # One rotation at a time: the one under way takes minutes, the rest of a life is months. One
    # that cannot reach every configuration would only hold up renewals until the CA expires.
    if now >= certificate.renewal_due and not cas.previous and is_reachable:
        return f"two thirds of the CA's life passed at {_time(certificate.renewal_due)}"
    return None


def evaluate_leaf(
    serving: Serving | Absent | Damaged, cas: TrustedCAs, dns_names: tuple[str, ...], now: datetime
) -> Certificate | LeafDefect:
    """Return the serving certificate when it can stay, else what is wrong with it."""
    match serving:
        case Absent():
            return LeafDefect(reason="there is no serving certificate")
        case Damaged(reason=reason):
            return LeafDefect(reason=f"the serving Secret is damaged: {reason}")
        case Serving():
            leaf = serving.pair.certificate
        case _:
            assert_never(serving)
    if not leaf.is_issued_by(cas.signer.certificate):
        return LeafDefect(reason="the serving certificate is not from the CA that signs now")
    if (defect := _leaf_defect(leaf, cas.signer.certificate, dns_names, now)) is not None:
        return LeafDefect(reason=defect, is_of_signer=True)
    return leaf


def _leaf_defect(
    leaf: Certificate, signer: Certificate, dns_names: tuple[str, ...], now: datetime
) -> str | None:
    if (defect := find_leaf_defect(leaf, signer, dns_names, now)) is not None:
        return defect
    # One that ends with its CA cannot be renewed to last any longer.
    if now >= leaf.renewal_due and leaf.not_after < signer.not_after:
        return f"two thirds of the serving certificate's life passed at {_time(leaf.renewal_due)}"
    return None


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
