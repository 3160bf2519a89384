"""What `observe` is asked for."""

from dataclasses import dataclass

from webhook.cli.commands.cluster_session import ClusterRequest
from webhook.observability.logs import LevelName


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(ClusterRequest):
    """How often to look, whom to ask, and what to write; `floors` is `NAMESPACE/CONFIGMAP`."""

    interval: float
    port: int
    live: str
    prometheus: str | None
    floors: str | None
    reports: bool
    events: bool
    log_level: LevelName
