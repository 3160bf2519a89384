"""The status annotation: what was injected into each container, and how it is known again.

On the Pod it explains the numbers. Read back, it only tells which options are ours to replace: they
are dropped and computed anew, so that a forged one gains nothing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from webhook.domain.outcome import Evaluation, Outcome
from webhook.domain.pod import Container, EnvironmentVariable

PREFIX = "redis-memory-guard.dev/"
"""The prefix of all our annotations."""

INJECTED = f"{PREFIX}injected"
"""The status annotation."""

_OURS = re.compile(
    r"(?:--maxmemory [0-9]{1,20})?(?:(?:^|(?<=.) )--maxmemory-policy [a-z]+(?:-[a-z]+)?)?"
    r'(?:(?:^|(?<=.) )--save "")?'
)


def encode_record(evaluation: Evaluation) -> str | None:
    """Write the annotation's value, None when nothing of ours is in the Pod."""
    record = {
        outcome.container.name: _entry(outcome)
        for outcome in evaluation.outcomes
        if outcome.options
    }
    return json.dumps(record, separators=(",", ":")) if record else None


def recorded_options(annotations: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Read which options each container carries from us; nothing where the value is not ours."""
    try:
        record = json.loads(annotations.get(INJECTED, "{}"))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(record, dict):
        return {}
    return {name: options for name, entry in record.items() if (options := _options(entry))}


def render(options: tuple[str, ...]) -> str:
    """Write options as they stand in shell text and in variables."""
    return " ".join(option or '""' for option in options)


def without_own(container: Container, options: tuple[str, ...]) -> Container:
    """Take recorded options out of a container: behind its args, in its texts and variables."""
    if not options:
        return container
    text = f" {render(options)}"
    args = container.args
    if args[-len(options) :] == options:
        args = args[: -len(options)]
    return replace(
        container,
        command=tuple(element.replace(text, "") for element in container.command),
        args=tuple(element.replace(text, "") for element in args),
        env=tuple(_without(variable, text) for variable in container.env),
    )


def _without(variable: EnvironmentVariable, text: str) -> EnvironmentVariable:
    if variable.value is None:
        return variable
    value = f" {variable.value}"
    return (
        replace(variable, value=value.removesuffix(text)[1:]) if value.endswith(text) else variable
    )


def _entry(outcome: Outcome) -> dict[str, object]:
    sizing = outcome.sizing
    return {
        "limit": sizing.limit if sizing else None,
        "headroom": sizing.headroom if sizing else None,
        "maxmemory": sizing.maxmemory if sizing else None,
        "policy": outcome.eviction_policy,
        "profile": sizing.profile if sizing else None,
        "source": outcome.source,
        "options": list(outcome.options),
    }


def _options(entry: object) -> tuple[str, ...]:
    options = entry.get("options") if isinstance(entry, dict) else None
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        return ()
    return tuple(options) if _OURS.fullmatch(render(tuple(options))) else ()
