"""A Flask application that sends every body back, under our worker, TLS and settings."""

import os
import sys
from dataclasses import replace

from flask import Flask, Response, request

from webhook.observability.logs import configure_logs
from webhook.observability.metrics import WebhookMetrics
from webhook.server.floors import MountedFloors
from webhook.server.gunicorn.master import Application
from webhook.server.gunicorn.serving import assemble
from webhook.server.settings import parse_settings


def main() -> None:
    settings = parse_settings(sys.argv[1:], os.environ)
    configure_logs(settings.log_level)
    serving = assemble(settings, {}, MountedFloors(None), metrics=WebhookMetrics())
    Application(replace(serving, application=_echo())).run()


def _echo() -> Flask:
    app = Flask("echo", static_folder=None)

    @app.post("/mutate")
    def mutate() -> Response:
        return Response(request.get_data(cache=False), content_type="application/json")

    return app


if __name__ == "__main__":
    main()
