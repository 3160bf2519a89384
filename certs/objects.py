"""What is read from and written to the cluster, and how that can fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar, Protocol

from certs.state import ConfigurationName, ErrorCode


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


class RejectedError(ClusterError):
    """The API server will not have what we write: a policy's, a webhook's or its own validation."""

    code = ErrorCode.REJECTED


class UnreachableError(ClusterError):
    """No usable answer: no connection, a time-out, an overloaded or failing API server.

    `retry_after` is the pause that it asks for.
    """

    code = ErrorCode.UNREACHABLE

    def __init__(self, message: str, *, retry_after: timedelta = timedelta()) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ContestedError(ClusterError):
    """Somebody undoes what we write as fast as we write it."""

    code = ErrorCode.CONTESTED


class MalformedError(ClusterError):
    """An answer that no API server gives: not JSON, or without what every object has."""

    code = ErrorCode.MALFORMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A Secret as it was read; `version` is its `metadata.resourceVersion`.

    `rival` is the field manager that wrote it last, if that was not this process.
    """

    name: str
    version: str
    data: Mapping[str, bytes] = field(repr=False)
    rival: str | None = None

    @property
    def where(self) -> str:
        """Which, in the notation of kubectl."""
        return f"Secret/{self.name}"

    @property
    def content(self) -> Mapping[str, bytes]:
        """What a write of ours replaces."""
        return self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook of a configuration and the PEM that its server is verified with."""

    name: str
    ca_bundle: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A webhook configuration as it was read; `rival` as that of a Secret."""

    name: ConfigurationName
    version: str
    webhooks: tuple[Webhook, ...]
    rival: str | None = None

    @property
    def where(self) -> str:
        """Which, in the notation of kubectl."""
        return str(self.name)

    @property
    def content(self) -> tuple[bytes, ...]:
        """What a write of ours replaces."""
        return tuple(webhook.ca_bundle for webhook in self.webhooks)


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
