"""The command line's settings, checked together: every problem at once, each with its option."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from certs.plan import Spec
from certs.reconcile import Targets
from certs.state import ConfigurationKind, ConfigurationName

# RFC 1123, as Kubernetes demands it of namespaces and Services, and of all other names here.
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")

_DURATION = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,8})s)?", re.ASCII)

# The kubelet refreshes a mounted Secret after up to a sync period (1 minute) plus the delay of its
# cache (1 minute): https://kubernetes.io/docs/concepts/configuration/secret/
_LEAST_SERVING_PROPAGATION = timedelta(minutes=3)
# API servers watch webhook configurations and follow within a second; this allows for a slow one.
_LEAST_BUNDLE_PROPAGATION = timedelta(seconds=30)
# Below this both waits would fill a leaf's last third.
_LEAST_SERVING_LIFETIME = timedelta(hours=1)


class SettingsError(ValueError):
    """Everything that is wrong with the settings, one line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options as they were given; lifetimes and times are text such as `30d` or `1h30m`."""

    namespace: str
    service: str
    cluster_domain: str
    ca_secret: str
    serving_secret: str
    mutating: tuple[str, ...]
    validating: tuple[str, ...]
    ca_lifetime: str
    serving_lifetime: str
    bundle_propagation: str
    serving_propagation: str
    interval: str
    listen_address: str
    listen_port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the process works on, what it wants, and how often it looks."""

    namespace: str
    targets: Targets
    spec: Spec
    interval: timedelta
    listen_address: str
    listen_port: int


def parse_duration(text: str) -> timedelta:
    """Parse `365d`, `12h`, `1h30m`, `90s`: units from large to small; raises ValueError."""
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError(f"not a duration such as 365d, 12h, 1h30m or 90s: {text!r}")
    days, hours, minutes, seconds = (int(group or 0) for group in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def parse_settings(options: Options) -> Settings:
    """Check all options and turn them into settings; raises SettingsError with all problems."""
    durations, problems = _parse_durations(options)
    problems += _name_problems(options)
    problems += _duration_problems(durations)
    if problems:
        raise SettingsError("\n".join(problems))
    return Settings(
        namespace=options.namespace,
        targets=_targets(options),
        spec=Spec(
            dns_names=_dns_names(options),
            ca_lifetime=durations["ca-lifetime"],
            serving_lifetime=durations["serving-lifetime"],
            bundle_propagation=durations["bundle-propagation"],
            serving_propagation=durations["serving-propagation"],
        ),
        interval=durations["interval"],
        listen_address=options.listen_address,
        listen_port=options.listen_port,
    )


def _parse_durations(options: Options) -> tuple[dict[str, timedelta], list[str]]:
    """Return the durations that could be parsed, by option, and what is wrong with the others."""
    texts = {
        "ca-lifetime": options.ca_lifetime,
        "serving-lifetime": options.serving_lifetime,
        "bundle-propagation": options.bundle_propagation,
        "serving-propagation": options.serving_propagation,
        "interval": options.interval,
    }
    durations, problems = {}, []
    for option, text in texts.items():
        try:
            durations[option] = parse_duration(text)
        except ValueError as error:
            problems.append(f"--{option}: {error}")
    return durations, problems


def _name_problems(options: Options) -> Iterator[str]:
    for option, name in (("namespace", options.namespace), ("service", options.service)):
        if not _LABEL.fullmatch(name):
            yield f"--{option}: not a name of at most 63 of a-z, 0-9 and '-': {name!r}"
    subdomains = (
        ("cluster-domain", options.cluster_domain),
        ("ca-secret", options.ca_secret),
        ("serving-secret", options.serving_secret),
        *(("mutating", name) for name in options.mutating),
        *(("validating", name) for name in options.validating),
    )
    for option, name in subdomains:
        if not _SUBDOMAIN.fullmatch(name):
            yield f"--{option}: not a name of at most 253 of a-z, 0-9, '-' and '.': {name!r}"
    if options.ca_secret == options.serving_secret:
        yield "--serving-secret: has to differ from --ca-secret, whose key Pods must not see"
    if not options.mutating and not options.validating:
        yield "--mutating, --validating: at least one webhook configuration has to be named"


def _duration_problems(durations: dict[str, timedelta]) -> Iterator[str]:
    """Check what could be parsed against its bounds and against each other."""
    bounds = (
        ("serving-lifetime", _LEAST_SERVING_LIFETIME),
        ("bundle-propagation", _LEAST_BUNDLE_PROPAGATION),
        ("serving-propagation", _LEAST_SERVING_PROPAGATION),
        ("interval", timedelta(seconds=1)),
    )
    for option, least in bounds:
        if option in durations and durations[option] < least:
            yield f"--{option}: has to be at least {least}"
    if not durations.keys() >= {option for option, _ in bounds} | {"ca-lifetime"}:
        return
    serving_lifetime = durations["serving-lifetime"]
    if durations["ca-lifetime"] < 3 * serving_lifetime:
        yield "--ca-lifetime: has to be three times --serving-lifetime, to outlive each leaf"
    if durations["bundle-propagation"] + durations["serving-propagation"] > serving_lifetime / 6:
        yield (
            "--bundle-propagation, --serving-propagation:"
            " together at most a sixth of --serving-lifetime"
        )
    if durations["interval"] > timedelta(minutes=10):
        yield "--interval: has to be at most 0:10:00, or a lost caBundle stays lost for longer"


def _targets(options: Options) -> Targets:
    named = (
        (ConfigurationKind.MUTATING, options.mutating),
        (ConfigurationKind.VALIDATING, options.validating),
    )
    return Targets(
        ca_secret=options.ca_secret,
        serving_secret=options.serving_secret,
        configurations=tuple(
            ConfigurationName(kind=kind, name=name) for kind, names in named for name in names
        ),
    )


def _dns_names(options: Options) -> tuple[str, ...]:
    """Return the Service's names; the API server asks for the one that ends in `.svc`."""
    short = f"{options.service}.{options.namespace}"
    return (f"{short}.svc", f"{short}.svc.{options.cluster_domain}", short)
