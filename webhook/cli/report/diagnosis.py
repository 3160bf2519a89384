"""A diagnosis as lines for people, and as JSON."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from webhook.cli.report.text import json_text
from webhook.cli.terminal.console import captured, make_console, styled
from webhook.doctor.check import Check, Status
from webhook.doctor.diagnose import is_healthy
from webhook.doctor.installation import Installation

SCHEMA_VERSION = 1
"""Raised when a field comes, goes or changes its meaning."""

_SIGNS = {Status.OK: "ok", Status.WARNING: "warn", Status.FAILED: "FAIL", Status.UNKNOWN: "?"}
_STYLES = {Status.OK: "green", Status.WARNING: "yellow", Status.FAILED: "red", Status.UNKNOWN: ""}
_INDENT = " " * 6


def render_diagnosis(found: Installation, checks: Sequence[Check]) -> str:
    """Write a line each, and below one that is not in order what to do and where to read on."""
    console = make_console()
    # for copying: a command that is broken into lines is none
    return captured(console, _lines(found, checks))


def render_diagnosis_json(found: Installation, checks: Sequence[Check]) -> str:
    """Write the diagnosis as one indented JSON object with a line end."""
    content = {
        "schemaVersion": SCHEMA_VERSION,
        "release": {
            "namespace": found.release.namespace,
            "name": found.release.name,
            "version": found.release.version,
        },
        "healthy": is_healthy(checks),
        "checks": [
            {
                "name": check.name,
                "status": check.status,
                "message": check.message,
                "remedy": check.remedy or None,
                "see": check.see or None,
            }
            for check in checks
        ],
    }
    return json_text(content)


def _lines(found: Installation, checks: Sequence[Check]) -> Iterator[Text]:
    yield _unbroken(f"redis-memory-guard {found.release.version} at {found.release}", "bold")
    yield Text()
    for check in checks:
        sign = styled(f"{_SIGNS[check.status]:<{len(_INDENT)}}", _STYLES[check.status])
        yield _unwrapped(sign + styled(f"{check.name}: {check.message}"))
        if check.remedy:
            yield _unbroken(f"{_INDENT}{check.remedy}")
        if check.see:
            yield _unbroken(f"{_INDENT}see {check.see}", "dim")
    yield Text()
    yield _unbroken(_conclusion(checks))


def _conclusion(checks: Sequence[Check]) -> str:
    counted = {status: sum(each.status is status for each in checks) for status in Status}
    parts = [
        f"{count} {word}"
        for status, word in (
            (Status.FAILED, "failed"),
            (Status.WARNING, "to look at"),
            (Status.UNKNOWN, "not checked"),
        )
        if (count := counted[status])
    ]
    return f"{len(checks)} checks: {', '.join(parts) or 'all in order'}"


def _unbroken(text: str, style: str = "") -> Text:
    return _unwrapped(styled(text, style))


def _unwrapped(text: Text) -> Text:
    text.no_wrap = True
    return text
