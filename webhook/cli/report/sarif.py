"""The report as SARIF 2.1.0, which code hosts show beside the changed lines.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never
from urllib.parse import quote

from webhook import __version__
from webhook.cli.input.sources import STANDARD_INPUT
from webhook.cli.input.unread import UnreadKind
from webhook.cli.report.finding import FileLocation, Finding, Location, ObjectLocation
from webhook.domain.evaluation.outcome import Verdict
from webhook.domain.reasons import EXPLANATIONS, Reason

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_RULES = {reason: index for index, reason in enumerate(Reason)}
_LEVELS = {
    Verdict.INJECT: "note",
    Verdict.ADJUST: "warning",
    Verdict.DENY: "warning",
    Verdict.UNENFORCEABLE: "warning",
}


def render_sarif(findings: Iterable[Finding], unread: Sequence[UnreadKind] = ()) -> str:
    """Write findings as one SARIF run: denied is an error, a note needs nothing to be done.

    Kinds that are `unread` become notices of the run.
    """
    run: dict[str, object] = {
        "tool": {
            "driver": {
                "name": "redis-memory-guard",
                "semanticVersion": __version__,
                "rules": [_rule(reason) for reason in Reason],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [result for finding in findings for result in _results(finding)],
    }
    if unread:
        notices = [_notice(each) for each in unread]
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": notices}]
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _notice(unread: UnreadKind) -> dict[str, object]:
    """Say that a kind is not read: a notice of the run, as it is no result of any rule."""
    return {
        "level": "warning",
        "message": {"text": str(unread)},
        "locations": [_in_file(unread.source, unread.line)],
    }


def _rule(reason: Reason) -> dict[str, object]:
    explanation = EXPLANATIONS[reason]
    rule: dict[str, object] = {
        "id": str(reason),
        "shortDescription": {"text": explanation.sentence},
    }
    if explanation.remedy:
        rule["help"] = {"text": explanation.remedy}
    return rule


def _results(finding: Finding) -> Iterator[dict[str, object]]:
    outcome = finding.outcome
    level = "error" if outcome.denied else _LEVELS.get(outcome.verdict)
    if level is not None:
        yield _result(finding, outcome.reason, level, outcome.message)
    for warning in finding.warnings:
        yield _result(finding, warning.reason, "warning", warning.message)


def _result(finding: Finding, reason: Reason, level: str, message: str) -> dict[str, object]:
    return {
        "ruleId": str(reason),
        "ruleIndex": _RULES[reason],
        "level": level,
        "message": {"text": f"{finding.title}: {message}"},
        "locations": [
            {
                **_physical(finding.location),
                "logicalLocations": [{"fullyQualifiedName": finding.title, "kind": "member"}],
            }
        ],
    }


def _physical(location: Location) -> dict[str, object]:
    """Give the place in a file; code hosts show nothing of a result that has none."""
    match location:
        case FileLocation(source=source, line=line):
            return _in_file(source, line)
        case ObjectLocation():
            return _at(quote(str(location), safe="/~"), 1)
        case _:
            assert_never(location)


def _in_file(source: str, line: int) -> dict[str, object]:
    is_input = source == STANDARD_INPUT
    return _at("stdin" if is_input else quote(source.removeprefix("./"), safe="/~"), line)


def _at(uri: str, line: int) -> dict[str, object]:
    region = {"startLine": line}
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
