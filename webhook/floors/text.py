"""The record as text: JSON under one key of a ConfigMap, which nobody but the audit writes."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

from webhook.domain.policy.floors import ServerName
from webhook.floors.record import MOST_SERVERS, Held, Record

KEY = "floors.json"
"""The key of the ConfigMap, and the name of the file where that is mounted."""

MAX_BYTES = 1024 * 1024
"""A ConfigMap holds no more."""

_VERSION = 1
_NAMES = ("namespace", "kind", "name", "container")


class RecordError(ValueError):
    """A text that is no record of floors, and why."""


def parse_record(text: str | bytes) -> Record:
    """Parse a record; raises RecordError where any of it is not as `encode_record` writes it."""
    if len(text) > MAX_BYTES:
        raise RecordError("is over 1 MiB")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise RecordError("is no JSON") from None
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        raise RecordError(f"is no record of version {_VERSION}")
    servers = content.get("servers")
    if not isinstance(servers, list) or len(servers) > MOST_SERVERS:
        raise RecordError(f"servers: expected a list of at most {MOST_SERVERS}")
    return dict(_parse_server(server, f"servers[{index}]") for index, server in enumerate(servers))


def encode_record(record: Record) -> str:
    """Write a record, one server a line, sorted by name: what `parse_record` reads."""
    servers = sorted(_encode_server(name, held) for name, held in record.items())
    lines = ",\n".join(servers)
    return f'{{"version": {_VERSION}, "servers": [\n{lines}\n]}}\n'


def _parse_server(server: object, path: str) -> tuple[ServerName, Held]:
    try:
        fields = cast("Mapping[str, Any]", server)
        names = {name: fields[name] for name in _NAMES}
        days = {date.fromisoformat(day): most for day, most in fields["days"].items()}
        seen = datetime.fromisoformat(fields["seen"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RecordError(f"{path}: is no server of a record") from None
    if not all(isinstance(name, str) for name in names.values()):
        raise RecordError(f"{path}: expected texts as names")
    if not all(type(most) is int and most >= 0 for most in days.values()):
        raise RecordError(f"{path}.days: expected whole numbers of bytes")
    if seen.tzinfo is None:
        raise RecordError(f"{path}.seen: expected a time with its zone")
    return ServerName(**names), Held(seen=seen, days=days)


def _encode_server(name: ServerName, held: Held) -> str:
    fields = {
        **{field: getattr(name, field) for field in _NAMES},
        "seen": held.seen.astimezone(UTC).isoformat(timespec="seconds"),
        "days": {str(day): most for day, most in sorted(held.days.items())},
    }
    return json.dumps(fields)
