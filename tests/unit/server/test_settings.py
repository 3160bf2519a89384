"""Flags over environment over defaults; every problem at once."""

from pathlib import Path

import pytest

from webhook.server.settings import ServeSettings, SettingsError, parse_settings

_EVERY_FLAG = (
    "--policy p.yaml --cert c --key k --client-ca ca --address ::1 --port 1 --health-port 2 "
    "--connections 32 --drain-seconds 0.5 --log-level debug --dev"
)
_EVERY_SETTING = ServeSettings(
    policy=Path("p.yaml"),
    cert=Path("c"),
    key=Path("k"),
    client_ca=Path("ca"),
    address="::1",
    port=1,
    health_port=2,
    connections=32,
    drain_seconds=0.5,
    log_level="debug",
    dev=True,
)


def test_nothing_given_is_the_defaults() -> None:
    settings = parse_settings([], {})

    assert settings == ServeSettings(
        policy=None,
        cert=Path("/etc/redis-memory-guard/tls/tls.crt"),
        key=Path("/etc/redis-memory-guard/tls/tls.key"),
        client_ca=None,
        address="",
        port=8443,
        health_port=8080,
        connections=512,
        drain_seconds=5.0,
        log_level="info",
        dev=False,
    )


def test_every_flag() -> None:
    settings = parse_settings(_EVERY_FLAG.split(), {})

    assert settings == _EVERY_SETTING


def test_every_variable() -> None:
    environment = {
        "REDIS_MEMORY_GUARD_POLICY": "p.yaml",
        "REDIS_MEMORY_GUARD_CERT": "c",
        "REDIS_MEMORY_GUARD_KEY": "k",
        "REDIS_MEMORY_GUARD_CLIENT_CA": "ca",
        "REDIS_MEMORY_GUARD_ADDRESS": "::1",
        "REDIS_MEMORY_GUARD_PORT": "1",
        "REDIS_MEMORY_GUARD_HEALTH_PORT": "2",
        "REDIS_MEMORY_GUARD_CONNECTIONS": "32",
        "REDIS_MEMORY_GUARD_DRAIN_SECONDS": "0.5",
        "REDIS_MEMORY_GUARD_LOG_LEVEL": "debug",
        "REDIS_MEMORY_GUARD_DEV": "true",
    }

    settings = parse_settings([], environment)

    assert settings == _EVERY_SETTING


def test_a_flag_wins_over_the_environment() -> None:
    settings = parse_settings(["--port", "9443"], {"REDIS_MEMORY_GUARD_PORT": "1"})

    assert settings.port == 9443


def test_an_empty_variable_is_none_at_all() -> None:
    settings = parse_settings([], {"REDIS_MEMORY_GUARD_POLICY": ""})

    assert settings.policy is None


@pytest.mark.parametrize("name", ["PORT", "HEALTH_PORT"])
def test_what_kubernetes_sets_for_a_service_is_not_a_setting(name: str) -> None:
    settings = parse_settings([], {f"REDIS_MEMORY_GUARD_{name}": "tcp://10.96.0.17:443"})

    assert settings == ServeSettings()


def test_a_service_link_as_a_flag_is_a_problem() -> None:
    with pytest.raises(SettingsError, match="--port: expected a number"):
        parse_settings(["--port", "tcp://10.96.0.17:443"], {})


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        parse_settings(
            ["--prot", "1", "--connections", "many", "--port", "0"],
            {"REDIS_MEMORY_GUARD_LOG_LEVEL": "loud", "REDIS_MEMORY_GUARD_DEV": "yes"},
        )

    assert raised.value.problems == (
        "--prot: no such option",
        "1: no such option",
        "--port: expected a number from 1 to 65535, not '0'",
        "--connections: expected a number from 32 to 65535, not 'many'",
        "REDIS_MEMORY_GUARD_LOG_LEVEL: expected one of debug, info, warning, error, not 'loud'",
        "REDIS_MEMORY_GUARD_DEV: expected true or false, not 'yes'",
    )


@pytest.mark.parametrize(
    ("flag", "good", "bad"),
    [
        ("--port", "65535", "65536"),
        ("--port", "1", "0"),
        ("--health-port", "65535", "65536"),
        ("--connections", "32", "31"),
        ("--connections", "65535", "65536"),
        ("--drain-seconds", "300", "300.1"),
        ("--drain-seconds", "0", "-0.1"),
        ("--drain-seconds", "1", "nan"),
        ("--drain-seconds", "1", "inf"),
    ],
)
def test_bounds(flag: str, good: str, bad: str) -> None:
    parse_settings([f"{flag}={good}"], {})

    with pytest.raises(SettingsError, match=f"{flag}: expected a number from"):
        parse_settings([f"{flag}={bad}"], {})


def test_the_two_ports_differ() -> None:
    with pytest.raises(SettingsError) as raised:
        parse_settings(["--port", "8080"], {})

    assert raised.value.problems == ("--port, --health-port: expected two different ports",)


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (ServeSettings(), "https://localhost:8443"),
        (ServeSettings(dev=True), "https://localhost:8443"),
        (ServeSettings(address="10.0.0.7", port=443), "https://10.0.0.7:443"),
        (ServeSettings(address="fd00::7"), "https://[fd00::7]:8443"),
    ],
)
def test_the_url_is_one_that_works(settings: ServeSettings, url: str) -> None:
    assert settings.url == url


def test_dev_listens_on_this_host_only() -> None:
    assert ServeSettings(dev=True).host == "127.0.0.1"


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_settings(["--help"], {})

    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for field in ServeSettings.__dataclass_fields__:
        assert f"--{field.replace('_', '-')} " in shown
    assert "REDIS_MEMORY_GUARD_NAME" in shown
