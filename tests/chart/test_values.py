"""Values: each is documented, a wrong one is refused, and the policy's are the policy file's."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.chart.rendering import CHART, RefusedError, render
from webhook.domain.policy.settings import (
    EvictionPolicy,
    ExplicitCeiling,
    Mode,
    NoLimit,
    ProfileChoice,
    Snapshots,
    Unenforceable,
)

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
OF_KUBERNETES = {
    *("affinity", "nodeSelector", "priorityClassName", "pullPolicy", "tolerations"),
    *("cpu", "limits", "memory", "requests", "resources"),
}
SAID_BY_THE_KEY_ABOVE = {
    *("fullnameOverride", "podAnnotations", "podLabels"),
    *("duration", "interval", "key", "labels", "maxUnavailable", "servingLifetime"),
    *("annotations", "configMap", "servingPropagation", "timeoutSeconds"),
}
SECTIONS = {
    *("certManager", "configMaps", "existing", "image", "mutating", "networkPolicy", "self"),
    *("advising", "serviceAccount", "serviceMonitor", "tests", "validating", "webhook", "webhooks"),
    *("certificates", "enabled"),
}
EXAMPLE = Path(__file__).parents[2] / "docs" / "policy.example.yaml"


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"modes": "audit"}, "additional properties 'modes' not allowed"),
        ({"mode": "warn"}, "value must be one of 'enforce', 'audit'"),
        ({"webhook": {"replica": 2}}, "additional properties 'replica' not allowed"),
        ({"webhook": {"replicas": 0}}, "minimum: got 0, want 1"),
        ({"webhook": {"connections": 31}}, "minimum: got 31, want 32"),
        ({"policy": {"mode": "audit"}}, "additional properties 'mode' not allowed"),
        ({"policy": {"evictionPolicy": "lru"}}, "value must be one of 'noeviction'"),
        (
            {"policy": {"rules": [{"evictionPolicy": "noeviction"}]}},
            "missing property 'namespaces'",
        ),
        ({"policy": {"images": {"drop": ["it's"]}}}, "does not match pattern"),
        ({"policy": {"images": {"drop": ["[!a]"]}}}, "does not match pattern"),
        ({"exemptNamespaces": ["*"]}, "does not match pattern"),
        ({"certificates": {"mode": "existing"}}, "/certificates/existing/secretName"),
        (
            {"certificates": {"mode": "existing", "existing": {"secretName": "theirs"}}},
            "/certificates/existing/caBundle",
        ),
        ({"certificates": {"self": {"servingLifetime": "30"}}}, "does not match pattern"),
    ],
)
def test_a_wrong_value_is_refused(values: Mapping[str, Any], problem: str) -> None:
    with pytest.raises(RefusedError) as raised:
        render(values)

    assert problem in str(raised.value)


def test_the_example_of_the_policy_file_is_a_value() -> None:
    example = yaml.safe_load(EXAMPLE.read_text())
    mode = example.pop("mode")

    rendered = render({"mode": mode, "policy": example})

    text = rendered.one("ConfigMap", "-policy")["data"]["policy.yaml"]
    assert yaml.safe_load(text) == {"mode": mode, **example}


@pytest.mark.parametrize(
    ("setting", "choices"),
    [
        ("evictionPolicy", EvictionPolicy),
        ("profile", ProfileChoice),
        ("noLimit", NoLimit),
        ("unenforceable", Unenforceable),
        ("explicitCeiling", ExplicitCeiling),
        ("snapshots", Snapshots),
        ("rules.mode", Mode),
    ],
)
def test_a_setting_has_the_choices_of_the_policy(setting: str, choices: Any) -> None:
    policy = SCHEMA["properties"]["policy"]["properties"]
    if setting == "rules.mode":
        found = policy["rules"]["items"]["properties"]["mode"]
    elif setting == "evictionPolicy":
        found = SCHEMA["definitions"]["evictionPolicy"]
    else:
        found = policy[setting]

    assert set(found["enum"]) == set(choices)


def test_the_schema_knows_each_default_and_forbids_all_else() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())

    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert list(_unknown(values, SCHEMA, "")) == []
    assert list(_open_objects(SCHEMA, "")) == []


def test_each_value_is_documented() -> None:
    lines = (CHART / "values.yaml").read_text().splitlines()
    keys = [(before, line) for before, line in pairwise(lines) if re.match(r" *[a-zA-Z]+:", line)]

    assert len(keys) > 70
    undocumented = {
        line.split(":")[0].strip() for before, line in keys if not before.strip().startswith("#")
    }
    assert undocumented - OF_KUBERNETES - SAID_BY_THE_KEY_ABOVE - SECTIONS == set()


def _unknown(values: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, value in values.items():
        known = schema.get("properties", {}).get(key)
        if known is None:
            yield f"{path}{key}"
        elif isinstance(value, dict) and known.get("properties"):
            yield from _unknown(value, known, f"{path}{key}.")


def _open_objects(schema: Any, path: str) -> Iterator[str]:
    """Every object with named properties that lets others in."""
    if isinstance(schema, list):
        for each in schema:
            yield from _open_objects(each, path)
    if not isinstance(schema, dict):
        return
    is_open = schema.get("additionalProperties") is not False
    if schema.get("type") == "object" and "properties" in schema and is_open:
        yield path
    for key, value in schema.items():
        yield from _open_objects(value, f"{path}/{key}")
