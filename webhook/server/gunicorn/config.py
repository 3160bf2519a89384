"""How gunicorn is set up, and why.

One worker process, not a setting: a replica answers thousands of reviews a second, while the
webhook's matchConditions keep the rate at that of Redis Pod creations. More capacity is more
replicas, and one process has complete metrics without files shared between processes.
"""

from collections.abc import Mapping
from pathlib import Path

from gunicorn.config import Config
from gunicorn.glogging import Logger

from webhook.server.gunicorn.conversation import REQUEST_SECONDS
from webhook.server.gunicorn.worker import Worker
from webhook.server.settings import ServeSettings

# kube-apiserver keeps an idle connection for 90 s and does not repeat a POST on a reset one, so it
# must always be the one that closes first
KEEP_ALIVE_SECONDS = 120


class GunicornLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Leaves gunicorn's lines to the process's own log; there is no access log."""

    def setup(self, cfg: Config) -> None:
        """Let gunicorn's records reach the root logger."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.propagate = True
        # its lines about starting and listening say less than our own
        self.error_log.setLevel(self.LOG_LEVELS[cfg.loglevel])

    def access(self, *_: object) -> None:
        """Log nothing: the decisions are the log."""


def gunicorn_options(settings: ServeSettings) -> Mapping[str, object]:
    """Give gunicorn's settings for ours; both sockets are opened before the worker is forked."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    memory = Path("/dev/shm")  # noqa: S108 - writable also where the root file system is not
    return {
        "bind": [f"{host}:{settings.port}", f"{host}:{settings.health_port}"],
        "workers": 1,
        "worker_class": Worker,
        "preload_app": True,
        "keepalive": KEEP_ALIVE_SECONDS,
        # kube-apiserver sends a short line and about ten fields; with a kubeconfig a token is one
        "limit_request_line": 1024,
        "limit_request_fields": 32,
        # the one whose answers to broken requests are tested, whatever else is installed
        "http_parser": "python",
        # gunicorn kills the worker when this is over, so it is longer than a drain can last
        "graceful_timeout": int(settings.drain_seconds) + REQUEST_SECONDS + 5,
        # a worker whose loop stands still for so long is replaced
        "timeout": 30,
        "worker_tmp_dir": str(memory) if memory.is_dir() else None,
        "logger_class": GunicornLog,
        "loglevel": "debug" if settings.log_level == "debug" else "warning",
        "accesslog": None,
        # no socket in the file system through which a running server could be told things
        "control_socket_disable": True,
    }
