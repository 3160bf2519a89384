"""The parts of a serving process, put together once, before gunicorn forks its worker."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from gevent import Greenlet

from webhook.admission.advise import advise
from webhook.admission.handling import Admitted, Decide, handle
from webhook.admission.mutate import mutate
from webhook.admission.validate import validate
from webhook.domain.kubernetes.budget import FirstBudget, HeavyError
from webhook.domain.policy.settings import Policy
from webhook.observability.metrics import WebhookMetrics
from webhook.server.config_maps import ReadsFor
from webhook.server.floors import MountedFloors
from webhook.server.gunicorn.connections import Connections
from webhook.server.gunicorn.dismissal import Waiting
from webhook.server.http.app import create_app
from webhook.server.http.probes import create_probes
from webhook.server.http.readiness import Readiness
from webhook.server.http.reviews import Reviews, Webhook
from webhook.server.settings import ServeSettings
from webhook.server.side_thread import SideThread
from webhook.server.tls.serving_certificate import CertificateFiles, Certificates

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

LIGHT_BODY = 32 * 1024
"""Bytes of a review that is decoded in the loop; kube-apiserver sends a few kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What the worker serves with.

    `reviews` are answered without an application where their heads are of kube-apiserver's form;
    all else on their port is answered by `application`. `probes` have a port of their own: no
    review over plain HTTP, no metrics for whoever reaches TLS.
    """

    settings: ServeSettings
    reviews: Reviews
    application: "WSGIApplication"
    probes: "WSGIApplication"
    certificates: Certificates
    readiness: Readiness
    metrics: WebhookMetrics
    connections: Connections[Greenlet]
    waiting: Waiting
    floors: MountedFloors


def webhooks(policy: Policy, reads_for: ReadsFor, floors: MountedFloors) -> Mapping[str, Webhook]:
    """Give the webhook at each path."""
    deciders: Mapping[str, Decide] = {
        "/mutate": mutate,
        "/validate": validate,
        "/advise": advise,
    }
    beside = SideThread()

    def answer(decide: Decide, body: bytes, seconds: float) -> Admitted:
        """Answer in the loop what takes milliseconds, and the rest beside it."""
        answered = partial(handle, body, decide, policy=policy, floors=floors.current)
        with reads_for(seconds) as read:
            if len(body) <= LIGHT_BODY:
                with suppress(HeavyError):
                    return answered(read_config_maps=read, new_budget=FirstBudget)
            return beside.run(partial(answered, read_config_maps=beside.from_loop(read)))

    return {path: partial(answer, decide) for path, decide in deciders.items()}


def assemble(
    settings: ServeSettings,
    at_path: Mapping[str, Webhook],
    floors: MountedFloors,
    *,
    metrics: WebhookMetrics,
) -> Serving:
    """Put the parts together; opens no socket and reads no file."""
    certificates = Certificates(
        CertificateFiles(certificate=settings.cert, key=settings.key, client_ca=settings.client_ca)
    )
    readiness = Readiness(certificates)
    metrics.watch_certificate(lambda: certificates.expiry)
    metrics.watch_readiness(
        lambda: not readiness.obstacles(now=datetime.now(UTC)), lambda: readiness.draining
    )
    reviews = Reviews(at_path, metrics=metrics)
    return Serving(
        settings=settings,
        reviews=reviews,
        application=create_app(reviews),
        probes=create_probes(readiness=readiness, metrics=metrics),
        certificates=certificates,
        readiness=readiness,
        metrics=metrics,
        connections=Connections(),
        waiting=Waiting(),
        floors=floors,
    )
