"""Objects as text, as every command writes them."""

import json
from collections.abc import Mapping

import yaml


def json_text(content: Mapping[str, object]) -> str:
    """Write an object as indented JSON with a line end."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def yaml_text(content: Mapping[str, object]) -> str:
    """Write an object of which JSON can be made as YAML, in the same order."""
    plain = json.loads(json.dumps(content))
    text: str = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    return text
