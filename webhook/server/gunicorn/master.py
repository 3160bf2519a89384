"""gunicorn's outer parts: the application it loads, and the process that owns the sockets."""

import signal
from types import FrameType
from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from webhook.server.gunicorn.config import gunicorn_options
from webhook.server.gunicorn.serving import Serving

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class Application(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gives gunicorn its settings and the WSGI application, and the worker its `serving`."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        super().__init__(prog="redis-memory-guard")

    def load_config(self) -> None:
        """Hand over our settings; gunicorn reads no file, no flag and no environment of its own."""
        for name, value in gunicorn_options(self.serving.settings).items():
            self.cfg.set(name, value)

    def load(self) -> "WSGIApplication":
        """Give the WSGI application of reviews; the worker takes that of probes by itself."""
        return self.serving.application

    def run(self) -> None:
        """Serve until a signal ends the process, with exit status 0 when it was asked to stop."""
        Master(self).run()


class Master(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Stops on SIGTERM after a drain; a second SIGTERM ends the drain."""

    _stopping = False

    def signal(self, sig: int, frame: FrameType | None) -> None:
        """Queue a signal; called as its handler, so it does nothing else."""
        if sig == signal.SIGTERM and self._stopping:
            sig = signal.SIGQUIT
        self._stopping = self._stopping or sig == signal.SIGTERM
        super().signal(sig, frame)
