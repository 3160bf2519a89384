"""Options on which a server refuses to start, as far as they are about its memory or its data."""

import re
from collections.abc import Iterable, Iterator

from webhook.domain.ceiling.eviction import refuses_policy
from webhook.domain.configuration.redis_configuration import RedisConfiguration
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.policy.settings import EvictionPolicy
from webhook.domain.reasons import AdmissionWarning, Reason
from webhook.domain.redis.directives import Directive, parse_memory, save_values

_JOINED = re.compile(r"(?P<name>[a-z][a-z-]{1,40})(?P<sign>[=:])(?P<value>.*)", re.DOTALL)
_KNOWN = frozenset({
    "aclfile", "activedefrag", "appenddirname", "appendfilename", "appendfsync", "appendonly",
    "auto-aof-rewrite-min-size", "auto-aof-rewrite-percentage", "bind",
    "client-output-buffer-limit", "cluster-config-file", "cluster-enabled", "cluster-node-timeout",
    "daemonize", "databases", "dbfilename", "dir", "hz", "include", "io-threads",
    "lazyfree-lazy-eviction", "loadmodule", "logfile", "loglevel", "masterauth", "maxclients",
    "maxmemory",
    "maxmemory-policy", "maxmemory-samples", "min-replicas-to-write", "notify-keyspace-events",
    "pidfile", "port", "protected-mode", "rdbchecksum", "rdbcompression", "rename-command",
    "repl-backlog-size", "repl-diskless-sync", "replica-announce-ip", "replica-priority",
    "replica-read-only", "replicaof", "requirepass", "save", "slaveof", "slowlog-log-slower-than",
    "stop-writes-on-bgsave-error", "supervised", "tcp-backlog", "tcp-keepalive", "timeout",
    "tls-port", "unixsocket", "user",
})  # fmt: skip
"""Names that may be shown; anything else could be a part of a secret."""

_SIZE = re.compile(r"[0-9]{1,19}(?:\.[0-9]{1,6})? ?[A-Za-z%]{0,3}")
_POLICY = re.compile(r"[A-Za-z-]{1,20}")
_NUMBER = re.compile(r"[0-9]{1,19}")
_PLAIN = re.compile(r"[a-z_-]{1,40}")
_NO_LETTER = re.compile(r"[^a-z]+")
_MISSPELT = {"maxmemory": "maxmemory", "maxmemorypolicy": "maxmemory-policy"}
"""What is meant by a name, without regard to dashes: `-maxmemory`, `max-memory`."""

_OF_ONE_VALUE = frozenset({"maxmemory", "maxmemory-policy", "appendonly"})
_SWITCH = frozenset({"true", "false", "on", "off", "1", "0", "enabled", "disabled", "y", "n"})


def illegal_options(
    configurations: Iterable[RedisConfiguration], version: tuple[int, int] | None
) -> Iterator[AdmissionWarning]:
    """Warn of each line that can be seen and on which a server of that version refuses to start.

    Values are shown only where they look like a size, an eviction policy or a switch.
    """
    directives = {each: one.program for one in configurations for each in one.directives}
    for directive, program in directives.items():
        fault = _fault(directive) or _unsupported(directive, program, version)
        if fault is not None:
            quoted, advice = fault
            where = "its options say" if directive.source == "args" else f"{directive.source} says"
            message = f'{where} "{quoted}", on which the server refuses to start: {advice}'
            yield AdmissionWarning(reason=Reason.OPTION_ILLEGAL, message=message)


def _fault(directive: Directive) -> tuple[str, str] | None:
    """Give what to quote of a line on which every server refuses to start, and what is wrong."""
    joined = _JOINED.fullmatch(directive.name)
    if joined is not None and joined["name"] in _KNOWN:
        return _joined(joined["name"], joined["sign"], joined["value"], directive)
    meant = _MISSPELT.get(_NO_LETTER.sub("", directive.name))
    if meant is not None and directive.name != meant:
        return _misspelt(directive.name, meant)
    value = directive.values[0] if directive.values else ""
    if value is None:
        return None
    if directive.name in _KNOWN and value in ("=", ":"):
        return _apart(directive.name, value, directive)
    if directive.name in _OF_ONE_VALUE and any(each for each in directive.values[1:]):
        return f"{directive.name} … …", "it takes one value, and no comment may stand behind it"
    return _unfit(directive, value)


def _unfit(directive: Directive, value: str) -> tuple[str, str] | None:
    """Evaluate the value of a directive that is written as it should be."""
    match directive.name:
        case "maxmemory" if parse_memory(value) is None:
            return _shown("maxmemory", value, _SIZE), "a size is in bytes, or ends in kb, mb or gb"
        case "maxmemory-policy" if value.lower() not in set(EvictionPolicy):
            known = "a policy is one such as allkeys-lru or noeviction"
            return _shown("maxmemory-policy", value, _POLICY), known
        case "appendonly" if value.lower() not in ("yes", "no"):
            shown = f"appendonly {value}" if value.lower() in _SWITCH else "appendonly …"
            return shown, "it is yes or no"
        case "save" if not _saves(directive):
            return "save …", 'it is "", or pairs of seconds and changes such as 3600 1'
        case _:
            return None


def _unsupported(
    directive: Directive, program: str, version: tuple[int, int] | None
) -> tuple[str, str] | None:
    value = (directive.values[0] or "").lower() if directive.values else ""
    if directive.name != "maxmemory-policy" or value not in set(EvictionPolicy):
        return None
    if not refuses_policy(program, version, EvictionPolicy(value)):
        return None
    return f"maxmemory-policy {value}", f"this version of {program} does not know it"


def _joined(name: str, sign: str, joined: str, directive: Directive) -> tuple[str, str]:
    value = joined or next((each for each in directive.values if each), "")
    between = sign if joined else f"{sign} "
    is_shown = _SIZE.fullmatch(value) or value.lower() in set(EvictionPolicy)
    advice = f"only a blank may stand between {name} and its value"
    return f"{name}{between}{value if is_shown else '…'}", advice


def _apart(name: str, sign: str, directive: Directive) -> tuple[str, str]:
    value = next((each for each in directive.values[1:] if each), "")
    is_shown = _SIZE.fullmatch(value) is not None
    advice = f"only a blank may stand between {name} and its value"
    return f"{name} {sign} {value if is_shown else '…'}", advice


def _misspelt(name: str, meant: str) -> tuple[str, str]:
    shown = name if _PLAIN.fullmatch(name) else "…"
    return shown, f"the option is {meant}, behind two dashes on a command line"


def _saves(directive: Directive) -> bool:
    """Tell whether a `save` holds pairs of numbers, as far as it can be seen."""
    values = save_values(directive)
    if UNKNOWN in values or values == ("",):
        return True
    return len(values) % 2 == 0 and all(map(_NUMBER.fullmatch, values))


def _shown(name: str, value: str, pattern: re.Pattern[str]) -> str:
    return f"{name} {value if pattern.fullmatch(value) else '…'}"
