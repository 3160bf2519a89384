"""What is stored, read and understood: damage is a value with a reason, never an exception."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from certs.ca import KeyPair
from certs.certificate import (
    Certificate,
    CertificateError,
    encode_certificates,
    parse_certificates,
)


class ErrorCode(StrEnum):
    """What is not as it should be, in logs and metrics; there are no others."""

    CONFLICT = "conflict"
    MISSING = "missing"
    FORBIDDEN = "forbidden"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"
    CONTESTED = "contested"
    UNFIT_CA = "unfit-ca"
    BUG = "bug"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why an object cannot be read or written for now: somebody else has to look."""

    error: ErrorCode
    reason: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing is there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """Something is there that cannot be used; `reason` names the key and what is wrong."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """A CA that somebody put there, whole but of no use here: it is theirs, and left alone."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Propagation:
    """`observed` (a `digest`) was in force at `since`, by the clock of who wrote this."""

    observed: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedCAs:
    """Who signs, who else is trusted. `previous` is non-empty exactly while a CA rotates."""

    signer: KeyPair
    previous: tuple[Certificate, ...] = ()
    propagation: Propagation | None = None

    @property
    def bundle(self) -> bytes:
        """The `caBundle` to publish, PEM, oldest CA first."""
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
    """The `caBundle` of every webhook in one configuration, as PEM; none if it cannot be read."""

    configuration: ConfigurationName
    bundles: tuple[bytes, ...]
    obstacle: Obstacle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that a plan is made from. A configuration that does not exist is not in it.

    `ca_obstacle` and `serving_obstacle` stand in the way of writing the two Secrets.
    """

    cas: TrustedCAs | Absent | Damaged | Unfit
    serving: Serving | Absent | Damaged
    publications: tuple[Publication, ...]
    ca_obstacle: Obstacle | None = None
    serving_obstacle: Obstacle | None = None


def digest(bundle: bytes, serving: Serving | Absent | Damaged) -> str:
    """Identify what has to reach everybody: the bundle in force and who issued what is served.

    The leaf itself is left out, so that its renewal does not start the wait anew.
    """
    issuer = b""
    if isinstance(serving, Serving):
        issuer = serving.pair.certificate.x509.issuer.public_bytes()
    return hashlib.sha256(bundle + b"\0" + issuer).hexdigest()


def parse_published(bundle: bytes) -> tuple[Certificate, ...]:
    """Return the certificates of a published `caBundle`; none at all if any is unreadable."""
    try:
        return parse_certificates(bundle)
    except CertificateError:
        return ()
