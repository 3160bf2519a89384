"""The record of what was set, from which it can be undone."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from webhook.audit.apply_plan import Setting
from webhook.audit.applying import Applied
from webhook.cli.report.text import json_text
from webhook.cluster.execution import ExecTarget

VERSION = 1


class ApplyRecordError(Exception):
    """A file that is no record."""


def encode_applied(applied: Applied) -> Mapping[str, object]:
    """Give one server's entry."""
    target = applied.target
    return {
        "workload": applied.workload,
        "namespace": target.namespace,
        "pod": target.pod,
        "container": target.container,
        "runId": applied.run_id,
        "settings": [
            {"directive": each.directive, "before": each.before, "after": each.after}
            for each in applied.settings
        ],
        "problem": applied.problem,
    }


def write_record(path: Path, applied: Sequence[Applied]) -> None:
    """Write the record whole; it is written anew after each server."""
    content = {"recordVersion": VERSION, "applied": [encode_applied(each) for each in applied]}
    path.write_text(json_text(content))


def read_record(path: Path) -> tuple[Applied, ...]:
    """Read a record; raises ApplyRecordError for a file that is none."""
    try:
        content = json.loads(path.read_text())
        if content["recordVersion"] != VERSION:
            raise ApplyRecordError(f"{path}: is of another version")
        return tuple(_decode(entry) for entry in content["applied"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ApplyRecordError(f"{path}: is no record of apply: {error!r}") from None


def _decode(entry: Mapping[str, Any]) -> Applied:
    return Applied(
        workload=str(entry["workload"]),
        target=ExecTarget(
            namespace=str(entry["namespace"]),
            pod=str(entry["pod"]),
            container=str(entry["container"]),
        ),
        run_id=str(entry["runId"]),
        settings=tuple(
            Setting(
                directive=_directive(each["directive"]),
                before=str(each["before"]),
                after=str(each["after"]),
            )
            for each in entry["settings"]
        ),
    )


def _directive(name: object) -> str:
    """Check a directive: a record may come from anyone, and sets what `apply` sets at most."""
    if name not in ("maxmemory", "maxmemory-policy", "save"):
        raise ValueError(f"not a directive of apply: {name!r}")
    return str(name)
