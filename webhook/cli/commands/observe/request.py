"""What `observe` is asked for."""

from dataclasses import dataclass

from webhook.cli.commands.audit_look import AuditRequest
from webhook.observability.logs import LevelName


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(AuditRequest):
    """How often to look, and what to write; `floors` is `NAMESPACE/CONFIGMAP`."""

    interval: float
    port: int
    floors: str | None
    reports: bool
    events: bool
    log_level: LevelName
