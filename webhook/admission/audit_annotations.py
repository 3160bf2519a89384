"""The audit annotations of an answer: what the API server's audit log keeps of a decision."""

import json
from collections.abc import Sequence

from webhook.admission.denial import denial
from webhook.admission.patch import pod_patch
from webhook.admission.printable import printable
from webhook.domain.evaluation.outcome import Evaluation, Outcome

AUDIT_LENGTH = 16_384
"""Characters of one audit annotation: each stands in an event of the API server's audit log."""


def audit_annotations(
    evaluation: Evaluation, decision: str, would_refuse: Sequence[Outcome] = ()
) -> dict[str, str]:
    """Tell the audit log what was decided on the servers of a Pod; nothing where it has none.

    `would_refuse` are those that enforce mode would refuse.
    """
    servers = evaluation.servers
    if not servers:
        return {}
    annotations = {
        "decision": decision,
        "reason": ",".join(f"{each.container.name}={each.reason}" for each in servers),
    }
    sized = [each for each in servers if each.sizing is not None]
    for name in ("limit", "maxmemory"):
        values = ",".join(f"{each.container.name}={getattr(each.sizing, name)}" for each in sized)
        if values:
            annotations[name] = values
    if decision == "would-inject":
        annotations["patch"] = _patch_text(evaluation)
    if would_refuse:
        annotations["denial"] = denial(would_refuse)
    return {name: _audit_text(value) for name, value in annotations.items()}


def _patch_text(evaluation: Evaluation) -> str:
    """Write the exact patch in ASCII; where it would be cut, what is left would be none."""
    text = json.dumps(pod_patch(evaluation), separators=(",", ":"))
    return text if len(text) <= AUDIT_LENGTH else f"too long to be shown: {len(text)} characters"


def _audit_text(text: str) -> str:
    lines = "\n".join(map(printable, text[:AUDIT_LENGTH].split("\n")))
    return lines if len(text) <= AUDIT_LENGTH else f"{lines[: AUDIT_LENGTH - 1]}…"
