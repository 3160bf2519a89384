"""The outputs of an audit by name; each is imported when it is asked for."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from webhook.cli.report.audit.report import AuditReport, finding_of

_ROOM = "webhook.cli.report.audit"
OUTPUTS: Mapping[str, str] = {
    "table": f"{_ROOM}.table:render_table",
    "wide": f"{_ROOM}.table:render_wide",
    "namespaces": f"{_ROOM}.table:render_namespaces",
    "json": f"{_ROOM}.json:render_json",
    "yaml": f"{_ROOM}.json:render_yaml",
    "csv": f"{_ROOM}.delimited:render_csv",
    "markdown": f"{_ROOM}.delimited:render_markdown",
    "html": f"{_ROOM}.html:render_html",
    "sarif": f"{_ROOM}.outputs:render_findings_as_sarif",
    "junit": f"{_ROOM}.junit:render_junit",
    "prometheus": f"{_ROOM}.prometheus:render_prometheus",
    "openreports": f"{_ROOM}.openreports:render_openreports",
}
_SUFFIXES = {
    ".txt": "table",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".csv": "csv",
    ".md": "markdown",
    ".html": "html",
    ".sarif": "sarif",
    ".xml": "junit",
    ".prom": "prometheus",
}


def render(report: AuditReport, output: str) -> str:
    """Write an audit in one of OUTPUTS."""
    module, name = OUTPUTS[output].split(":")
    text: str = getattr(import_module(module), name)(report)
    return text


def render_findings_as_sarif(report: AuditReport) -> str:
    """Write the findings as `check` writes its own."""
    from webhook.cli.report.sarif import render_sarif  # noqa: PLC0415 - asked for by name

    return render_sarif(finding_of(server, report.cluster) for server in report.servers)


def parse_output_file(text: str) -> tuple[str, Path]:
    """Read `FORMAT=FILE`, or a FILE whose suffix tells the format; raises ValueError."""
    name, sign, rest = text.partition("=")
    if sign and name in OUTPUTS and rest:
        return name, Path(rest)
    path = Path(text)
    if path.suffix in _SUFFIXES:
        return _SUFFIXES[path.suffix], path
    raise ValueError(
        f"tells no format; known suffixes are {', '.join(_SUFFIXES)}, or write FORMAT=FILE"
    )
