"""An installation that is in order, to be broken one part at a time."""

import hashlib
from datetime import UTC, datetime, timedelta

from certs.ca import create_ca, issue_leaf
from webhook.doctor.installation import (
    Component,
    Endpoints,
    Hook,
    Installation,
    Release,
    Side,
    Trial,
    WebhookReplica,
)
from webhook.trials.admission import DryRunAnswer

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SERVICE = "guard/redis-memory-guard"
DNS_NAME = "redis-memory-guard.guard.svc"
AUTHORITY = create_ca(lifetime=365 * DAY, now=NOW)
POLICY = "mode: enforce\n"
HASH = hashlib.sha256(b"mode: enforce").hexdigest()
IN_FORCE = hashlib.sha256(POLICY.encode()).hexdigest()


def a_chain(*, lifetime: timedelta = 30 * DAY, name: str = DNS_NAME) -> bytes:
    """A serving certificate that begins now, in PEM."""
    return issue_leaf(AUTHORITY, dns_names=(name,), lifetime=lifetime, now=NOW).certificate.pem


def a_replica(name: str = "a", **fields: object) -> WebhookReplica:
    known = {"is_ready": True, "version": "1.2.0", "policy_hash": HASH, "policy_in_force": IN_FORCE}
    return WebhookReplica(name=name, **{**known, **fields})  # type: ignore[arg-type]  # a builder


def a_hook(side: Side = Side.MUTATING, **fields: object) -> Hook:
    known: dict[str, object] = {
        "side": side,
        "name": f"{side}.redis-memory-guard.dev",
        "service": SERVICE,
        "failure_policy": "Fail",
        "bundle": AUTHORITY.certificate.pem,
        "exempt_namespaces": ("kube-system", "guard"),
    }
    return Hook(**{**known, **fields})  # type: ignore[arg-type]  # a builder


def a_release(**fields: object) -> Release:
    known: dict[str, object] = {
        "namespace": "guard",
        "name": "redis-memory-guard",
        "instance": "redis-memory-guard",
        "version": "1.2.0",
        "wanted": 2,
        "service_account": "redis-memory-guard",
        "reads_config_maps": True,
        "serving_secret": "redis-memory-guard-tls",
        "selector": "app=guard",
    }
    return Release(**{**known, **fields})  # type: ignore[arg-type]  # a builder


BOUNDED = DryRunAnswer(
    container={"command": ["sh", "-c", "exec redis-server --maxmemory 419430400"]}
)
REFUSED = DryRunAnswer(
    refusal='admission webhook "inject.redis-memory-guard.dev" denied the request: no limit'
)


def an_installation(**fields: object) -> Installation:
    known: dict[str, object] = {
        "program_version": "1.2.0",
        "api_server_version": "v1.30.1",
        "release": a_release(),
        "replicas": (a_replica("a"), a_replica("b")),
        "endpoints": Endpoints(ready=2, all=2),
        "mutating": (a_hook(),),
        "validating": (a_hook(Side.VALIDATING),),
        "serving_chain": a_chain(),
        "policy_text": POLICY,
        "may_read_config_maps": True,
        "certificate_process": Component(ready=1, wanted=1),
        "audit": None,
        "trial": Trial(namespace="default", limited=BOUNDED, unlimited=REFUSED),
    }
    return Installation(**{**known, **fields})  # type: ignore[arg-type]  # a builder
