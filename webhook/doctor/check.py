"""One line of a diagnosis."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What became of a check: `unknown` where something could not be read."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


class CheckName(StrEnum):
    """Every check, in their order; docs/troubleshooting.md has a heading for each."""

    API_SERVER = "api-server"
    VERSIONS = "versions"
    REPLICAS = "replicas"
    ENDPOINTS = "endpoints"
    MUTATING_CONFIGURATION = "mutating-configuration"
    VALIDATING_CONFIGURATION = "validating-configuration"
    CERTIFICATE = "certificate"
    CA_BUNDLE = "ca-bundle"
    CERTIFICATE_PROCESS = "certificate-process"
    POLICY = "policy"
    CONFIG_MAPS = "config-maps"
    AUDIT = "audit"
    EXEMPT_NAMESPACES = "exempt-namespaces"
    BOUNDED_POD = "bounded-pod"
    DENIED_POD = "denied-pod"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was found, and what to do where it is not in order."""

    name: CheckName
    status: Status
    message: str
    remedy: str = ""

    @property
    def see(self) -> str:
        """The page that has more to say of a line that is not in order."""
        if self.status is Status.OK:
            return ""
        return f"{_PAGE}#{self.name}"


_PAGE = "https://github.com/redis-memory-guard/redis-memory-guard/blob/main/docs/troubleshooting.md"


def ok(name: CheckName, message: str) -> Check:
    """Say that all is in order."""
    return Check(name=name, status=Status.OK, message=message)


def warning(name: CheckName, message: str, remedy: str) -> Check:
    """Say what works, and will not for ever or not as meant."""
    return Check(name=name, status=Status.WARNING, message=message, remedy=remedy)


def failed(name: CheckName, message: str, remedy: str) -> Check:
    """Say what is broken."""
    return Check(name=name, status=Status.FAILED, message=message, remedy=remedy)


def unknown(name: CheckName, why: str) -> Check:
    """Say what could not be read."""
    remedy = "Give yourself the right that is missing, or leave this check out."
    return Check(name=name, status=Status.UNKNOWN, message=f"not checked: {why}", remedy=remedy)
