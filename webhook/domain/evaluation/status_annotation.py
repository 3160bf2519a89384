"""The status annotation: what was injected into each container, and how it is known again.

On the Pod it explains the numbers. Read back, it only tells which options are ours to replace: they
are dropped and computed anew, so that a forged one gains nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from webhook.domain.evaluation.outcome import Evaluation, Outcome
from webhook.domain.kubernetes.pod import Container, EnvironmentVariable
from webhook.domain.policy.annotations import INJECTED
from webhook.domain.redis.command_line import render_options

_OURS = re.compile(
    r"(?: --maxmemory [0-9]{1,20})?"
    r"(?: --maxmemory-policy [a-z]+(?:-[a-z]+)?)?"
    r'(?: --save (?:""|3600 1 --save 300 100 --save 60 10000))?'
)

# Ours are a command's last words, or the end of what a wrapper's sed adds; a $(VARIABLE) of
# Kubernetes behind them may be empty. The same words are the user's own where more follow, and
# `--maxmemory 1` is not the beginning of `--maxmemory 100mb`.
_END_OF_COMMAND = r"(?=(?:[ \t]|\\\n)*(?:\Z|[\n;&|)<>/]|[ \t]#|[0-9]+[<>]|\$\())"

_ENCODER = json.JSONEncoder(separators=(",", ":"))

_LARGEST = 1 << 18
"""Characters of a record: the API allows no more for all annotations of an object."""

_MOST_VARIANTS = 16
"""How many different options a text can have from us; a forged record names thousands."""

Options = tuple[str, ...]


def encode_status(evaluation: Evaluation) -> str | None:
    """Write the annotation's value, None when nothing of ours is in the Pod."""
    record = {
        outcome.container.name: _entry(outcome)
        for outcome in evaluation.outcomes
        if outcome.options
    }
    return _ENCODER.encode(record) if record else None


def recorded_options(annotations: Mapping[str, str]) -> Mapping[str, tuple[Options, ...]]:
    """Read which options each container carries from us; nothing where the value is not ours."""
    text = annotations.get(INJECTED)
    if text is None or len(text) > _LARGEST:
        return {}
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(record, dict):
        return {}
    return {name: options for name, entry in record.items() if (options := _recorded(entry))}


def without_own(container: Container, recorded: Sequence[Options]) -> Container:
    """Take recorded options out of a container: behind its args, in its texts and variables."""
    for options in sorted(recorded, key=len, reverse=True):
        container = _without(container, options)
    return container


def _without(container: Container, options: Options) -> Container:
    args = container.args
    if args[-len(options) :] == options:
        args = args[: -len(options)]
    text = f" {render_options(options)}"
    return replace(
        container,
        command=_without_text(container.command, text),
        args=_without_text(args, text),
        env=tuple(_without_in(variable, text) for variable in container.env),
    )


def _without_text(elements: Sequence[str], text: str) -> tuple[str, ...]:
    if not any(text in element for element in elements):
        return tuple(elements)
    ours = re.compile(re.escape(text) + _END_OF_COMMAND)
    return tuple(ours.sub("", element) for element in elements)


def _without_in(variable: EnvironmentVariable, text: str) -> EnvironmentVariable:
    value = f" {variable.value}"
    if variable.value is None or not value.endswith(text):
        return variable
    return replace(variable, value=value.removesuffix(text)[1:])


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
        **({"otherOptions": others} if (others := outcome.other_options) else {}),
    }


def _recorded(entry: object) -> tuple[Options, ...]:
    if not isinstance(entry, dict):
        return ()
    others = entry.get("otherOptions")
    more = others[:_MOST_VARIANTS] if isinstance(others, list) else ()
    variants = [entry.get("options"), *more]
    return tuple(tuple(options) for options in variants if _is_ours(options))


def _is_ours(options: object) -> TypeGuard[list[str]]:
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        return False
    return bool(options) and _OURS.fullmatch(f" {render_options(tuple(options))}") is not None
