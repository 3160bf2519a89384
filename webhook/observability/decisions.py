"""One log event for each evaluation of a Redis server; nothing is said of Pods without one."""

from collections.abc import Mapping

from webhook.admission.handling import Admitted
from webhook.domain.evaluation.outcome import Outcome
from webhook.observability.logs import EventLog

_LOG = EventLog("redis-memory-guard")


def log_decisions(webhook: str, admitted: Admitted, *, seconds: float) -> None:
    """Log what was decided, server by server; `seconds` is how long the whole admission took.

    Carries names and sizes only: no payload, no environment value, no option of the server.
    """
    if admitted.evaluation is None:
        return
    for outcome in admitted.evaluation.servers:
        _log_decision(webhook, admitted, outcome, seconds=seconds)


def _log_decision(webhook: str, admitted: Admitted, outcome: Outcome, *, seconds: float) -> None:
    request = admitted.request
    metadata = _mapping((request.obj or {}).get("metadata"))
    sizing = outcome.sizing
    _LOG.info(
        "decision",
        webhook=webhook,
        verdict=outcome.verdict,
        reason=outcome.reason,
        allowed=admitted.allowed,
        mode=admitted.mode,
        rule=",".join(f"rules[{index}]" for index in admitted.rules),
        dry_run=request.dry_run,
        operation=request.operation,
        kind=request.kind,
        namespace=request.namespace,
        name=request.name,
        generate_name=_text(metadata, "generateName"),
        owner=_owner(metadata),
        user=request.user,
        container=outcome.container.name,
        image=outcome.container.image,
        limit=sizing.limit if sizing else outcome.container.memory_limit,
        maxmemory=sizing.maxmemory if sizing else None,
        warnings=",".join(warning.reason for warning in outcome.warnings),
        uid=request.uid,
        milliseconds=round(seconds * 1000, 3),
    )


def _owner(metadata: Mapping[str, object]) -> str:
    """Name the object that made this one, such as `ReplicaSet/cart-5b9f`; "" for nobody's."""
    references = metadata.get("ownerReferences")
    for reference in map(_mapping, references if isinstance(references, list) else ()):
        if reference.get("controller") is True:
            return f"{_text(reference, 'kind')}/{_text(reference, 'name')}"
    return ""


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(item: Mapping[str, object], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""
