"""Settings: the defaults hold, and all problems are told at once, each with its option."""

from dataclasses import replace
from datetime import timedelta

import pytest

from certs.plan import Spec
from certs.reconcile import Targets
from certs.settings import Options, Settings, SettingsError, parse_duration, parse_settings
from certs.state import ConfigurationKind, ConfigurationName
from tests.unit.certs.builders import DAY, HOUR, MINUTE, SECOND

OPTIONS = Options(
    namespace="system",
    service="guard",
    cluster_domain="cluster.local",
    ca_secret="guard-ca",
    serving_secret="guard-tls",
    mutating=("guard",),
    validating=("guard", "guard.advice"),
    ca_lifetime="365d",
    serving_lifetime="30d",
    bundle_propagation="2m",
    serving_propagation="10m",
    interval="10s",
    listen_address="",
    listen_port=8081,
)


def test_settings() -> None:
    settings = parse_settings(OPTIONS)

    assert settings == Settings(
        namespace="system",
        targets=Targets(
            ca_secret="guard-ca",
            serving_secret="guard-tls",
            configurations=(
                ConfigurationName(kind=ConfigurationKind.MUTATING, name="guard"),
                ConfigurationName(kind=ConfigurationKind.VALIDATING, name="guard"),
                ConfigurationName(kind=ConfigurationKind.VALIDATING, name="guard.advice"),
            ),
        ),
        spec=Spec(
            dns_names=("guard.system.svc", "guard.system.svc.cluster.local", "guard.system"),
            ca_lifetime=365 * DAY,
            serving_lifetime=30 * DAY,
            bundle_propagation=2 * MINUTE,
            serving_propagation=10 * MINUTE,
        ),
        interval=10 * SECOND,
        listen_address="",
        listen_port=8081,
    )


def test_all_problems_at_once() -> None:
    wrong = replace(
        OPTIONS, namespace="My Space", serving_secret="guard-ca", mutating=("",), interval="soon"
    )

    with pytest.raises(SettingsError) as caught:
        parse_settings(wrong)

    assert str(caught.value).splitlines() == [
        "--interval: not a duration such as 365d, 12h, 1h30m or 90s: 'soon'",
        "--namespace: not a name of at most 63 of a-z, 0-9 and '-': 'My Space'",
        "--mutating: not a name of at most 253 of a-z, 0-9, '-' and '.': ''",
        "--serving-secret: has to differ from --ca-secret, whose key Pods must not see",
    ]


@pytest.mark.parametrize(
    ("good", "bad", "problem"),
    [
        pytest.param(
            replace(OPTIONS, serving_lifetime="73m", bundle_propagation="30s"),
            replace(
                OPTIONS, serving_lifetime="59m", bundle_propagation="30s", serving_propagation="3m"
            ),
            "--serving-lifetime: has to be at least 1:00:00",
            id="serving lifetime",
        ),
        pytest.param(
            replace(OPTIONS, bundle_propagation="30s"),
            replace(OPTIONS, bundle_propagation="29s"),
            "--bundle-propagation: has to be at least 0:00:30",
            id="bundle propagation",
        ),
        pytest.param(
            replace(OPTIONS, serving_propagation="3m"),
            replace(OPTIONS, serving_propagation="179s"),
            "--serving-propagation: has to be at least 0:03:00",
            id="serving propagation",
        ),
        pytest.param(
            replace(OPTIONS, interval="1s"),
            replace(OPTIONS, interval="0s"),
            "--interval: has to be at least 0:00:01",
            id="interval, least",
        ),
        pytest.param(
            replace(OPTIONS, interval="10m"),
            replace(OPTIONS, interval="601s"),
            "--interval: has to be at most 0:10:00, or a lost caBundle stays lost for longer",
            id="interval, most",
        ),
        pytest.param(
            replace(OPTIONS, ca_lifetime="90d"),
            replace(OPTIONS, ca_lifetime="89d23h59m59s"),
            "--ca-lifetime: has to be three times --serving-lifetime, to outlive each leaf",
            id="CA lifetime",
        ),
        pytest.param(
            replace(OPTIONS, serving_lifetime="72m"),
            replace(OPTIONS, serving_lifetime="4319s"),
            "--bundle-propagation, --serving-propagation:"
            " together at most a sixth of --serving-lifetime",
            id="both waits within a leaf's last third",
        ),
        pytest.param(
            replace(OPTIONS, mutating=(), validating=("guard",)),
            replace(OPTIONS, mutating=(), validating=()),
            "--mutating, --validating: at least one webhook configuration has to be named",
            id="configurations",
        ),
        pytest.param(
            replace(OPTIONS, service="a" * 63),
            replace(OPTIONS, service="a" * 64),
            f"--service: not a name of at most 63 of a-z, 0-9 and '-': '{'a' * 64}'",
            id="service",
        ),
    ],
)
def test_bounds(good: Options, bad: Options, problem: str) -> None:
    parse_settings(good)

    with pytest.raises(SettingsError) as caught:
        parse_settings(bad)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("365d", 365 * DAY),
        ("12h", 12 * HOUR),
        ("1h30m", HOUR + 30 * MINUTE),
        ("90s", 90 * SECOND),
        ("1d2h3m4s", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND),
        ("0s", timedelta()),
    ],
)
def test_durations(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "5", "5 m", "-5m", "1.5h", "5m1h", "5w", "5M", "999999d", "५m\n"]
)
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a duration such as 365d, 12h, 1h30m or 90s: "):
        parse_duration(text)
