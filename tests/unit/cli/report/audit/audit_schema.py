"""The schema of the audit's JSON, which takes the fields of a finding from that of check's."""

import json
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

_HOME = files("webhook.cli")
SCHEMA = json.loads((_HOME / "audit-output.schema.json").read_text())
_CHECK = json.loads((_HOME / "check-output.schema.json").read_text())
_REGISTRY = Registry().with_resource(_CHECK["$id"], Resource.from_contents(_CHECK))


def validate(output: Any) -> None:
    """Raise ValidationError for an output that is not what the schema says."""
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA, registry=_REGISTRY).validate(output)
