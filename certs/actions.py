"""What a plan can ask for. Each is one write to one object, or a wait, with its reason."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from certs.certificate import Certificate
from certs.state import ConfigurationName, ErrorCode, TrustedCAs


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
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCA:
    """Make a new CA the signer; `previous` stay trusted until its leaf is served."""

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
    """Issue a serving certificate by the signer of `cas`."""

    code: ClassVar[ActionCode] = ActionCode.ISSUE
    cas: TrustedCAs
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPropagation:
    """Store `cas`, which note since when what is in force is in force."""

    code: ClassVar[ActionCode] = ActionCode.START_PROPAGATION
    cas: TrustedCAs
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPropagation:
    """Store `cas`, which have lost that note."""

    code: ClassVar[ActionCode] = ActionCode.STOP_PROPAGATION
    cas: TrustedCAs
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOldCAs:
    """Store `cas`, in which only the signer is left."""

    code: ClassVar[ActionCode] = ActionCode.DROP_OLD_CAS
    cas: TrustedCAs
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitPropagation:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Not all is as it should be, and no write would mend it: somebody has to look."""

    code: ClassVar[ActionCode] = ActionCode.HOLD
    error: ErrorCode
    reason: str


Write = AddCA | Publish | IssueLeaf | StartPropagation | StopPropagation | DropOldCAs
Wait = AwaitPropagation | Keep | Hold
Action = Write | Wait
