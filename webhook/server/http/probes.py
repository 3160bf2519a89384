"""What the kubelet and Prometheus ask, over plain HTTP on a port of its own.

TLS cannot answer for a process that still waits for its certificate, and no review is taken here.
"""

from datetime import UTC, datetime

from flask import Flask, Response, request
from prometheus_client.exposition import choose_encoder

from webhook.observability.metrics import WebhookMetrics
from webhook.server.http.readiness import Readiness


def create_probes(*, readiness: Readiness, metrics: WebhookMetrics) -> Flask:
    """Build the application: `/livez`, `/readyz` (503 with the reasons when not), `/metrics`."""
    app = Flask("redis-memory-guard-probes", static_folder=None)

    @app.get("/livez")
    def livez() -> Response:
        return _text(200, "live")

    @app.get("/readyz")
    def readyz() -> Response:
        obstacles = readiness.obstacles(now=datetime.now(UTC))
        return _text(503, *obstacles) if obstacles else _text(200, "ready")

    @app.get("/metrics")
    def show_metrics() -> Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(metrics.registry), content_type=content_type)

    return app


def _text(status: int, *lines: str) -> Response:
    return Response("".join(f"{line}\n" for line in lines), status, content_type="text/plain")
