"""The serving certificate and what API servers trust: read, and held against each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509 import Certificate, ExtensionNotFound, SubjectAlternativeName


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A serving certificate, and the intermediate ones that are served behind it."""

    leaf: Certificate
    intermediates: tuple[Certificate, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The DNS names that it is for."""
        try:
            found = self.leaf.extensions.get_extension_for_class(SubjectAlternativeName)
        except ExtensionNotFound:
            return ()
        return tuple(found.value.get_values_for_type(x509.DNSName))

    def elapsed(self, now: datetime) -> float:
        """Give the part of its life that is over: 1 is its end."""
        begin, end = self.leaf.not_valid_before_utc, self.leaf.not_valid_after_utc
        return (now - begin) / (end - begin)

    def is_trusted(self, bundle: Sequence[Certificate]) -> bool:
        """Tell whether a certificate of the bundle signed it, or one of the intermediate ones.

        Only signatures and names are followed; what else API servers ask of a CA is for the dry run
        to show.
        """
        current = self.leaf
        for _ in range(len(self.intermediates) + 1):
            if any(_issued(current, issuer) for issuer in bundle):
                return True
            issuers = (each for each in self.intermediates if _issued(current, each))
            if (following := next(issuers, None)) is None:
                return False
            current = following
        return False


def parse_chain(pem: bytes) -> Chain:
    """Read `tls.crt`. Raises ValueError where it holds no certificate."""
    leaf, *intermediates = x509.load_pem_x509_certificates(pem)
    return Chain(leaf=leaf, intermediates=tuple(intermediates))


def parse_bundle(pem: bytes) -> tuple[Certificate, ...]:
    """Read a caBundle. Raises ValueError where it holds no certificate."""
    return tuple(x509.load_pem_x509_certificates(pem))


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
