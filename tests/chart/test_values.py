"""Values: each is documented, a wrong one is refused, and the policy's are the policy file's."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.chart.rendering import CHART, RefusedError, render
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

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
EXAMPLE = Path(__file__).parents[2] / "docs" / "policy.example.yaml"


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"modes": "audit"}, "additional properties 'modes' not allowed"),
        ({"mode": "warn"}, "value must be one of 'enforce', 'audit'"),
        ({"webhook": {"replica": 2}}, "additional properties 'replica' not allowed"),
        ({"webhook": {"replicas": 0}}, "minimum: got 0, want 1"),
        ({"webhook": {"connections": 31}}, "minimum: got 31, want 32"),
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
        (
            {"policy": {"images": {"add": [{"repository": "*/cache", "family": "mysql"}]}}},
            "value must be one of 'redis', 'valkey'",
        ),
        ({"webhook": {"port": 0}}, "minimum: got 0, want 1"),
        ({"webhook": {"metricsPort": 65536}}, "maximum: got 65,536, want 65,535"),
        ({"webhook": {"dnsPolicy": "clusterFirst"}}, "value must be one of ''"),
        ({"webhook": {"extraEnv": [{"value": "a"}]}}, "missing property 'name'"),
        ({"webhook": {"extraArgs": "--log-level=debug"}}, "got string, want array"),
        ({"webhook": {"podAnnotations": {"a": 1}}}, "got number, want string"),
        ({"webhookAnnotations": {"a": True}}, "got boolean, want string"),
        ({"revisionHistoryLimit": -1}, "minimum: got -1, want 0"),
        ({"resourceQuota": {"pods": 0}}, "minimum: got 0, want 1"),
        ({"resourceQuota": {"pod": 1}}, "additional properties 'pod' not allowed"),
        ({"namespaceOverride": "a.b"}, "does not match pattern"),
        ({"serviceAccount": {"name": "A"}}, "does not match pattern"),
        ({"global": {"imageRegistry": 1}}, "got number, want string"),
        ({"podSecurityContext": "none"}, "got string, want null or object"),
        ({"tests": {"nodeSelector": {"a": 1}}}, "got number, want string"),
    ],
)
def test_a_wrong_value_is_refused(values: Mapping[str, Any], problem: str) -> None:
    with pytest.raises(RefusedError) as raised:
        render(values)

    assert problem in str(raised.value)


CIDRS = {
    "10.0.0.0/8": True,
    "255.255.255.255/32": True,
    "10.0.0.0/33": False,
    "256.0.0.0/8": False,
    "10.0.0/8": False,
    "10.0.0.0": False,
    "fd00::/128": True,
    "::/0": True,
    "fd00::/129": False,
    "fd00/64": False,
    "api.example.com/32": False,
}


@pytest.mark.parametrize("value", ["apiServerCIDRs", "egressCIDRs"])
@pytest.mark.parametrize(("cidr", "is_legal"), CIDRS.items())
def test_a_network_is_an_address_and_a_length(value: str, cidr: str, *, is_legal: bool) -> None:
    schema = SCHEMA["properties"]["networkPolicy"]["properties"][value]
    validator = jsonschema.Draft7Validator({**schema, "definitions": SCHEMA["definitions"]})

    assert validator.is_valid([cidr]) is is_legal


def test_the_families_are_those_of_the_webhook() -> None:
    images = SCHEMA["properties"]["policy"]["properties"]["images"]["properties"]

    assert images["add"]["items"]["properties"]["family"]["enum"] == list(FAMILIES)


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
    # What a chart above hands on to all of its own is none of ours.
    assert list(_open_objects(SCHEMA, "")) == ["/properties/global"]


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
