"""An installation as values: what the API server says of one release of the chart."""

from dataclasses import dataclass
from enum import StrEnum

from webhook.trials.admission import DryRunAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What could not be read, and why: a missing right, mostly."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One Deployment of the webhook. `name` is what the names of all its objects begin with."""

    namespace: str
    name: str
    instance: str
    version: str
    wanted: int
    service_account: str
    reads_config_maps: bool
    serving_secret: str
    selector: str

    @property
    def option(self) -> str:
        """The option by which kubectl looks where the release is."""
        return f"--namespace={self.namespace}"

    def __str__(self) -> str:
        """Give `NAMESPACE/NAME`."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReplica:
    """One Pod of the webhook. `problem` is what its container waits for, where it does.

    `policy_hash` is that of the policy it was rolled out with: the annotation `checksum/policy`;
    `policy_in_force` that of the file that it read, empty where it cannot be asked.
    """

    name: str
    is_ready: bool
    version: str
    policy_hash: str
    policy_in_force: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """How many addresses the Service leads to, and how many of them are ready."""

    ready: int
    all: int


class Side(StrEnum):
    """Which of the two webhook configurations."""

    MUTATING = "mutating"
    VALIDATING = "validating"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One entry of a webhook configuration. `service` is `NAMESPACE/NAME`, or a URL."""

    side: Side
    name: str
    service: str
    failure_policy: str
    bundle: bytes
    exempt_namespaces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Another Deployment of the release: the certificate process, or the audit.

    `problem` is what its Pod waits for, where that keeps it from being ready.
    """

    ready: int
    wanted: int
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of the two Pods that were created as dry runs."""

    namespace: str
    limited: DryRunAnswer
    unlimited: DryRunAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Everything that is looked at; None is what is not there."""

    program_version: str
    api_server_version: str
    release: Release
    replicas: tuple[WebhookReplica, ...] | Unread
    endpoints: Endpoints | Unread
    mutating: tuple[Hook, ...] | Unread | None
    validating: tuple[Hook, ...] | Unread | None
    serving_chain: bytes | Unread | None
    policy_text: str | Unread | None
    may_read_config_maps: bool | Unread
    certificate_process: Component | Unread | None
    audit: Component | Unread | None
    trial: Trial | Unread

    @property
    def hooks(self) -> tuple[Hook, ...]:
        """The entries of both configurations, as far as they are there and can be read."""
        sides = (self.mutating, self.validating)
        return tuple(hook for side in sides if isinstance(side, tuple) for hook in side)
