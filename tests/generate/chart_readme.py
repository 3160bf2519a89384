"""The chart's README, as helm-docs writes it out of README.md.gotmpl, Chart.yaml and values.yaml.

A value is described by the comment above it that begins with `# --`. What of the template language
is known here is what the template uses; helm-docs itself gives the same text with
`helm-docs --sort-values-order=file`.
Source: https://github.com/norwoodj/helm-docs
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_DESCRIPTION = re.compile(r"^ *# -- (.*)$")
_CONTINUED = re.compile(r"^ *# ?(.*)$")
_KEY = re.compile(r"^( *)([A-Za-z0-9_./-]+):")
_INCLUDED = re.compile(r'\{\{ template "([a-zA-Z.-]+)" \. \}\}')
_TABLE_HEAD = "| Key | Type | Default | Description |\n|-----|------|---------|-------------|"


class UndescribedError(Exception):
    """A value without a description; the text is its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One value: its key with those above it, its default, and what is said of it."""

    key: str
    default: Any
    description: str

    def __str__(self) -> str:
        default = json.dumps(self.default, separators=(",", ":"), sort_keys=True)
        return f"| {self.key} | {_type_of(self.default)} | `{default}` | {self.description} |"


def render_readme(chart: Path) -> str:
    """Write the README of the chart in this directory. Raises UndescribedError."""
    about = yaml.safe_load((chart / "Chart.yaml").read_text())
    rows = describe((chart / "values.yaml").read_text())
    sections = {
        "chart.header": f"# {about['name']}",
        "chart.badgesSection": " ".join(_badges(about)),
        "chart.description": about["description"],
        "chart.homepageLine": f"**Homepage:** <{about['home']}>",
        "chart.sourcesSection": "\n".join(_sources(about)),
        "chart.requirementsSection": f"## Requirements\n\nKubernetes: `{about['kubeVersion']}`",
        "chart.valuesSection": "\n".join(("## Values\n", _TABLE_HEAD, *map(str, rows))),
    }
    template = (chart / "README.md.gotmpl").read_text()
    return _INCLUDED.sub(lambda included: sections[included[1]], template)


def describe(values_file: str) -> tuple[Row, ...]:
    """Give a row for each value, in the file's order. Raises UndescribedError.

    An object with a description is one value; an object without is what its keys are.
    """
    descriptions = dict(_descriptions(values_file.splitlines()))
    return tuple(_rows(yaml.safe_load(values_file), (), descriptions))


def _rows(
    values: Mapping[str, Any], above: tuple[str, ...], descriptions: Mapping[tuple[str, ...], str]
) -> Iterator[Row]:
    for name, default in values.items():
        path = (*above, name)
        if description := descriptions.get(path):
            yield Row(key=".".join(path), default=default, description=description)
        elif isinstance(default, dict) and default:
            yield from _rows(default, path, descriptions)
        else:
            raise UndescribedError(".".join(path))


def _descriptions(lines: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    above: list[tuple[int, str]] = []
    said: list[str] = []
    for line in lines:
        if begins := _DESCRIPTION.match(line):
            said = [begins[1]]
        elif said and (continued := _CONTINUED.match(line)):
            said.append(continued[1])
        elif key := _KEY.match(line):
            indent = len(key[1])
            above = [*((depth, name) for depth, name in above if depth < indent), (indent, key[2])]
            if said:
                yield tuple(name for _, name in above), " ".join(said)
            said = []


def _type_of(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "object"


def _badges(about: Mapping[str, Any]) -> Iterator[str]:
    facts = (
        ("Version", about["version"]),
        ("Type", about["type"]),
        ("AppVersion", about["appVersion"]),
    )
    for name, value in facts:
        label = str(value).replace("-", "--")
        url = f"https://img.shields.io/badge/{name}-{label}-informational?style=flat-square"
        yield f"![{name}: {value}]({url})"


def _sources(about: Mapping[str, Any]) -> Iterator[str]:
    yield "## Source Code\n"
    for source in about["sources"]:
        yield f"* <{source}>"
