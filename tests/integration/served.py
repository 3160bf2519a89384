"""The real serving process with two more webhooks: one that fails, one that tells its imports."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from webhook.admission.handling import Admitted
from webhook.observability.logs import configure_logs
from webhook.observability.metrics import WebhookMetrics
from webhook.policyfile import BUILT_IN, load_policy
from webhook.server.config_maps import MOST_SECONDS, reads_for
from webhook.server.floors import MountedFloors
from webhook.server.gunicorn.master import Application
from webhook.server.gunicorn.serving import assemble, webhooks
from webhook.server.http.reviews import Webhook
from webhook.server.settings import parse_settings


def main(arguments: list[str]) -> None:
    settings = parse_settings(arguments, {})
    configure_logs(settings.log_level)
    account = Path(os.environ.get("SERVICE_ACCOUNT", "none"))
    seconds = float(os.environ.get("READ_SECONDS", MOST_SECONDS))
    loaded = BUILT_IN if settings.policy is None else load_policy(settings.policy)
    metrics = WebhookMetrics()
    metrics.serves_policy(loaded.policy, sha256=loaded.sha256)
    opened = reads_for(os.environ, metrics=metrics, service_account=account, most_seconds=seconds)
    floors = MountedFloors(settings.floors)
    real = webhooks(loaded.policy, opened, floors)
    at_path = {**real, **_probing(real["/mutate"])}
    Application(assemble(settings, at_path, floors, metrics=metrics)).run()


def _probing(mutate: Webhook) -> Mapping[str, Webhook]:
    def broken(body: bytes, _seconds: float) -> Admitted:
        raise RuntimeError(f"a bug, met with {len(body)} bytes")

    def modules(body: bytes, seconds: float) -> Admitted:
        return replace(mutate(body, seconds), answer=json.dumps(sorted(sys.modules)).encode())

    return {"/broken": broken, "/modules": modules}


if __name__ == "__main__":
    main(sys.argv[1:])
