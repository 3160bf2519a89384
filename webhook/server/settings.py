"""The settings of the serving process: one table for flags, environment, defaults and help."""

import argparse
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from webhook.observability.logs import LEVELS, LevelName

ENVIRONMENT_PREFIX = "REDIS_MEMORY_GUARD_"

_MOUNT = Path("/etc/redis-memory-guard/tls")


class SettingsError(ValueError):
    """Settings that make no server; `problems` holds every one of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """How to serve; an empty `address` is every address of the host.

    `connections` is how many may be open at once; `drain_seconds` how long a stopping process still
    answers. With `dev` it listens on this host only, with a throw-away certificate.
    """

    policy: Path | None = None
    floors: Path | None = None
    cert: Path = _MOUNT / "tls.crt"
    key: Path = _MOUNT / "tls.key"
    client_ca: Path | None = None
    address: str = ""
    port: int = 8443
    health_port: int = 8080
    connections: int = 512
    drain_seconds: float = 5.0
    log_level: LevelName = "info"
    dev: bool = False

    @property
    def host(self) -> str:
        """The address to bind: IPv6 with IPv4 through it where the host can do both."""
        if self.address:
            return self.address
        if self.dev:
            return "127.0.0.1"
        return "::" if socket.has_dualstack_ipv6() else "0.0.0.0"  # noqa: S104 - a Pod's own network

    @property
    def url(self) -> str:
        """Where reviews are taken, for people: a wildcard address is shown as localhost."""
        host = "localhost" if self.host in {"::", "0.0.0.0", "127.0.0.1", "::1"} else self.host  # noqa: S104 - compared, not bound
        return f"https://{f'[{host}]' if ':' in host else host}:{self.port}"


def parse_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> ServeSettings:
    """Parse flags over environment over defaults.

    Raises SettingsError with all problems at once. `--help` prints and ends the process.
    """
    parser = _parser()
    given, unknown = parser.parse_known_args(list(arguments))
    problems = [f"{argument}: no such option" for argument in unknown]
    values: dict[str, object] = {}
    for option in _OPTIONS:
        flag = getattr(given, option.field)
        source = f"--{option.name}" if flag is not None else option.variable
        text = flag if flag is not None else _from_environment(option, environment)
        if text == "":
            continue
        try:
            values[option.field] = option.parse(text)
        except ValueError as error:
            problems.append(f"{source}: {error}, not {text!r}")
    if values.get("port", 8443) == values.get("health_port", 8080):
        problems.append("--port, --health-port: expected two different ports")
    if problems:
        raise SettingsError(problems)
    return ServeSettings(**values)  # type: ignore[arg-type]  # each parsed by its own option


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    name: str
    parse: Callable[[str], object]
    metavar: str
    help: str

    @property
    def field(self) -> str:
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        return ENVIRONMENT_PREFIX + self.field.upper()


def _from_environment(option: _Option, environment: Mapping[str, str]) -> str:
    """Look a variable up, empty when it is not ours.

    For a Service named redis-memory-guard Kubernetes itself sets REDIS_MEMORY_GUARD_PORT, to
    `tcp://10.0.0.1:443`, in every Pod of its namespace that does not turn enableServiceLinks off.
    """
    text = environment.get(option.variable, "")
    is_service_link = option.name.endswith("port") and "://" in text
    return "" if is_service_link else text


def _number(text: str, *, least: float, most: float, kind: Callable[[str], float]) -> float:
    try:
        number = kind(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise ValueError(f"expected a number from {least:g} to {most:g}")
    return number


def _port(text: str) -> float:
    return _number(text, least=1, most=65535, kind=int)


def _connections(text: str) -> float:
    # 32: the pool of one kube-apiserver and what it dials beside it
    return _number(text, least=32, most=65535, kind=int)


def _seconds(text: str) -> float:
    return _number(text, least=0, most=300, kind=float)


def _level(text: str) -> str:
    if text not in LEVELS:
        raise ValueError(f"expected one of {', '.join(LEVELS)}")
    return text


def _switch(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError("expected true or false")
    return text == "true"


_OPTIONS = (
    _Option(name="policy", parse=Path, metavar="FILE", help="policy file (built-in policy)"),
    _Option(
        name="floors",
        parse=Path,
        metavar="FILE",
        help="what durable servers hold, as the audit in the cluster keeps it; may be missing",
    ),
    _Option(name="cert", parse=Path, metavar="FILE", help=f"certificate, PEM ({_MOUNT}/tls.crt)"),
    _Option(name="key", parse=Path, metavar="FILE", help=f"its key, PEM ({_MOUNT}/tls.key)"),
    _Option(
        name="client-ca",
        parse=Path,
        metavar="FILE",
        help="CA of the clients to let in, PEM (every client is let in)",
    ),
    _Option(name="address", parse=str, metavar="HOST", help="address to listen on (all)"),
    _Option(name="port", parse=_port, metavar="PORT", help="reviews, over TLS (8443)"),
    _Option(
        name="health-port",
        parse=_port,
        metavar="PORT",
        help="/livez, /readyz and /metrics, over plain HTTP (8080)",
    ),
    _Option(
        name="connections", parse=_connections, metavar="N", help="connections open at once (512)"
    ),
    _Option(
        name="drain-seconds",
        parse=_seconds,
        metavar="SECONDS",
        help="how long a stopping process still answers (5)",
    ),
    _Option(name="log-level", parse=_level, metavar="LEVEL", help=f"{', '.join(LEVELS)} (info)"),
    _Option(
        name="dev",
        parse=_switch,
        metavar="true|false",
        help="serve localhost with a throw-away certificate (false)",
    ),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="redis-memory-guard serve",
        description="Serve the admission webhooks.",
        epilog=f"Every option can be given as {ENVIRONMENT_PREFIX}NAME; defaults in parentheses.",
        allow_abbrev=False,
    )
    for option in _OPTIONS:
        stands_alone = option.parse is _switch
        parser.add_argument(
            f"--{option.name}",
            metavar=option.metavar,
            help=option.help,
            nargs="?" if stands_alone else None,
            const="true" if stands_alone else None,
        )
    return parser
