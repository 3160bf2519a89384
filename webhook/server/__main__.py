"""`python -m webhook.server`: settings in, a serving process out."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from webhook.observability.logs import configure_logs
from webhook.observability.metrics import WebhookMetrics
from webhook.policyfile import BUILT_IN, LoadedPolicy, PolicyFileError, load_policy
from webhook.server.config_maps import reads_for
from webhook.server.floors import MountedFloors
from webhook.server.gunicorn.master import Application
from webhook.server.gunicorn.serving import assemble, webhooks
from webhook.server.settings import ServeSettings, SettingsError, parse_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; gives 2, with every problem on stderr, when settings or policy file are no good."""
    try:
        settings = parse_settings(sys.argv[1:] if arguments is None else arguments, os.environ)
        loaded = BUILT_IN if settings.policy is None else load_policy(settings.policy)
    except (SettingsError, PolicyFileError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configure_logs(settings.log_level)
    if not settings.dev:
        return serve(settings, loaded)
    with _own_directory() as directory:
        return serve(_with_dev_certificate(settings, directory), loaded)


def serve(settings: ServeSettings, loaded: LoadedPolicy) -> int:
    """Serve until SIGTERM or SIGINT; gives the exit status."""
    metrics = WebhookMetrics()
    metrics.serves_policy(loaded.policy, sha256=loaded.sha256)
    floors = MountedFloors(settings.floors)
    at_path = webhooks(loaded.policy, reads_for(os.environ, metrics=metrics), floors)
    application = Application(assemble(settings, at_path, floors, metrics=metrics))
    try:
        application.run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _with_dev_certificate(settings: ServeSettings, directory: Path) -> ServeSettings:
    command = [sys.executable, "-m", "webhook.server.tls.dev_certificate", str(directory)]
    subprocess.run(command, check=True)
    return replace(settings, cert=directory / "tls.crt", key=directory / "tls.key")


@contextmanager
def _own_directory() -> Iterator[Path]:
    """Give a directory that goes with this process, not with a worker forked from it."""
    owner = os.getpid()
    directory = Path(mkdtemp(prefix="redis-memory-guard-"))
    try:
        yield directory
    finally:
        if os.getpid() == owner:
            rmtree(directory)


if __name__ == "__main__":
    sys.exit(main())
