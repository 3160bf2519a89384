"""What a plan can ask for. Each is one write to one object, or a wait, with its reason."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from certs.certificate import Certificate
from certs.state import Authorities, ConfigurationName


class ActionCode(StrEnum):
    """What an action is called in logs, metrics and reports, whatever its class is called."""

    ADD_CA = "add-ca"
    PUBLISH = "publish-ca-bundle"
    ISSUE = "issue-serving-certificate"
    START_PROPAGATION = "start-propagation"
    STOP_PROPAGATION = "stop-propagation"
    DROP_OLD_CAS = "drop-old-cas"
    AWAIT_PROPAGATION = "await-propagation"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAuthority:
    """Make a new authority the signer; `previous` stay trusted until its leaf is served."""

    code: ClassVar[ActionCode] = ActionCode.ADD_CA
    previous: tuple[Certificate, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Write `bundle` into every webhook of one configuration."""

    code: ClassVar[ActionCode] = ActionCode.PUBLISH
    configuration: ConfigurationName
    bundle: bytes
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLeaf:
    """Issue a serving certificate by the signer of `authorities`."""

    code: ClassVar[ActionCode] = ActionCode.ISSUE
    authorities: Authorities
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSettling:
    """Store `authorities`, which note since when what is in force is in force."""

    code: ClassVar[ActionCode] = ActionCode.START_PROPAGATION
    authorities: Authorities
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSettling:
    """Store `authorities`, which have lost that note."""

    code: ClassVar[ActionCode] = ActionCode.STOP_PROPAGATION
    authorities: Authorities
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropAuthorities:
    """Store `authorities`, in which only the signer is left."""

    code: ClassVar[ActionCode] = ActionCode.DROP_OLD_CAS
    authorities: Authorities
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Write nothing before `until`: a rotation waits for others to follow."""

    code: ClassVar[ActionCode] = ActionCode.AWAIT_PROPAGATION
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """All is as it should be; the next renewal is due at `until`."""

    code: ClassVar[ActionCode] = ActionCode.KEEP
    until: datetime
    reason: str


Write = AddAuthority | Publish | IssueLeaf | StartSettling | StopSettling | DropAuthorities
Wait = Settle | Keep
Action = Write | Wait
