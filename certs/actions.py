"""What a plan can ask for. Each is one write to one object, or a wait, with its reason."""

from dataclasses import dataclass
from datetime import datetime

from certs.certificate import Certificate
from certs.state import Authorities, ConfigurationName


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAuthority:
    """Make a new authority the signer; `previous` stay trusted until its leaf is served."""

    previous: tuple[Certificate, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Write `bundle` into every webhook of one configuration."""

    configuration: ConfigurationName
    bundle: bytes
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLeaf:
    """Issue a serving certificate by the signer of `authorities`."""

    authorities: Authorities
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSettling:
    """Store `authorities`, which note since when what is in force is in force."""

    authorities: Authorities
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSettling:
    """Store `authorities`, which have lost that note."""

    authorities: Authorities
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropAuthorities:
    """Store `authorities`, in which only the signer is left."""

    authorities: Authorities
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Write nothing before `until`: a rotation waits for others to follow."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """All is as it should be; the next renewal is due at `until`."""

    until: datetime
    reason: str


Write = AddAuthority | Publish | IssueLeaf | StartSettling | StopSettling | DropAuthorities
Wait = Settle | Keep
Action = Write | Wait
