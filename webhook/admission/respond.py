"""Render an evaluation as an answer, by the operator's mode."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from webhook.admission.patch import pod_patch
from webhook.admission.review import AdmissionResponse
from webhook.domain.ceiling.sizing import Sizing
from webhook.domain.evaluation.evidence import preview
from webhook.domain.evaluation.outcome import Evaluation, Outcome, Verdict
from webhook.domain.evaluation.remedies import remedies
from webhook.domain.kubernetes.pod import Container
from webhook.domain.kubernetes.quantity import format_bytes, format_mebibytes
from webhook.domain.policy.settings import Mode
from webhook.domain.reasons import EXPLANATIONS, Reason
from webhook.domain.redis.command_line import render_options

WARNING_LENGTH = 255
"""Characters of one warning: the API server cuts longer ones to 256 when there are many."""

AUDIT_LENGTH = 16_384
"""Characters of one audit annotation: each stands in an event of the API server's audit log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgrown:
    """A server that keeps a ceiling of ours, and the one that its Pod created anew would get.

    Source: https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/:
    a resize in place changes no args, and starts no container anew unless its policy says so.
    """

    container: Container
    kept: Sizing
    anew: Sizing


def respond(evaluation: Evaluation) -> AdmissionResponse:
    """Answer for a Pod: in enforce mode inject or refuse, in audit mode only tell.

    A Redis without a memory limit is denied with 403 under enforce, and allowed with the warning
    `audit: container "redis" would be refused: …` under audit.
    """
    match evaluation.settings.mode:
        case Mode.ENFORCE:
            return _enforce(evaluation)
        case Mode.AUDIT:
            return _audit(evaluation)
        case mode:
            assert_never(mode)


def respond_to_violations(
    evaluation: Evaluation,
    violations: Sequence[Outcome],
    outgrown: Sequence[Outgrown] = (),
    *,
    is_new: bool = False,
) -> AdmissionResponse:
    """Answer for a Pod's final state: some servers run unguarded, others could have more.

    In audit mode nothing was injected into a new Pod, so that a server without its ceiling is no
    refusal: it is told that it starts so.
    """
    unguarded = [_unguarded(outcome) for outcome in violations]
    if violations and evaluation.settings.mode is Mode.ENFORCE:
        return AdmissionResponse(
            allowed=False,
            message=denial(unguarded),
            audit_annotations=_audit_annotations(evaluation, "deny"),
        )
    refused = [outcome for outcome in unguarded if outcome.denied or not is_new]
    bare = [outcome for outcome in unguarded if outcome not in refused]
    told = (*map(_would_refuse, refused), *map(_starts_bare, bare))
    return AdmissionResponse(
        allowed=True,
        warnings=(*_audited(told), *_cut(map(_keeps, outgrown))),
        audit_annotations=_audit_annotations(
            evaluation, "would-deny" if refused else "allow", refused
        ),
    )


def advice(evaluation: Evaluation) -> tuple[str, ...]:
    """Warn of what would become of a workload's Pods: refusals first.

    In audit mode, what each server would start with too: nothing else shows it.
    """
    refusals, rest = _refusals(evaluation), (*_verdicts(evaluation), *_warnings(evaluation))
    if evaluation.settings.mode is Mode.ENFORCE:
        return _cut([*refusals, *rest])
    return _audited([*refusals, *_starts(evaluation), *rest])


def denial(outcomes: Sequence[Outcome]) -> str:
    """Write the message of a denial: every refused container with its reason and its remedy.

    What the remedy would give comes last: where the message is cut, as an event is, the rest stays.
    """
    blocks = (
        f"{_name(outcome.container)}: {_printable(outcome.message)} ({outcome.reason}). "
        + "\n".join(_printable(line) for text in remedies(outcome) for line in text.split("\n"))
        for outcome in outcomes
    )
    return "\n".join((*blocks, *preview(outcomes)))


def _enforce(evaluation: Evaluation) -> AdmissionResponse:
    if evaluation.denied:
        return AdmissionResponse(
            allowed=False,
            message=denial(evaluation.denied),
            warnings=_cut(_warnings(evaluation)),
            audit_annotations=_audit_annotations(evaluation, "deny"),
        )
    patch = pod_patch(evaluation)
    return AdmissionResponse(
        allowed=True,
        warnings=_cut([*_verdicts(evaluation), *_warnings(evaluation)]),
        audit_annotations=_audit_annotations(evaluation, "inject" if patch else "allow"),
        patch=patch,
    )


def _audit(evaluation: Evaluation) -> AdmissionResponse:
    decision = "deny" if evaluation.denied else "inject" if pod_patch(evaluation) else "allow"
    return AdmissionResponse(
        allowed=True,
        warnings=_audited([*_would(evaluation), *_verdicts(evaluation), *_warnings(evaluation)]),
        audit_annotations=_audit_annotations(evaluation, f"would-{decision}", evaluation.denied),
    )


def _would(evaluation: Evaluation) -> Iterator[str]:
    yield from map(_would_refuse, evaluation.denied)
    yield from _starts(evaluation)


def _starts(evaluation: Evaluation) -> Iterator[str]:
    """Say with which ceiling and policy each server would start, where the Pod would at all."""
    for outcome in evaluation.servers:
        if outcome.options and not evaluation.denied:
            yield f"{_name(outcome.container)} would start with {render_options(outcome.options)}"


def _refusals(evaluation: Evaluation) -> Iterator[str]:
    is_enforced = evaluation.settings.mode is Mode.ENFORCE
    become = "its Pods are refused" if is_enforced else "its Pods would be refused"
    for outcome in evaluation.denied:
        told = f"{_name(outcome.container)}: {outcome.message}; {become}"
        if outcome.reason is Reason.NO_MEMORY_LIMIT:
            told += ", unless a LimitRange gives them one"
        yield told


def _would_refuse(outcome: Outcome) -> str:
    return f"{_name(outcome.container)} would be refused: {outcome.message}"


def _starts_bare(outcome: Outcome) -> str:
    return f"{_name(outcome.container)} starts without a working memory ceiling"


def _keeps(outgrown: Outgrown) -> str:
    kept, anew = outgrown.kept, outgrown.anew
    return (
        f"{_name(outgrown.container)} keeps its maxmemory of {format_mebibytes(kept.maxmemory)} "
        f"under its new limit of {format_bytes(anew.limit)} until its Pod is created anew, which "
        f"gives it {format_mebibytes(anew.maxmemory)}"
    )


def _verdicts(evaluation: Evaluation) -> Iterator[str]:
    for outcome in evaluation.servers:
        if outcome.verdict not in (Verdict.UNENFORCEABLE, Verdict.ADJUST) or outcome.denied:
            continue
        yield f"{_name(outcome.container)}: {outcome.message}"
        if outcome.verdict is Verdict.UNENFORCEABLE:
            # Warnings of their own: together they would be cut.
            for remedy in (EXPLANATIONS[outcome.reason].remedy, outcome.chart_settings):
                if remedy:
                    yield f"{_name(outcome.container)}: {remedy}"


def _warnings(evaluation: Evaluation) -> Iterator[str]:
    for outcome in evaluation.servers:
        for warning in outcome.warnings:
            yield f"{_name(outcome.container)}: {warning.message}"
    for warning in evaluation.warnings:
        yield warning.message


def _audit_annotations(
    evaluation: Evaluation, decision: str, would_refuse: Sequence[Outcome] = ()
) -> dict[str, str]:
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
    lines = "\n".join(map(_printable, text[:AUDIT_LENGTH].split("\n")))
    return lines if len(text) <= AUDIT_LENGTH else f"{lines[: AUDIT_LENGTH - 1]}…"


def _unguarded(outcome: Outcome) -> Outcome:
    if outcome.denied or outcome.sizing is None:
        return outcome
    limit = format_mebibytes(outcome.sizing.limit)
    message = f"it would run without a working memory ceiling below its limit of {limit}"
    return replace(
        outcome,
        reason=Reason.CEILING_UNDONE,
        message=message,
        remedy=f"It needs {render_options(outcome.options)}",
    )


def _name(container: Container) -> str:
    return f'container "{_printable(container.name)}"'


def _cut(warnings: Iterable[str]) -> tuple[str, ...]:
    lines = (_printable(" ".join(warning.split())) for warning in warnings)
    return tuple(
        line if len(line) <= WARNING_LENGTH else f"{line[: WARNING_LENGTH - 1]}…" for line in lines
    )


def _audited(warnings: Iterable[str]) -> tuple[str, ...]:
    """Say in front of each that nothing of it is done."""
    return _cut(f"audit: {warning}" for warning in warnings)


def _printable(text: str) -> str:
    """Take out what a terminal obeys: names are not yet validated when a webhook sees them."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
