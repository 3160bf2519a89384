"""Values that tests of the certificate process start from; every part can be replaced."""

from datetime import UTC, datetime, timedelta

from certs.ca import KeyPair, create_ca, issue_leaf
from certs.plan import Spec
from certs.reconcile import Targets
from certs.state import (
    ConfigurationKind,
    ConfigurationName,
    Propagation,
    Publication,
    Serving,
    State,
    TrustedCAs,
    digest,
)
from tests.unit.certs.fake_cluster import FakeCluster

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

NAMES = ("guard.system.svc", "guard.system.svc.cluster.local", "guard.system")

SPEC = Spec(
    dns_names=NAMES,
    ca_lifetime=90 * DAY,
    serving_lifetime=30 * DAY,
    bundle_propagation=2 * MINUTE,
    serving_propagation=10 * MINUTE,
)

MUTATING = ConfigurationName(kind=ConfigurationKind.MUTATING, name="guard")
VALIDATING = ConfigurationName(kind=ConfigurationKind.VALIDATING, name="guard")

TARGETS = Targets(
    ca_secret="guard-ca",
    serving_secret="guard-tls",
    configurations=(MUTATING, VALIDATING),
)


def ca(*, created: datetime = NOW, lifetime: timedelta = 90 * DAY) -> KeyPair:
    return create_ca(lifetime=lifetime, now=created)


def serving(
    signer: KeyPair,
    *,
    issued: datetime = NOW,
    lifetime: timedelta = 30 * DAY,
    dns_names: tuple[str, ...] = NAMES,
) -> Serving:
    leaf = issue_leaf(signer, dns_names=dns_names, lifetime=lifetime, now=issued)
    return Serving(pair=leaf, issuer=signer.certificate)


def published(*bundles: bytes, configuration: ConfigurationName = MUTATING) -> Publication:
    return Publication(configuration=configuration, bundles=bundles)


def propagated(cas: TrustedCAs, served: Serving, *, since: datetime) -> Propagation:
    """The note that `cas` are published and `served` is served, since `since`."""
    return Propagation(observed=digest(cas.bundle, served), since=since)


def state(cas: TrustedCAs, served: Serving) -> State:
    """Everything is published."""
    return State(
        cas=cas,
        serving=served,
        publications=(
            published(cas.bundle, cas.bundle),
            published(cas.bundle, configuration=VALIDATING),
        ),
    )


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def installed(cluster: FakeCluster) -> None:
    """Put everything there as the chart renders it."""
    cluster.put_secret(TARGETS.ca_secret, {})
    cluster.put_secret(TARGETS.serving_secret, {"tls.crt": b"", "tls.key": b""})
    cluster.put_configuration(MUTATING, b"")
    cluster.put_configuration(VALIDATING, b"", b"")
