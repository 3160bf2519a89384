"""What is read from and written to the cluster, and how that can fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol

from certs.state import ConfigurationName


class ErrorCode(StrEnum):
    """Why an attempt failed, in logs and metrics; there are no others."""

    CONFLICT = "conflict"
    MISSING = "missing"
    FORBIDDEN = "forbidden"
    UNREACHABLE = "unreachable"
    MALFORMED = "malformed"
    BUG = "bug"


class ClusterError(Exception):
    """A call failed; the message names the object, and never what a Secret holds."""

    code: ClassVar[ErrorCode]


class ConflictError(ClusterError):
    """The object was written by someone else since it was read: read again."""

    code = ErrorCode.CONFLICT


class MissingError(ClusterError):
    """The object does not exist, and this process may not create it."""

    code = ErrorCode.MISSING


class ForbiddenError(ClusterError):
    """Our credentials do not allow the call."""

    code = ErrorCode.FORBIDDEN


class UnreachableError(ClusterError):
    """No usable answer: no connection, a time-out, an overloaded or failing API server."""

    code = ErrorCode.UNREACHABLE


class MalformedError(ClusterError):
    """An answer that no API server gives: not JSON, or without what every object has."""

    code = ErrorCode.MALFORMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A Secret as it was read; `version` is its `metadata.resourceVersion`."""

    name: str
    version: str
    data: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook of a configuration and the PEM that its server is verified with."""

    name: str
    ca_bundle: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A webhook configuration as it was read."""

    name: ConfigurationName
    version: str
    webhooks: tuple[Webhook, ...]


class Cluster(Protocol):
    """The reads and writes that this process needs; each raises ClusterError.

    A write succeeds only while the object is still as it was read (compare-and-swap).
    """

    def read_secret(self, name: str) -> Secret:
        """Read a Secret of our namespace."""

    def write_secret(self, secret: Secret, data: Mapping[str, bytes]) -> None:
        """Set the keys of `data` and leave all others."""

    def read_configuration(self, name: ConfigurationName) -> Configuration:
        """Read a webhook configuration."""

    def write_bundle(self, configuration: Configuration, bundle: bytes) -> None:
        """Set the `caBundle` of every webhook of a configuration."""
