"""The enumerations of the published schemas, out of the enumerations that the program reads."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from webhook.domain.ceiling.sizing import ProfileName
from webhook.domain.ceiling.snapshots import SnapshotState
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.images.catalog import FAMILIES
from webhook.domain.policy.settings import (
    EvictionPolicy,
    ExplicitCeiling,
    Mode,
    NoLimit,
    ProfileChoice,
    Snapshots,
    Unenforceable,
)
from webhook.domain.reasons import Reason

_SETTINGS: Mapping[str, type[StrEnum]] = {
    "mode": Mode,
    "profile": ProfileChoice,
    "noLimit": NoLimit,
    "unenforceable": Unenforceable,
    "explicitCeiling": ExplicitCeiling,
    "snapshots": Snapshots,
}
"""The properties of a policy, and of a rule of it, that take one of a few words."""

_FINDING: Mapping[str, type[StrEnum]] = {
    "verdict": Verdict,
    "reason": Reason,
    "profile": ProfileName,
    "snapshots": SnapshotState,
}
"""The properties of check's findings that are one of a few words; some may be null."""


def render_values_schema(text: str) -> str:
    """Write the chart's schema with the enumerations of the policy as they are."""
    schema = json.loads(text)
    policy = schema["properties"]["policy"]["properties"]
    schema["properties"]["mode"]["enum"] = list(Mode)
    schema["definitions"]["evictionPolicy"]["enum"] = list(EvictionPolicy)
    own_image = policy["images"]["properties"]["add"]["items"]["properties"]
    own_image["family"]["enum"] = list(FAMILIES)
    for properties in (policy, policy["rules"]["items"]["properties"]):
        _fill(properties, _SETTINGS)
    return _written(schema)


def render_check_schema(text: str) -> str:
    """Write the schema of check's output with the enumerations of the evaluation as they are."""
    schema = json.loads(text)
    for properties in _property_maps(schema):
        _fill(properties, _FINDING)
    return _written(schema)


def _property_maps(node: object) -> Iterable[dict[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield node["properties"]
        for inner in node.values():
            yield from _property_maps(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _property_maps(inner)


def _fill(properties: dict[str, Any], enums: Mapping[str, type[StrEnum]]) -> None:
    for name, enum in enums.items():
        written = properties.get(name, {})
        if "enum" in written:
            nulls = [each for each in written["enum"] if each is None]
            written["enum"] = [*(each.value for each in enum), *nulls]


def _written(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
